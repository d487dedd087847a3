import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes, fromHex, type Hex, toHex, utf8 } from './bytes.ts';
import {
  addressOf,
  type ContentProof,
  contentGroupBytes,
  contentOutline,
  contentPath,
  contentPathInHead,
  contentRoot,
  createContentHasher,
  maximumContentBytes,
  verifyContentLeaf,
  verifyGroup,
  verifyOutline,
} from './contentTree.ts';
import { type Address, sha256 } from './hash.ts';

/** The bytes of vectors/content/make.py. */
const blobOf = (length: number) => Uint8Array.from({ length }, (_, i) => i * 167 + Math.floor(i / 256));

interface KnownAnswer {
  readonly length: number;
  readonly address: Address;
  readonly outline: Hex;
  /** By index of the leaf. */
  readonly paths: Readonly<Record<string, readonly Hex[]>>;
}
const file = join(import.meta.dirname, '../../../vectors/content/content.json');
const known: readonly KnownAnswer[] = JSON.parse(readFileSync(file, 'utf8'));

describe.each(known)('$length bytes, as Python has them', ({ length, address, outline, paths }) => {
  const blob = blobOf(length);

  test('address and outline', () => {
    expect(addressOf(blob)).toBe(address);
    expect(toHex(contentOutline(blob))).toBe(outline);
    expect(verifyOutline(address, length, fromHex(outline))).toBe(true);
  });

  test.each(Object.keys(paths).map(Number))('path of leaf %i', (index) => {
    const proof = contentPath(blob, index);
    const leaf = blob.slice(256 * index, 256 * index + 256);
    expect(proof).toEqual({ length, index, leaf, path: paths[index] });
    expect(verifyContentLeaf(address, proof)).toBe(true);
  });
});

/** The definition, docs/specs/content.md §1 and §2, as slow and obvious as it gets. */
function twin(blob: Uint8Array): Address {
  const bigEndian = (value: number, bytes: number) => {
    const view = new DataView(new ArrayBuffer(8));
    view.setBigUint64(0, BigInt(value));
    return new Uint8Array(view.buffer).slice(8 - bytes);
  };
  const leaves: Uint8Array[] = [];
  for (let at = 0; at < blob.length || at === 0; at += 256) {
    const leaf = blob.slice(at, at + 256);
    leaves.push(sha256(concatBytes(utf8('nonet leaf\0'), bigEndian(at / 256, 4), leaf)));
  }
  const root = (hashes: readonly Uint8Array[]): Uint8Array => {
    if (hashes.length === 1) return hashes[0]!;
    let left = 1;
    while (2 * left < hashes.length) left *= 2;
    return sha256(concatBytes(utf8('nonet node\0'), root(hashes.slice(0, left)), root(hashes.slice(left))));
  };
  const top = root(leaves);
  return toHex(sha256(concatBytes(utf8('nonet blob\0'), bigEndian(blob.length, 8), top))) as Address;
}

/** Bytes without a period: no two groups are equal. */
const scattered = (length: number, seed: number) =>
  Uint8Array.from({ length }, (_, i) => Math.imul(i + seed, 0x9e3779b1) >>> 24);

/** Blobs of up to 5 leaves, or of a little more or less than up to 3 groups. */
const blobs = fc
  .tuple(
    fc.oneof(
      fc.nat(1300),
      fc
        .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: -300, max: 300 }))
        .map(([groups, more]) => groups * contentGroupBytes + more),
    ),
    fc.nat(),
  )
  .map(([length, seed]) => scattered(length, seed));
const blobAndLeaf = blobs.chain((blob) =>
  fc.record({ blob: fc.constant(blob), index: fc.nat(Math.max(0, Math.ceil(blob.length / 256) - 1)) }),
);
const flip = (bytes: Uint8Array, at: number) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));

test('the address is that of the definition', () => {
  for (let length = 0; length <= 1100; length++) {
    expect(addressOf(blobOf(length))).toBe(twin(blobOf(length)));
  }
  for (let count = 1; count <= 70; count++) {
    const blob = blobOf(256 * count - (count % 3));
    expect(addressOf(blob)).toBe(twin(blob));
  }
  fc.assert(fc.property(blobs, (blob) => addressOf(blob) === twin(blob)));
  fc.assert(
    fc.property(fc.nat(300_000), (length) => addressOf(blobOf(length)) === twin(blobOf(length))),
    { numRuns: 20 },
  );
});

