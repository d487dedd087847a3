// Generated from contracts/*.sol by scripts/compileContracts.ts with solc 0.8.37+commit.f401782d.Emscripten.clang; do not edit.
export const codeHashes = {
  membership: '0x1e69e4eb818e4f25673f7ce4d5156168cb0d1ecb5b35563787079312d2845be4',
  judgement: '0x3159abcee15a8e8740cc5d90bfc62aec480cc8ff9d873e5ef26b5b8344fce9b9',
  proofs: '0x374c72dbbaa8610c7a250a20714a3bd048e491798782761cf8f61afba2a81734',
  views: '0x78705b57b07bcaf4199f39714fa7ac34c2c746ea77994236234dbac20ee04a52',
  nonet: '0x8c1a6adba6d71169778bc12c043bdbb8cd25e3e077afdcc39b5c5a95cd68818c',
} as const;
