// Generated from contracts/*.sol by scripts/compileContracts.ts with solc 0.8.37+commit.f401782d.Emscripten.clang; do not edit.
export const codeHashes = {
  membership: '0x95d9e139ddf8ca9dad4001c32c536b49f00388d937ad9a2cc145613975818092',
  judgement: '0x2057601a12ab6e7c00c70ddc44ce9492d067e9a62709431fe9735ac8a5bd7b62',
  masks: '0xc7ba862fcaff9e6dfe9c87fdcf23ea0dc2df3971d81a440e6829b4c190162dc0',
  proofs: '0xe8fad4848691240c974803e4767fce1e4c3e32e11ca2a7487d29c5355d73b511',
  views: '0x209ddbea48e9f002055bb7c8933f0b36e865370b8381b61ba320f9a6cfae3e87',
  nonet: '0x597050a221454b24f63bb7e635a169335200989f56c8e5f7a9186c5bd9d2870d',
} as const;
