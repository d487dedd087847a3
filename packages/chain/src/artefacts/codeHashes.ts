// Generated from contracts/*.sol by scripts/compileContracts.ts with solc 0.8.37+commit.f401782d.Emscripten.clang; do not edit.
export const codeHashes = {
  membership: '0x1e69e4eb818e4f25673f7ce4d5156168cb0d1ecb5b35563787079312d2845be4',
  judgement: '0x3159abcee15a8e8740cc5d90bfc62aec480cc8ff9d873e5ef26b5b8344fce9b9',
  proofs: '0x374c72dbbaa8610c7a250a20714a3bd048e491798782761cf8f61afba2a81734',
  views: '0x2484901f1788457b5ef9163dad94067ac135e505dc0ed0d092ee1c21bb9b9f87',
  nonet: '0xbbfd1bd156123e781833d7306c30de3efb0fd5050011c7120d6fd069c19b4c71',
} as const;