describe('the hasher', () => {
  test('does not depend on how the bytes are cut, and knows the bytes so far', () => {
    const cuts = fc.array(fc.oneof(fc.nat(300), fc.nat(2 * contentGroupBytes)), { maxLength: 6 });
    fc.assert(
      fc.property(blobs, cuts, (blob, cuts) => {
        const hasher = createContentHasher();
        let at = 0;
        for (const cut of [...cuts, blob.length]) {
          hasher.update(blob.subarray(at, at + cut));
          at = Math.min(at + cut, blob.length);
          const sofar = blob.subarray(0, at);
          expect(hasher.digest()).toEqual({
            address: addressOf(sofar),
            length: at,
            outline: contentOutline(sofar),
          });
        }
      }),
    );
  });

  test('has the address of nothing at first', () => {
    expect(createContentHasher().digest().address).toBe(known[0]!.address);
  });

  test('takes no more than the index of a leaf can count', () => {
    const hasher = createContentHasher();
    hasher.update(Uint8Array.of(1));
    const chunk = { length: maximumContentBytes } as Uint8Array;
    expect(() => hasher.update(chunk)).toThrow(expect.objectContaining({ code: 'content.oversized' }));
    expect(hasher.digest().address).toBe(addressOf(Uint8Array.of(1)));
  });
});

describe('a proof of a leaf', () => {
  test('is accepted for every leaf of every number of leaves', () => {
    for (let count = 1; count <= 40; count++) {
      const blob = blobOf(256 * count - (count % 5));
      const address = addressOf(blob);
      for (let index = 0; index < count; index++) {
        expect(verifyContentLeaf(address, contentPath(blob, index))).toBe(true);
      }
    }
    fc.assert(
      fc.property(blobAndLeaf, ({ blob, index }) =>
        verifyContentLeaf(addressOf(blob), contentPath(blob, index)),
      ),
    );
  });

  test('in the first group is the same from outline and group as from the whole blob', () => {
    const group = contentGroupBytes;
    for (const length of [0, 1, 256, 257, 5000, group - 1, group, group + 1, 2 * group, 5 * group + 700]) {
      const blob = blobOf(length);
      const [outline, head] = [contentOutline(blob), blob.subarray(0, group)];
      const leaves = Math.max(1, Math.ceil(head.length / 256));
      for (const index of [0, 1, 100, 255].filter((index) => index < leaves)) {
        expect(contentPathInHead({ length, outline }, head, index)).toEqual(contentPath(blob, index));
      }
      for (const index of [leaves, -1, 0.5]) {
        expect(() => contentPathInHead({ length, outline }, head, index)).toThrow(
          expect.objectContaining({ code: 'content.index' }),
        );
      }
    }
  });

  test('is refused when any one field is changed', () => {
    const hash = toHex(sha256(utf8('another')));
    fc.assert(
      fc.property(blobAndLeaf, fc.nat(), ({ blob, index }, random) => {
        const address = addressOf(blob);
        const proof = contentPath(blob, index);
        const { leaf, length, path } = proof;
        const changes: readonly Partial<ContentProof>[] = [
          ...[-1, 1, 256, random + 1].map((more) => ({ length: length + more })),
          ...[-1, 1, 2, random + 1].map((more) => ({ index: index + more })),
          ...(leaf.length === 0 ? [] : [{ leaf: flip(leaf, random % leaf.length) }]),
          { leaf: concatBytes(leaf, Uint8Array.of(0)) },
          ...(leaf.length === 0 ? [] : [{ leaf: leaf.slice(1) }, { leaf: leaf.slice(0, -1) }]),
          { path: [...path, hash] },
          { path: [hash, ...path] },
          ...path.flatMap((_, depth) => [
            { path: path.with(depth, hash) },
            { path: path.toSpliced(depth, 1) },
          ]),
          ...(path.length < 2 ? [] : [{ path: path.toReversed() }]),
        ];
        for (const change of changes) {
          expect(verifyContentLeaf(address, { ...proof, ...change }), JSON.stringify(change)).toBe(false);
        }
        expect(verifyContentLeaf(hash as Address, proof)).toBe(false);
      }),
    );
  });

  test('gives, with another leaf, the address of the blob in which that leaf is changed', () => {
    fc.assert(
      fc.property(blobAndLeaf, ({ blob, index }) => {
        const proof = contentPath(blob, index);
        const zeroed = blob.slice();
        zeroed.fill(0, 256 * index, 256 * index + 256);
        const root = contentRoot({ ...proof, leaf: new Uint8Array(proof.leaf.length) });
        expect(root).toBe(addressOf(zeroed));
      }),
    );
  });

  test.each([-1, 3, 0.5, Number.NaN])('does not exist for leaf %d of 3', (index) => {
    expect(() => contentPath(blobOf(600), index)).toThrow(expect.objectContaining({ code: 'content.index' }));
  });

  const proof = contentPath(blobOf(600), 1);
  const hostile: readonly (readonly [string, Partial<Record<keyof ContentProof, unknown>>])[] = [
    ['a fractional length', { length: 600.5 }],
    ['a negative length', { length: -600 }],
    ['an infinite length', { length: Number.POSITIVE_INFINITY }],
    ['a length that is no number', { length: '600' }],
    ['a length that no number holds exactly', { length: 2 ** 53 }],
    [
      'more leaves than 32 bits count',
      { length: maximumContentBytes + 1, path: Array(33).fill(proof.path[0]) },
    ],
    ['a fractional index', { index: 0.5 }],
    ['an index that is no number', { index: '1' }],
    ['no index', { index: undefined }],
    ['an index beyond 32 bits that wraps to the right one', { index: 2 ** 32 + 1 }],
    ['a leaf that is an array', { leaf: [...proof.leaf] }],
    ['no leaf', { leaf: undefined }],
    ['no path', { path: undefined }],
    ['a path that is a text', { path: 'ab' }],
    ['a path with a hole', { path: new Array(2) }],
    ['a sibling that is no hash', { path: ['sibling', proof.path[1]] }],
    ['a sibling in capitals', { path: [proof.path[0]!.toUpperCase(), proof.path[1]] }],
    ['a sibling of 31 bytes', { path: [proof.path[0]!.slice(0, -2), proof.path[1]] }],
    ['a path a million long', { path: Array(1e6).fill(proof.path[0]) }],
  ];
  test.each(hostile)('with %s is false, not an exception', (_, change) => {
    const changed = { ...proof, ...change } as ContentProof;
    expect(contentRoot(changed)).toBe(undefined);
    expect(verifyContentLeaf(addressOf(blobOf(600)), changed)).toBe(false);
  });

  test('of the last leaf of the largest blob can be checked', () => {
    const largest = { length: maximumContentBytes, index: 2 ** 32 - 1, leaf: new Uint8Array(256) };
    const path = Array.from({ length: 32 }, (_, depth) => toHex(new Uint8Array(32).fill(depth)));
    const address = contentRoot({ ...largest, path })!;
    expect(verifyContentLeaf(address, { ...largest, path })).toBe(true);
    expect(verifyContentLeaf(address, { ...largest, path: path.slice(1) })).toBe(false);
    expect(contentRoot({ ...largest, index: 2 ** 31 - 1, path })).not.toBe(address);
  });
});

