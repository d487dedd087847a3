// Generated from contracts/*.sol by scripts/compileContracts.ts with solc 0.8.37+commit.f401782d.Emscripten.clang; do not edit.
export const codeHashes = {
  membership: '0x19f28fbc744ea88eb617a8d9335e0fc771533c0176c5eef067b88e2df0af33db',
  judgement: '0xfe9f0d3027b5d26833f15846ab42632235842020dcc14784e39062fe3e385483',
  proofs: '0x0e272120d74f87ba6e812397851790681e50f4e049712a8b101a427de1ced9bf',
  views: '0x314a1779b04a35afbcef52461ac508b164b5ceccf8a6d54e967973bdfa1c5d21',
  nonet: '0x9c9f7705886e3f2c31035b1e0ce3fabd49e1c8b018ab37e33bea672f8b4fef84',
} as const;
