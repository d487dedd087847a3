// Generated from contracts/*.sol by scripts/compileContracts.ts with solc 0.8.37+commit.f401782d.Emscripten.clang; do not edit.
export const codeHashes = {
  membership: '0x35bad85419907a2814c141ff1f6ef9806cabe5ca0216916397ec28bd0a07fd3e',
  judgement: '0xbaf76166f73f9dbbbc4af959822a615cc3cfaa23decb80ff8c1a5044619a2d70',
  masks: '0x091d8da16dd27f70db91ccca9bbe526001a98f3f38a936eaa89ba5eab40ec053',
  proofs: '0xbbc9f8e31e5141cb849d4e5b41366ad36e8b02a35a8e78a8c53ac2b5ae4804a1',
  views: '0xa0b1274224bf66f475ac069fdabd2cea2ecab4d10e012d420fd7f8629294101d',
  nonet: '0x414ac0f39426a1d291fb27d12700e1c2fe6e2ef06a7287f3392c97a7f8a5d9ba',
} as const;
