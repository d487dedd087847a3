// Generated from contracts/*.sol by scripts/compileContracts.ts with solc 0.8.37+commit.f401782d.Emscripten.clang; do not edit.
export const codeHashes = {
  membership: '0x19f28fbc744ea88eb617a8d9335e0fc771533c0176c5eef067b88e2df0af33db',
  judgement: '0x531b35a42574f40755ce224dbf7eb33c952b169020ee088620fd8011efa739ec',
  proofs: '0x0e272120d74f87ba6e812397851790681e50f4e049712a8b101a427de1ced9bf',
  views: '0xa0313e4768065daddea28eead05e02dafb0a2ce29950418fdb3d1c0bd5dbca89',
  nonet: '0xb50fdc3853fd7809057de88500115c8dfed5233ce278d3667d40047abc829ffe',
} as const;
