import { addressOf, concatBytes, leafHash, merkleRoot, sha256, toHex, utf8 } from '@nonet/core';
import { describe, expect, it } from 'vitest';
import {
  commitDataset,
  commitmentAddress,
  type DatasetCommitment,
  type ExampleOpening,
  openExample,
  verifyExample,
} from './commitment.ts';
import { type Dataset, selectExamples } from './dataset.ts';
import { sourceOf } from './source.ts';

const floats: Dataset = {
  features: Float32Array.from({ length: 14 }, (_, i) => i / 4),
  shape: [2],
  labels: Int32Array.of(0, 1, 2, 0, 1, 2, 0),
  vocabulary: ['a', 'b', 'c'],
};
const bytes: Dataset = { ...floats, features: Uint8Array.from({ length: 14 }, (_, i) => i) };
const salt = sha256(utf8('a secret of the site'));

/** The specification once more, from scratch: docs/specs/dataset.md. */
function slowRoot(dataset: Dataset): string {
  const width = dataset.features.length / dataset.labels.length;
  const leaves = [...dataset.labels].map((label, i) => {
    const index = new Uint8Array(8);
    index[0] = i;
    const raw = Uint8Array.of(label, 0, 0, 0);
    const slice = dataset.features.slice(i * width, (i + 1) * width);
    return leafHash(
      concatBytes(
        sha256(concatBytes(utf8('nonet example salt'), salt, index)),
        raw,
        new Uint8Array(slice.buffer),
      ),
    );
  });
  return merkleRoot(leaves);
}

describe('commitDataset', () => {
  it.each([floats, bytes])('follows its specification', async (dataset) => {
    const commitment = await commitDataset(sourceOf(dataset), salt);
    const dtype = dataset.features instanceof Uint8Array ? 'U8' : 'F32';
    expect(commitment).toEqual({
      shape: [2],
      labels: ['a', 'b', 'c'],
      dtype,
      count: 7,
      root: slowRoot(dataset),
    });
  });

  it('has an address of its own for every field', async () => {
    const commitment = await commitDataset(sourceOf(floats), salt);
    const changes: Partial<DatasetCommitment>[] = [
      {},
      { shape: [1, 2] },
      { labels: ['a', 'b', 'd'] },
      { dtype: 'U8' },
      { count: 8 },
      { root: addressOf(utf8('another')) },
    ];
    const addresses = changes.map((change) => commitmentAddress({ ...commitment, ...change }));
    expect(new Set(addresses).size).toBe(changes.length);
  });

  it('changes with any example, with their order, and with the salt', async () => {
    const rootOf = async (dataset: Dataset, key = salt) => (await commitDataset(sourceOf(dataset), key)).root;
    const roots = [await rootOf(floats), await rootOf(floats, new Uint8Array(32))];
    for (let i = 0; i < floats.features.length; i++) {
      const features = Float32Array.from(floats.features);
      features[i] += 2 ** -20;
      roots.push(await rootOf({ ...floats, features }));
    }
    for (let i = 0; i < floats.labels.length; i++) {
      const labels = Int32Array.from(floats.labels);
      labels[i] = (labels[i] + 1) % 3;
      roots.push(await rootOf({ ...floats, labels }));
    }
    roots.push(await rootOf(selectExamples(floats, [1, 0, 2, 3, 4, 5, 6])));
    roots.push(await rootOf(selectExamples(floats, [0, 1, 2, 3, 4, 5])));
    expect(new Set(roots).size).toBe(roots.length);
  });

  it('refuses a salt of another length', async () => {
    await expect(commitDataset(sourceOf(floats), new Uint8Array(31))).rejects.toThrow(
      expect.objectContaining({ code: 'commitment.salt' }),
    );
  });
});

describe('one example shown', () => {
  it('is accepted at its place, for every example', async () => {
    for (const dataset of [floats, bytes]) {
      const commitment = await commitDataset(sourceOf(dataset), salt);
      for (let i = 0; i < 7; i++) {
        expect(verifyExample(commitment, openExample(dataset, salt, i))).toBe(true);
      }
    }
  });

  it('does not tell the salts of the others: without them, a guess cannot be tested', () => {
    const opening = openExample(floats, salt, 2);
    const hidden = openExample(floats, salt, 3);
    // The attack that works on a tree without salts: hash a guess of the neighbour and compare it
    // with the path.
    const guess = (key: Uint8Array) =>
      leafHash(
        concatBytes(
          key,
          Uint8Array.of(hidden.label, 0, 0, 0),
          new Uint8Array(hidden.features.slice().buffer),
        ),
      );
    expect(opening.path[0]).toBe(guess(hidden.salt));
    expect([opening.salt, salt.subarray(0, 0), new Uint8Array(32)].map(guess)).not.toContain(opening.path[0]);
  });

  it('is refused if anything about it is changed', async () => {
    const commitment = await commitDataset(sourceOf(floats), salt);
    const opening = openExample(floats, salt, 2);
    const flipped = Uint8Array.from(opening.salt);
    flipped[0] ^= 1;
    const changes: Partial<ExampleOpening>[] = [
      { index: 3 },
      { index: -1 },
      { index: 2.5 },
      { label: 1 },
      { label: 3 },
      { label: 0.5 },
      { label: Number.NaN },
      { features: Float32Array.of(1, 1.25000011920929) },
      { features: Float32Array.of(1) },
      { features: Float32Array.of(1, 1.25, 0) },
      { features: new Uint8Array(opening.features.slice().buffer) },
      { salt: flipped },
      { salt: new Uint8Array(0) },
      { path: opening.path.slice(1) },
      { path: [...opening.path, opening.path[0]] },
      { path: opening.path.toReversed() },
    ];
    for (const change of changes) expect(verifyExample(commitment, { ...opening, ...change })).toBe(false);
    const root = toHex(sha256(utf8('another'))) as DatasetCommitment['root'];
    for (const change of [
      { root },
      { count: 3 },
      { dtype: 'U8' as const },
      { shape: [1] },
      { labels: ['a'] },
    ]) {
      expect(verifyExample({ ...commitment, ...change }, opening)).toBe(false);
    }
  });
});
