// Generated from contracts/*.sol by scripts/compileContracts.ts with solc 0.8.37+commit.f401782d.Emscripten.clang; do not edit.
export const codeHashes = {
  membership: '0x1e69e4eb818e4f25673f7ce4d5156168cb0d1ecb5b35563787079312d2845be4',
  judgement: '0x3159abcee15a8e8740cc5d90bfc62aec480cc8ff9d873e5ef26b5b8344fce9b9',
  proofs: '0x6276f0b81ea53774e31e1890e06611e4e2d7bf31db1f7f23fdffa8b3f0a695fc',
  views: '0x2484901f1788457b5ef9163dad94067ac135e505dc0ed0d092ee1c21bb9b9f87',
  nonet: '0x80d68238b2c86cd0f9e135c90685b54d5913e6a7edceed3a024e955a77485523',
} as const;
