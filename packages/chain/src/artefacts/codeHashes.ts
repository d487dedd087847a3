// Generated from contracts/*.sol by scripts/compileContracts.ts with solc 0.8.37+commit.f401782d.Emscripten.clang; do not edit.
export const codeHashes = {
  membership: '0x1e69e4eb818e4f25673f7ce4d5156168cb0d1ecb5b35563787079312d2845be4',
  judgement: '0x145b9ca712046da69bee080f4ba9cfa434fc114388f59bf93a9cf4df4ea7db0c',
  proofs: '0x9063ce65ea68fae45a3bb7e50956cdf200ce9337fb933e094d53a46132844714',
  views: '0x78705b57b07bcaf4199f39714fa7ac34c2c746ea77994236234dbac20ee04a52',
  nonet: '0x2770d4332bb5ce3ef49f53461f5218b48262e00cae38cfafa43db189e4e9788b',
} as const;
