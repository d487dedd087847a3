import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromHex, utf8 } from './bytes.ts';
import { addressOf } from './contentTree.ts';
import type { Address } from './hash.ts';
import { createMerkleAccumulator, leafHash, merklePath, merkleRoot, verifyMerklePath } from './merkle.ts';

/**
 * The reference leaves, roots and paths of Certificate Transparency:
 * google/certificate-transparency, cpp/merkletree/merkle_tree_test.cc; also
 * transparency-dev/merkle, testonly/constants.go.
 */
const inputs = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
];
const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const leaves = inputs.map((hex) => leafHash(fromHex(`0x${hex}`)));
const address = (hex: string) => `0x${hex}` as Address;

test.each(roots.map((root, count) => [count, root] as const))(
  'root of the first %i leaves',
  (count, root) => {
    expect(merkleRoot(leaves.slice(0, count))).toBe(address(root));
  },
);

test.each([
  [
    0,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    5,
    [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
])('path of leaf %i of 8', (index, path) => {
  expect(merklePath(leaves, index)).toEqual(path.map(address));
});

const many = Array.from({ length: 37 }, (_, i) => leafHash(utf8(`leaf ${i}`)));

test('every path of every tree size is accepted at its place and nowhere else', () => {
  for (let count = 1; count <= many.length; count++) {
    const tree = many.slice(0, count);
    const root = merkleRoot(tree);
    for (let index = 0; index < count; index++) {
      const path = merklePath(tree, index);
      for (let at = -1; at <= count; at++) {
        expect(verifyMerklePath(root, tree[index]!, at, count, path)).toBe(at === index);
      }
    }
  }
});

test('a changed leaf, root, sibling, order or length of the path is refused', () => {
  const root = merkleRoot(many);
  const other = addressOf(utf8('other'));
  fc.assert(
    fc.property(fc.nat(many.length - 1), (index) => {
      const path = merklePath(many, index);
      expect(verifyMerklePath(root, other, index, many.length, path)).toBe(false);
      expect(verifyMerklePath(other, many[index]!, index, many.length, path)).toBe(false);
      expect(verifyMerklePath(root, many[index]!, index, many.length, path.slice(1))).toBe(false);
      expect(verifyMerklePath(root, many[index]!, index, many.length, path.slice(0, -1))).toBe(false);
      expect(verifyMerklePath(root, many[index]!, index, many.length, [...path, other])).toBe(false);
      expect(verifyMerklePath(root, many[index]!, index, many.length, path.toReversed())).toBe(
        path.length < 2,
      );
      for (let depth = 0; depth < path.length; depth++) {
        expect(verifyMerklePath(root, many[index]!, index, many.length, path.with(depth, other))).toBe(false);
      }
    }),
  );
});

test('an inner node is not accepted as a leaf', () => {
  const tree = many.slice(0, 4);
  const inner = merkleRoot(tree.slice(0, 2));
  expect(verifyMerklePath(merkleRoot(tree), inner, 0, 2, [merkleRoot(tree.slice(2))])).toBe(true); // of another count
  expect(verifyMerklePath(merkleRoot(tree), inner, 0, 4, [merkleRoot(tree.slice(2))])).toBe(false);
  expect(leafHash(utf8(''))).not.toBe(addressOf(utf8('')));
});

test.each([
  ['fractional index', many[0]!, 0.5, 2, [many[1]!]],
  ['infinite count', many[0]!, 0, Number.POSITIVE_INFINITY, [many[1]!]],
  ['negative index', many[0]!, -1, 2, [many[1]!]],
  ['no leaves', many[0]!, 0, 0, []],
  ['a leaf that is no hash', 'leaf' as Address, 0, 2, [many[1]!]],
  ['a sibling that is no hash', many[0]!, 0, 2, ['sibling' as Address]],
  ['a count beyond 32 bits and a path a million long', many[0]!, 0, 2 ** 40 + 1, Array(1e6).fill(many[1])],
])('hostile input is false, not an exception: %s', (_, leaf, index, count, path) => {
  expect(verifyMerklePath(merkleRoot(many), leaf, index, count, path)).toBe(false);
});

test.each([-1, 37, 1.5, Number.NaN])('there is no path of leaf %d', (index) => {
  expect(() => merklePath(many, index)).toThrow(expect.objectContaining({ code: 'merkle.index' }));
});

test('an accumulator has the root of all leaves so far, for every count up to 70', () => {
  const many = Array.from({ length: 70 }, (_, i) => leafHash(Uint8Array.of(i)));
  const accumulator = createMerkleAccumulator();
  expect(accumulator.root()).toBe(merkleRoot([]));
  for (const [i, leaf] of many.entries()) {
    accumulator.append(leaf);
    expect(accumulator.count).toBe(i + 1);
    expect(accumulator.root()).toBe(merkleRoot(many.slice(0, i + 1)));
  }
});