describe('second preimages', () => {
  const blob = blobOf(1024);
  const address = addressOf(blob);
  const node = (left: Hex, right: Hex) => concatBytes(fromHex(left), fromHex(right));

  test('a node is no leaf, whatever length is claimed', () => {
    const { path } = contentPath(blob, 0);
    const [right, rest] = path as [Hex, Hex];
    const left = contentPath(blob, 1).path[0]!;
    const inner = node(left, right);
    for (const prefix of [new Uint8Array(), utf8('nonet node\0'), new Uint8Array(4)]) {
      const leaf = concatBytes(prefix, inner);
      const length = 256 + leaf.length;
      expect(verifyContentLeaf(address, { length, index: 0, leaf, path: [rest] })).toBe(false);
      expect(verifyContentLeaf(address, { length: leaf.length, index: 0, leaf, path: [] })).toBe(false);
      expect(addressOf(leaf)).not.toBe(address);
    }
  });

  test('the two halves of the tree are no blob of their own', () => {
    const top = node(contentPath(blob, 2).path[1]!, contentPath(blob, 0).path[1]!);
    expect(verifyContentLeaf(address, { length: 64, index: 0, leaf: top, path: [] })).toBe(false);
  });

  test('equal leaves count at their own places only', () => {
    const zeros = new Uint8Array(1024);
    const address = addressOf(zeros);
    for (let index = 0; index < 4; index++) {
      for (let at = 0; at < 4; at++) {
        expect(verifyContentLeaf(address, { ...contentPath(zeros, index), index: at })).toBe(at === index);
      }
    }
  });

  test('a length of the same shape is another address', () => {
    const proof = contentPath(blob, 0);
    for (const length of [1023, 1000, 769]) {
      expect(verifyContentLeaf(address, { ...proof, length })).toBe(false);
      expect(contentRoot({ ...proof, length })).not.toBe(undefined);
    }
  });

  test('trailing zeros, an empty last leaf and nothing at all are told apart', () => {
    const addresses = [0, 1, 255, 256, 257, 512].map((length) => addressOf(new Uint8Array(length)));
    expect(new Set(addresses).size).toBe(addresses.length);
  });

  test('an outline is no blob', () => {
    const large = blobOf(3 * contentGroupBytes);
    const outline = contentOutline(large);
    expect(addressOf(outline)).not.toBe(addressOf(large));
    expect(verifyOutline(addressOf(outline), large.length, outline)).toBe(false);
  });
});

