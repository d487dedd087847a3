import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes, fromHex, toHex, utf8 } from '@nonet/core';
import { expect, test } from 'vitest';
import { Transcript } from '../transcript.ts';
import { createWorkspace, digestSize } from './hashKernels.ts';

const workspace = createWorkspace();
const { field } = workspace;
const word = (...values: number[]) => new Uint8Array(Uint32Array.from(values).buffer);

test('Keccak-256 of nothing and of abc (Keccak team, KeccakKAT; EIP-1052 for the first)', () => {
  expect(toHex(workspace.hash())).toBe('0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470');
  expect(toHex(workspace.hash(utf8('abc')))).toBe(
    '0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45',
  );
});

test('Keccak-256 of every length around the rate equals that of @noble/hashes', () => {
  const bytes = Uint8Array.from({ length: 300 }, (_, i) => (i * 37 + 11) % 256);
  for (let length = 0; length <= 300; length++) {
    expect(toHex(workspace.hash(bytes.subarray(0, length)))).toBe(
      toHex(keccak_256(bytes.subarray(0, length))),
    );
  }
});

test('leaves and nodes are the hashes of §4.4, at any number of entries and leaves', () => {
  for (const [count, words] of [
    [1, 1],
    [2, 4],
    [3, 5],
    [5, 31],
    [4, 32],
    [7, 33],
    [2, 66],
    [3, 97],
  ] as const) {
    const width = Math.ceil(words / 4) * 16;
    const data = field.allocate(count * width + 16);
    const entries = field.words(data, (count * width) / 4);
    for (let i = 0; i < entries.length; i++) entries[i] = Math.imul(i + 1, 0x9e3779b1);
    const numbers = field.allocate(4 * count);
    field.words(numbers, count).set(Array.from({ length: count }, (_, i) => 100 + 3 * i));
    const out = field.allocate((count + 1) * digestSize);
    workspace.hashLeaves(out, data, count, width, words, numbers);
    const leaves = Array.from({ length: count }, (_, i) =>
      keccak_256(concatBytes(word(0, 100 + 3 * i), field.bytes(data + i * width, 4 * words).slice())),
    );
    expect(
      Array.from({ length: count }, (_, i) => field.bytes(out + i * digestSize, digestSize).slice()),
    ).toEqual(leaves);
    const pairs = count >> 1;
    const nodes = field.allocate((pairs + 1) * digestSize);
    workspace.hashNodes(nodes, out, pairs, 7);
    for (let i = 0; i < pairs; i++) {
      const expected = keccak_256(concatBytes(word(1, 7), leaves[2 * i], leaves[2 * i + 1]));
      expect(field.bytes(nodes + i * digestSize, digestSize).slice()).toEqual(expected);
    }
  }
});

test('the transcript is the chain of §3, written here with @noble/hashes', () => {
  const label = (text: string) => concatBytes(word(text.length), utf8(text));
  let state: Uint8Array = keccak_256(utf8('domain'));
  const transcript = new Transcript(workspace, 'domain');
  transcript.absorb('note', fromHex('0x010203'));
  state = keccak_256(concatBytes(Uint8Array.of(0), state, label('note'), word(3), Uint8Array.of(1, 2, 3)));
  const blocks = [0, 1, 2].map((i) =>
    keccak_256(concatBytes(Uint8Array.of(1), state, label('draw'), word(i))),
  );
  const limbs = blocks
    .flatMap((block) => [...new Uint32Array(block.slice().buffer)])
    .map((limb) => limb & 0x7fffffff)
    .filter((limb) => limb < 2013265921);
  expect(transcript.elements('draw', 3)).toEqual([limbs.slice(0, 4), limbs.slice(4, 8), limbs.slice(8, 12)]);
  state = keccak_256(concatBytes(Uint8Array.of(2), state, label('draw')));
  const first = keccak_256(concatBytes(Uint8Array.of(1), state, label('places'), word(0)));
  expect(transcript.indices('places', 8, 5)).toEqual(
    [...new Uint32Array(first.slice().buffer)].map((w) => w & 31),
  );
});

test('what is absorbed under another label, cut elsewhere or in another order draws something else', () => {
  const draw = (...absorbed: [string, number[]][]) => {
    const transcript = new Transcript(workspace, 'domain');
    for (const [name, bytes] of absorbed) transcript.absorb(name, Uint8Array.from(bytes));
    return String(transcript.elements('draw', 1));
  };
  const draws = [
    draw(['a', [1, 2]]),
    draw(['b', [1, 2]]),
    draw(['a', [1]], ['a', [2]]),
    draw(['a', [2]], ['a', [1]]),
    draw(['a', [1, 2, 0]]),
    draw(['a1', [2]]),
    draw(),
  ];
  expect(new Set(draws).size).toBe(draws.length);
});
