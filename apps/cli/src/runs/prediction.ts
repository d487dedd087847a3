/**
 * Predictions and outcomes side by side: the file that `nonet advise --write` leaves beside a job,
 * and what the job's run came to.
 */
import { existsSync, readFileSync } from 'node:fs';
import { MisuseError } from '@nonet/core';
import type { Receipt } from '@nonet/core/receipt';
import {
  addressSchema,
  type FigureDeclaration,
  parseRecord,
  readFigure,
  textSchema,
} from '@nonet/core/records';
import { federationFigures } from '@nonet/federation';
import type { RunSample } from '@nonet/matrix/advice';
import { energyFigures } from '@nonet/matrix/energy';
import { z } from 'zod';
import { writeWhole } from '../files/writeWhole.ts';
import { parseWholeReceipt } from './localEvidence.ts';
import type { RunDirectory } from './runDirectory.ts';

const predictedSchema = z.strictObject({
  low: z.number(),
  high: z.number(),
  unit: textSchema,
  basis: z.enum(['measured here', 'extrapolated from runs here', 'planning formula', 'no measurement yet']),
  how: textSchema,
  beyond: z
    .strictObject({ factor: z.number(), of: z.enum(['parties', 'parameters', 'rounds']) })
    .exactOptional(),
});
/** Those that a receipt tells of afterwards. */
const quantities = ['seconds', 'bytes', 'gas', 'joules'] as const;

const storedSchema = z.strictObject({
  version: z.literal(1),
  way: textSchema,
  /** Address of the job's draft, by which its run is found. */
  draft: addressSchema,
  date: z.iso.datetime(),
  machine: textSchema,
  prediction: z.partialRecord(z.enum([...quantities, 'computing']), predictedSchema),
});
/** The content of a prediction file. */
export type StoredPrediction = z.infer<typeof storedSchema>;

/** `cancer.job.yaml` -> `cancer.prediction.json`. */
export function predictionFileOf(jobPath: string): string {
  return `${jobPath.replace(/(?:\.job)?\.[a-z]+$/, '')}.prediction.json`;
}

/** Throws `prediction.malformed`, naming the file. */
export function readPrediction(file: string): StoredPrediction {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new MisuseError({
      code: 'prediction.malformed',
      expected: `a prediction of nonet advise --write in ${file}`,
      found: 'no readable JSON file',
      cause,
    });
  }
  return parseRecord(storedSchema, value, 'prediction', `the prediction in ${file}`);
}

/** What a finished run came to. */
export interface Outcome extends RunSample {
  readonly seconds: number;
  readonly joules?: number;
}

/** Undefined for a run without a receipt, or with one that names no costs or no final round. */
export function sampleOf(run: RunDirectory): Outcome | undefined {
  const file = run.resolve('receipt.json');
  if (!existsSync(file)) return undefined;
  let receipt: Receipt;
  try {
    receipt = parseWholeReceipt(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
  const { job, evidence } = receipt;
  /** Of the first record that has it. */
  const find = (figure: FigureDeclaration) =>
    evidence.map((record) => readFigure(record, figure)).find((found) => found !== undefined)?.value;
  const traffic = find(federationFigures.traffic);
  const gas = find(federationFigures.gas);
  const parties = find(federationFigures.joined);
  const rounds = find(federationFigures.finalRounds) ?? 0;
  const joules = find(energyFigures.energy);
  if (job.kind !== 'train' || traffic === undefined || gas === undefined) return undefined;
  if (parties === undefined || rounds === 0) return undefined;
  const ledgerSeconds = (find(federationFigures.collecting) ?? 0) + (find(federationFigures.stepping) ?? 0);
  return {
    run: run.record.id,
    parameters: job.arithmetic.entries,
    parties,
    rounds,
    bytes: traffic,
    gas,
    ledgerSeconds,
    seconds: (find(federationFigures.training) ?? 0) + ledgerSeconds,
    ...(joules === undefined ? {} : { joules }),
  };
}

/** What was predicted of a run and what came, quantity by quantity. */
export interface Comparison {
  readonly run: string;
  readonly way: string;
  readonly rows: readonly {
    readonly quantity: (typeof quantities)[number];
    readonly low: number;
    readonly high: number;
    readonly basis: string;
    readonly outcome: number;
    readonly held: boolean;
  }[];
}

/** Which outcomes were within what was predicted; quantities without either are left out. */
export function compare({ way, prediction }: StoredPrediction, outcome: Outcome): Comparison {
  return {
    run: outcome.run,
    way,
    rows: quantities.flatMap((quantity) => {
      const predicted = prediction[quantity];
      const came = outcome[quantity];
      if (predicted === undefined || came === undefined) return [];
      const { low, high, basis } = predicted;
      return [{ quantity, low, high, basis, outcome: came, held: low <= came && came <= high }];
    }),
  };
}

/** Kept in the run's folder, so that the next prediction can be judged by the last ones. */
export function keepComparison(run: RunDirectory, stored: StoredPrediction, outcome: Outcome): Comparison {
  const comparison = compare(stored, outcome);
  writeWhole(run.resolve('prediction.json'), `${JSON.stringify({ ...stored, comparison }, null, 2)}\n`);
  return comparison;
}
