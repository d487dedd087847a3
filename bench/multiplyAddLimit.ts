/**
 * What a core can do at most in 128-bit vectors of f32 without fusing: a WebAssembly loop that
 * multiplies and adds in 14 registers and touches no memory. Emitted here, since a compiler would
 * rearrange it; WebAssembly core specification, 5.4 (instructions) and 5.5 (modules).
 */

/**
 * Independent chains, so that no sum waits for another; with the factor they take 15 of the 16
 * vector registers of x64.
 */
const chains = 14;
const flopPerTurn = chains * 2 * 4;

const op = {
  loop: 0x03,
  branchIf: 0x0d,
  end: 0x0b,
  get: 0x20,
  set: 0x21,
  tee: 0x22,
  i32Const: 0x41,
  i32Sub: 0x6b,
};
const type = { i32: 0x7f, f32: 0x7d, v128: 0x7b, none: 0x40 };
const vector = { splat: 0x13, extractLane0: 0x1f, add: 0xe4, mul: 0xe6 };

/** Vector opcodes above 127 take two bytes of LEB128. */
const simd = (opcode: number) => (opcode < 0x80 ? [0xfd, opcode] : [0xfd, opcode, 0x01]);
const sized = (bytes: readonly number[]) =>
  bytes.length < 0x80
    ? [bytes.length, ...bytes]
    : [(bytes.length & 0x7f) | 0x80, bytes.length >> 7, ...bytes];
const section = (id: number, bytes: readonly number[]) => [id, ...sized(bytes)];
const get = (local: number) => [op.get, local];
const set = (local: number) => [op.set, local];

/**
 * (turns: i32, x: f32) -> f32: c = x + c * x in each chain, `turns` times; then their sum, so that
 * none can be left out.
 */
export function multiplyAddModule(): Uint8Array<ArrayBuffer> {
  const [turns, x, factor] = [0, 1, 2];
  const chain = Array.from({ length: chains }, (_, i) => factor + 1 + i);
  const body = [
    ...[1, 1 + chains, type.v128],
    ...[...get(x), ...simd(vector.splat), ...set(factor)],
    ...[op.loop, type.none],
    ...chain.flatMap((c) => [
      ...get(factor),
      ...[...get(c), ...get(factor), ...simd(vector.mul)],
      ...[...simd(vector.add), ...set(c)],
    ]),
    ...[...get(turns), op.i32Const, 1, op.i32Sub, op.tee, turns, op.branchIf, 0, op.end],
    ...get(chain[0]!),
    ...chain.slice(1).flatMap((c) => [...get(c), ...simd(vector.add)]),
    ...[...simd(vector.extractLane0), 0, op.end],
  ];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 2, type.i32, type.f32, 1, type.f32]),
    ...section(3, [1, 0]),
    ...section(7, [1, 1, 0x66, 0, 0]),
    ...section(10, [1, ...sized(body)]),
  ]);
}

/** Runs the loop and returns the operations that it did. */
export function createMultiplyAddLimit(): (turns: number) => number {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(multiplyAddModule()));
  const run = exports.f as (turns: number, x: number) => number;
  return (turns) => {
    run(turns, 0.5);
    return turns * flopPerTurn;
  };
}
