import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseReceipt, type Receipt } from '@nonet/core/receipt';
import { requireTrainJob, toJson } from '@nonet/core/records';
import { afterAll, describe, expect, test } from 'vitest';
import { readPrediction, sampleOf } from './prediction.ts';
import type { RunDirectory } from './runDirectory.ts';

const folder = mkdtempSync(join(tmpdir(), 'nonet-prediction-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The receipt of the main job that the document of questions uses. */
const receipt = parseReceipt(
  JSON.parse(readFileSync(join(import.meta.dirname, '../../../../docs/questions/receipt.json'), 'utf8')),
);

function sampleOfReceipt(value: Receipt) {
  writeFileSync(join(folder, 'receipt.json'), toJson(value));
  return sampleOf({
    resolve: (file: string) => join(folder, file),
    record: { id: 'r' },
  } as unknown as RunDirectory);
}

describe('what a prediction learns from a run', () => {
  test('are the costs that its receipt tells', () => {
    expect(sampleOfReceipt(receipt)).toMatchObject({
      run: 'r',
      parameters: requireTrainJob(receipt.job).arithmetic.entries,
    });
  });

  test('is nothing, if the receipt was changed afterwards', () => {
    const evidence = receipt.evidence.map((record) => {
      const { traffic } = record.figures;
      if (traffic === undefined) return record;
      return { ...record, figures: { ...record.figures, traffic: { ...traffic, value: 1, min: 1, max: 1 } } };
    });
    expect(sampleOfReceipt({ ...receipt, evidence })).toBeUndefined();
  });
});

test.each([
  ['{', 'a prediction of nonet advise --write in FILE', 'no readable JSON file'],
  ['{"version": 1}', 'the field way of the prediction in FILE to be text', 'none'],
])('what is no prediction is refused by name: %s', (text, expected, found) => {
  const file = join(folder, 'x.prediction.json');
  writeFileSync(file, text);
  expect(() => readPrediction(file)).toThrow(
    expect.objectContaining({
      code: 'prediction.malformed',
      expected: expected.replace('FILE', file),
      found,
    }),
  );
});
