// Generated from contracts/*.sol by scripts/compileContracts.ts with solc 0.8.37+commit.f401782d.Emscripten.clang; do not edit.
export const codeHashes = {
  membership: '0xf0a7fa2db196058c170358c54fbe9fc3c5c384f8f67f9c181ae34c699ff29b72',
  judgement: '0xbaf76166f73f9dbbbc4af959822a615cc3cfaa23decb80ff8c1a5044619a2d70',
  masks: '0x90be7472167ecd5f1d1d24cede840172812da7463d667e416f281efdffe1f507',
  proofs: '0xbbc9f8e31e5141cb849d4e5b41366ad36e8b02a35a8e78a8c53ac2b5ae4804a1',
  views: '0xa0b1274224bf66f475ac069fdabd2cea2ecab4d10e012d420fd7f8629294101d',
  nonet: '0xce87b11d933c9355b53d05d090102e57837128cb160f262f0a7de87eac2c9ef6',
} as const;
