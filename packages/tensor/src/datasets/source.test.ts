import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openCsv, readCsv } from './csv.ts';
import type { Dataset } from './dataset.ts';
import { openIdx, readIdx, writeIdx } from './idx.ts';
import { inferSchema, inferSourceSchema } from './plan.ts';
import { collectDataset, sourceOf, splitSource } from './source.ts';
import { readTable, readTableSource } from './table.ts';

const dataset: Dataset = {
  features: Uint8Array.from({ length: 40 }, (_, i) => i),
  shape: [2, 2],
  labels: Int32Array.from({ length: 10 }, (_, i) => i % 3),
  vocabulary: ['a', 'b', 'c'],
};

describe('sources', () => {
  it.each([1, 3, 10, 99])('hand out batches of %i', async (size) => {
    const batches = await Array.fromAsync(sourceOf(dataset).batches(size));
    const sizes = batches.map(({ labels }) => labels.length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(size);
    expect(sizes.slice(0, -1).every((count) => count === size)).toBe(true);
    expect(batches.flatMap(({ features }) => [...features])).toEqual([...dataset.features]);
  });

  it('collect into what they came from', async () => {
    expect(await collectDataset(sourceOf(dataset))).toEqual(dataset);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuse batches of %d', async (size) => {
    const batches = sourceOf(dataset).batches(size)[Symbol.asyncIterator]();
    await expect(batches.next()).rejects.toThrow(expect.objectContaining({ code: 'dataset.batch' }));
  });

  it('refuse to be empty', async () => {
    const empty = splitSource(sourceOf(dataset), { testFraction: 1e-9, seed: '0x01' }).test;
    await expect(collectDataset(empty)).rejects.toThrow(
      expect.objectContaining({ code: 'dataset.malformed' }),
    );
  });
});

describe('splitSource', () => {
  const options = { testFraction: 0.3, seed: '0x0102' } as const;

  it('puts each example on one side, for any size of batch', async () => {
    const { training, test } = splitSource(sourceOf(dataset), options);
    const sides = await Promise.all([training, test].map(collectDataset));
    const rows = sides.map(({ features }) => [...features].filter((_, i) => i % 4 === 0));
    expect(rows.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 10 }, (_, i) => 4 * i));
    const single = await Array.fromAsync(test.batches(1));
    expect(single.flatMap(({ features }) => [...features])).toEqual([...sides[1].features]);
  });

  it('keeps about the fraction (10,000 examples; 5 standard deviations)', async () => {
    const many = { ...dataset, shape: [1], features: new Uint8Array(10_000), labels: new Int32Array(10_000) };
    const { test } = splitSource(sourceOf(many), options);
    const count = (await collectDataset(test)).labels.length;
    expect(Math.abs(count - 3000)).toBeLessThan(5 * Math.sqrt(10_000 * 0.3 * 0.7));
  });

  it.each([0, 1, -0.5, Number.NaN])('refuses a fraction of %d', (testFraction) => {
    expect(() => splitSource(sourceOf(dataset), { ...options, testFraction })).toThrow(
      expect.objectContaining({ code: 'dataset.split' }),
    );
  });
});

/** A blob whose stream comes in pieces of the given sizes. */
function inPieces(text: string, size: number): Blob {
  const bytes = new TextEncoder().encode(text);
  const blob = new Blob([bytes]);
  blob.stream = () =>
    new ReadableStream({
      start(controller) {
        for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
        controller.close();
      },
    });
  return blob;
}

describe('openCsv', () => {
  it('reads in pieces what readCsv reads at once', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'ä', '€', '\u{1f600}') });
    const rows = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 6 });
    const quote = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
    await fc.assert(
      fc.asyncProperty(rows, fc.boolean(), fc.integer({ min: 1, max: 9 }), async (rows, crlf, size) => {
        const end = crlf ? '\r\n' : '\n';
        const text = `\ufeffx,y${end}${rows.map((row) => row.map(quote).join(',')).join(end)}`;
        const table = await openCsv(inPieces(text, size));
        expect(table.columns).toEqual(['x', 'y']);
        expect((await Array.fromAsync(table.rows())).flat()).toEqual(readCsv(text).rows);
      }),
      { seed: 4180 },
    );
  });

  it('refuses the same mistakes, for any pieces', async () => {
    const texts = ['', 'a,a\n1,2', 'a,b\n1,2,3', 'a,b\n1,x"y', 'a,b\n1,"x', 'a,b\n"x"y,1'];
    for (const text of texts) {
      let expected: unknown;
      try {
        readCsv(text);
      } catch (error) {
        expected = error;
      }
      for (const size of [1, 2, 100]) {
        const drained = openCsv(inPieces(text, size)).then((table) => Array.fromAsync(table.rows()));
        await expect(drained).rejects.toThrow(expected as Error);
      }
    }
  });

  it('refuses bytes that are no UTF-8', async () => {
    const latin = new Blob([Uint8Array.of(0x61, 0x0a, 0xe4, 0x0a)]);
    const drained = openCsv(latin).then((table) => Array.fromAsync(table.rows()));
    await expect(drained).rejects.toThrow(expect.objectContaining({ code: 'csv.malformed' }));
  });

  it('refuses a record without end before it fills the memory', async () => {
    const blob = new Blob(['a,b\n"', 'x'.repeat(2 ** 24 + 1)]);
    const drained = openCsv(blob).then((table) => Array.fromAsync(table.rows()));
    await expect(drained).rejects.toThrow(expect.objectContaining({ code: 'csv.malformed' }));
  });
});

describe('tables in pieces', () => {
  const text = 'height,colour,kind\n1,red,cat\n,blue,dog\n5.5,,dog\n7,red,cat\n';

  it.each(['drop', 'mean'] as const)('are the datasets of whole ones (missing: %s)', async (missing) => {
    const whole = readCsv(text);
    const source = await openCsv(inPieces(text, 3));
    const schema = inferSchema(whole, { target: 'kind', missing });
    expect(await inferSourceSchema(source, { target: 'kind', missing })).toEqual(schema);
    expect(await collectDataset(readTableSource(source, schema))).toEqual(readTable(whole, schema));
  });

  it('refuse a label outside the vocabulary, with its row', async () => {
    const schema = {
      ...inferSchema(readCsv(text), { target: 'kind', missing: 'drop' }),
      labels: ['cat', 'cow'],
    };
    const source = readTableSource(await openCsv(new Blob([text])), schema);
    await expect(collectDataset(source)).rejects.toThrow('row 3, column kind');
  });
});

it('openIdx reads in batches what readIdx reads at once', async () => {
  const files = writeIdx(dataset);
  const blobs = { images: new Blob([files.images.slice()]), labels: new Blob([files.labels.slice()]) };
  const source = await openIdx(blobs);
  expect(await collectDataset(source)).toEqual(readIdx(files));
  expect((await Array.fromAsync(source.batches(4))).map(({ labels }) => labels.length)).toEqual([4, 4, 2]);
  const cut = { ...blobs, images: blobs.images.slice(0, -1) };
  await expect(openIdx(cut)).rejects.toThrow(expect.objectContaining({ code: 'idx.malformed' }));
});
