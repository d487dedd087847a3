// Generated from contracts/*.sol by scripts/compileContracts.ts with solc 0.8.37+commit.f401782d.Emscripten.clang; do not edit.
export const codeHashes = {
  membership: '0x19f28fbc744ea88eb617a8d9335e0fc771533c0176c5eef067b88e2df0af33db',
  judgement: '0x8408c75a4909461bd1dddb059eb9231e9c7452d73d2e70d3fc74a26cef61cf6a',
  proofs: '0x0e272120d74f87ba6e812397851790681e50f4e049712a8b101a427de1ced9bf',
  views: '0xa0313e4768065daddea28eead05e02dafb0a2ce29950418fdb3d1c0bd5dbca89',
  nonet: '0xdb2efe58fd96015a4f74f619f3106784cfd82020779a4091b1d909e5a1b9e474',
} as const;