describe('an outline', () => {
  const group = (blob: Uint8Array, index: number) =>
    blob.subarray(index * contentGroupBytes, (index + 1) * contentGroupBytes);

  test('lets a download be verified as it comes', () => {
    fc.assert(
      fc.property(blobs, (blob) => {
        const outline = contentOutline(blob);
        expect(verifyOutline(addressOf(blob), blob.length, outline)).toBe(true);
        for (let i = 0; i < outline.length / 32; i++) {
          expect(verifyGroup(outline, i, group(blob, i), blob.length)).toBe(true);
        }
      }),
    );
  });

  const blob = scattered(3 * contentGroupBytes + 1000, 1);
  const address = addressOf(blob);
  const outline = contentOutline(blob);

  test('is refused when it, the length or the address is changed', () => {
    for (let i = 0; i < outline.length; i += 31) {
      expect(verifyOutline(address, blob.length, flip(outline, i))).toBe(false);
    }
    for (const length of [0, 1, blob.length - 1, blob.length + 1, blob.length + contentGroupBytes]) {
      expect(verifyOutline(address, length, outline)).toBe(false);
    }
    for (const wrong of [
      outline.slice(1),
      outline.slice(32),
      concatBytes(outline, outline),
      new Uint8Array(),
    ]) {
      expect(verifyOutline(address, blob.length, wrong)).toBe(false);
    }
    expect(verifyOutline(addressOf(outline), blob.length, outline)).toBe(false);
  });

  test('refuses a group that is changed, of another size, or at another place', () => {
    const first = group(blob, 0);
    for (const at of [0, 255, 256, 40_000, contentGroupBytes - 1]) {
      expect(verifyGroup(outline, 0, flip(first, at), blob.length)).toBe(false);
    }
    const last = group(blob, 3);
    for (const [index, bytes] of [
      [0, first.subarray(1)],
      [0, blob.subarray(0, contentGroupBytes + 1)],
      [0, new Uint8Array()],
      [3, last.subarray(1)],
      [3, concatBytes(last, Uint8Array.of(0))],
    ] as const) {
      expect(verifyGroup(outline, index, bytes, blob.length)).toBe(false);
    }
    for (let index = 0; index < 4; index++) {
      for (let at = 0; at < 4; at++) {
        expect(verifyGroup(outline, at, group(blob, index), blob.length)).toBe(at === index);
      }
    }
    const zeros = new Uint8Array(2 * contentGroupBytes);
    const swapped = contentOutline(zeros).slice(0, 32);
    expect(verifyGroup(concatBytes(swapped, swapped), 1, group(zeros, 1), zeros.length)).toBe(false);
  });

  test('of hostile shape is false, not an exception', () => {
    const first = group(blob, 0);
    for (const index of [-1, 4, 0.5, Number.NaN, 2 ** 32, '0' as unknown as number]) {
      expect(verifyGroup(outline, index, first, blob.length)).toBe(false);
    }
    for (const length of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, maximumContentBytes + 1]) {
      expect(verifyOutline(address, length, outline)).toBe(false);
      expect(verifyGroup(outline, 0, first, length)).toBe(false);
    }
    for (const wrong of [undefined, null, 'outline', [...outline]] as unknown as Uint8Array[]) {
      expect(verifyOutline(address, blob.length, wrong)).toBe(false);
      expect(verifyGroup(wrong, 0, first, blob.length)).toBe(false);
      expect(verifyGroup(outline, 0, wrong, blob.length)).toBe(false);
    }
  });

  test('of a length that no blob has is false, also where an address binds it', () => {
    const single = contentOutline(utf8('one group'));
    const wrapped = concatBytes(utf8('nonet blob\0'), new Uint8Array(8).fill(255), single);
    expect(verifyOutline(toHex(sha256(wrapped)) as Address, -1, single)).toBe(false);
    for (const length of [-1, 0.5, 1.5, Number.NaN]) {
      expect(verifyOutline(address, length, single)).toBe(false);
      expect(verifyGroup(single, 0, Uint8Array.of(1), length)).toBe(false);
    }
  });

  test('whose author hashed more or fewer bytes than the length says has no group', () => {
    for (const bytes of [blob.subarray(0, 999), blob.subarray(0, 1001), blob.subarray(0, 1300)]) {
      expect(verifyGroup(contentOutline(bytes), 0, bytes, 1000)).toBe(false);
    }
  });

  test('of 64 KiB or less is a single hash', () => {
    expect(contentOutline(new Uint8Array()).length).toBe(32);
    expect(contentOutline(new Uint8Array(contentGroupBytes)).length).toBe(32);
    expect(contentOutline(new Uint8Array(contentGroupBytes + 1)).length).toBe(64);
  });
});

test('memory of another kind is hashed alike: a Buffer, a view into a larger buffer', () => {
  const blob = blobOf(1000);
  const larger = concatBytes(utf8('before'), blob, utf8('after'));
  expect(addressOf(larger.subarray(6, 1006))).toBe(addressOf(blob));
  expect(addressOf(Buffer.from(blob))).toBe(addressOf(blob));
});
