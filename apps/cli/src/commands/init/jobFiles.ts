/**
 * The files that `nonet init` makes of one table: a job file, a test set, and per site a data file
 * and a site file. The rows are shuffled by a fixed seed: the test set first, its share of every
 * label, then equal shares. Numbers are written with a decimal point, whatever the table had. What
 * `nonet run` would refuse is refused before anything is written.
 */
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { createRandomStream, fromHex, MisuseError, sha256, shuffledIndices, toHex, utf8 } from '@nonet/core';
import type { DataSchema } from '@nonet/core/records';
import { maskingMechanism } from '@nonet/federation';
import { CohortError } from '@nonet/privacy/dp';
import { registrationBytes, revealBytes, thresholdOf } from '@nonet/privacy/secagg';
import type { Dataset } from '@nonet/tensor';
import {
  type PlanOptions,
  planTable,
  readCsv,
  readTable,
  rewriteNumbers,
  splitTable,
  type Table,
  type TablePlan,
  withoutMissing,
} from '@nonet/tensor/datasets';
import { stringify } from 'yaml';
import { formatRecord } from '../../files/csv.ts';
import { readTableFile } from '../../files/dataFile.ts';
import { defaultMinParticipants, type JobDraft } from '../../files/jobFile.ts';
import type { SiteFile } from '../../files/siteFile.ts';
import { draftOfYaml, parseYamlJob, type YamlJob } from '../../files/yamlJob.ts';
import { planPromise } from '../../rehearsal/planPromise.ts';
import { assertJobFile, defaultThreshold } from '../../rehearsal/prepare.ts';
import { locateError } from '../../terminal/locateError.ts';
import { plural } from '../../terminal/terminal.ts';
import { type CountedTables, readCounted } from './counted.ts';
import type { InitOptions } from './definition.ts';

/** What was made of a table. */
export interface WrittenJob {
  /** The table, as it was named. */
  readonly table: string;
  /** What parts its fields; absent where it is no text. */
  readonly delimiter: string | undefined;
  /** Path of the job file. */
  readonly job: string;
  /** Names of all files, without the folder. */
  readonly files: readonly string[];
  readonly paths: readonly string[];
  readonly plan: TablePlan;
  /** Where the job has means, deviations and values from; absent where they are those of the table. */
  readonly counted: CountedTables | undefined;
  /** How many rows went where, and how many were left out for a missing value. */
  readonly rows: {
    readonly all: number;
    readonly dropped: number;
    readonly test: number;
    readonly sites: readonly number[];
  };
  readonly masks: MaskCost | undefined;
  /** What noise would cost; of masked jobs. */
  readonly noise: NoiseCost | undefined;
  /** Labels of which the test set has no example. */
  readonly untested: readonly string[];
  /** Whether the files were written; not in a dry run. */
  readonly written: boolean;
}

/**
 * Writes the files of a job on the rows of `file`, all or none of them. Throws `init.rows`,
 * `init.sites`, `init.kind`, `init.exists`, `init.out`, what `readCounted` throws, what reading and
 * planning the table throws,
 * and what `nonet run` would throw of the job.
 */
export async function writeJobFiles(file: string, options: InitOptions): Promise<WrittenJob> {
  const { delimiter, decimal, statistics } = options;
  const counted = statistics === undefined ? undefined : await readCounted(statistics);
  const table = await readTableFile(file, { delimiter, decimal });
  const name = basename(file, extname(file));
  const seed = toHex(sha256(utf8(`nonet init ${name}`)));
  const { plan, dropped, training, test } = planRows(table, file, options, counted, seed);
  const { schema } = plan;
  if (options.sites > training.rows.length) {
    throw new MisuseError({
      code: 'init.sites',
      expected: `at most ${training.rows.length} sites, one training row each`,
      found: String(options.sites),
    });
  }
  const siteNames = Array.from({ length: options.sites }, (_, site) => `${name}.site-${site + 1}`);
  const shares = divide(training, options.sites, seed);
  const job = jobOf(name, table, file, plan, counted, siteNames, options);
  const jobFile = `${name}.job.yaml`;
  const jobText =
    describeJob(file, options, counted, training, test) + stringify(job, { flowCollectionPadding: true });
  const files = new Map<string, string>([
    [jobFile, jobText],
    [`${name}.test.csv`, formatCsv(test)],
  ]);
  for (const [i, site] of siteNames.entries()) {
    files.set(`${site}.csv`, formatCsv(shares[i]!));
    files.set(`${site}.yaml`, describeSite + stringify(siteFile(`site ${i + 1}`, `${site}.csv`, job)));
  }
  const read = (data: string) => readWritten(data, files.get(data)!, schema);
  const testSet = read(`${name}.test.csv`);
  const draft = draftOfYaml(parseYamlJob(jobText, jobFile), testSet);
  await assertJobFile({
    job: draft,
    rehearsal: { sites: siteNames.map((site) => read(`${site}.csv`)) },
  });
  if (options.dryRun !== true) writeAll(files, options);
  const tested = new Set(testSet.labels);
  return {
    table: file,
    delimiter: table.delimiter,
    job: join(options.out, jobFile),
    files: [...files.keys()],
    paths: [...files.keys()].map((path) => join(options.out, path)),
    plan,
    counted,
    rows: {
      all: table.rows.length,
      dropped,
      test: test.rows.length,
      sites: shares.map(({ rows }) => rows.length),
    },
    masks: job.privacy === undefined ? undefined : costOfMasks(options.sites),
    noise:
      job.privacy === undefined
        ? undefined
        : costOfNoise(
            draft,
            job.minParticipants!,
            shares.map(({ rows }) => rows.length),
          ),
    untested: schema.labels.filter((_, label) => !tested.has(label)),
    written: options.dryRun !== true,
  };
}

/** What masks cost a site in a round beside its update, and how many sites a round needs. */
export interface MaskCost {
  /** Bytes. */
  readonly sent: number;
  readonly read: number;
  readonly sites: number;
  readonly needed: number;
}

function costOfMasks(sites: number): MaskCost {
  const registration = registrationBytes(sites);
  // One more than recover a secret (docs/specs/round.md §12.1).
  const needed = Math.max(leastMasked, thresholdOf(sites, defaultThreshold) + 1);
  return { sent: registration + revealBytes(sites), read: (sites - 1) * registration, sites, needed };
}

/** What it takes to promise differential privacy of each record, beside the masks. */
export interface NoiseCost {
  readonly epsilon: number;
  readonly delta: number;
  /** Records that the sites have, and that they would draw into a round, about. */
  readonly records: number;
  readonly drawn: number;
  /** Records drawn from which on the noise is no longer than the longest sum: docs/specs/dp.md §12.1.4. */
  readonly needed: number | undefined;
  /** Length of the noise over that of the longest sum, where `drawn` are enough. */
  readonly noiseToSignal: number | undefined;
}

/** Each record is drawn into every second round, about. */
const samplingRate = 0.5;

function costOfNoise(draft: JobDraft, minParticipants: number, rows: readonly number[]): NoiseCost {
  const [epsilon, delta] = [8, 1e-5];
  const records = rows.reduce((sum, count) => sum + count, 0);
  const dp = { unit: 'record', epsilon, delta, samplingRate, records: Math.max(...rows) } as const;
  const cost = { epsilon, delta, records, drawn: Math.round(samplingRate * records) };
  try {
    const promised: JobDraft = { ...draft, privacy: { aggregation: 'pairwise', dp } };
    const plan = planPromise(promised, { minParticipants, sites: rows.length });
    return { ...cost, needed: undefined, noiseToSignal: plan?.noiseToSignal };
  } catch (error) {
    if (!(error instanceof CohortError)) throw error;
    return { ...cost, needed: error.needed, noiseToSignal: undefined };
  }
}

/**
 * The plan of a table, and its rows on both sides, with plain numbers. Where rows with missing
 * values are dropped, they are before the rows are divided, so that no site is left without any.
 */
function planRows(
  table: Table,
  file: string,
  options: InitOptions,
  counted: CountedTables | undefined,
  seed: `0x${string}`,
) {
  if (table.rows.length < 2) {
    throw new MisuseError({
      code: 'init.rows',
      expected: `at least two rows in ${file} below the names of the columns, to train and to test`,
      found: plural(table.rows.length, 'row'),
    });
  }
  const planOptions = planOptionsOf(options, counted);
  const whole =
    options.missing === 'drop' ? withoutMissing(table, planTable(table, planOptions).schema) : table;
  const { training } = splitTable(whole, {
    testFraction: options.test,
    seed,
    stratify: options.target,
  });
  const trains = new Set(training.rows.map(({ row }) => row));
  const plan = planTable(whole, planOptions, ({ row }) => trains.has(row));
  // With the row of the table, before its rows get other numbers in the files of sites.
  readTable(whole, plan.schema);
  const plain = rewriteNumbers(whole, plan.schema);
  const side = (trained: boolean) => ({
    ...plain,
    rows: plain.rows.filter(({ row }) => trains.has(row) === trained),
  });
  const dropped = table.rows.length - whole.rows.length;
  return { plan, dropped, training: side(true), test: side(false) };
}

/** Throws `init.kind`. */
function planOptionsOf(
  { target, columns, drop, kind = [], na, missing, other }: InitOptions,
  counted: CountedTables | undefined,
): PlanOptions {
  const kinds = kind.map((text): [string, 'number' | 'category'] => {
    const [, name, wanted] = /^(.+)=(number|category)$/s.exec(text) ?? [];
    if (name !== undefined && wanted !== undefined) return [name, wanted as 'number' | 'category'];
    throw new MisuseError({
      code: 'init.kind',
      expected: '--kind to be COLUMN=number or COLUMN=category',
      found: JSON.stringify(text),
    });
  });
  return {
    target,
    missing,
    other,
    kinds: Object.fromEntries(kinds),
    ...(columns === undefined ? {} : { columns }),
    ...(drop === undefined ? {} : { drop }),
    ...(na === undefined ? {} : { na }),
    ...(counted === undefined ? {} : { known: counted.columns }),
  };
}

/** What `nonet run` will read from a file that is about to be written. */
function readWritten(path: string, text: string, schema: DataSchema): Dataset {
  try {
    return readTable(readCsv(text), schema);
  } catch (error) {
    throw locateError(error, `in ${path}`);
  }
}

/** Of two sites each would learn the other's update from the sum. */
const leastMasked = 3;

function jobOf(
  name: string,
  { delimiter }: Table,
  file: string,
  { schema, columns }: TablePlan,
  counted: CountedTables | undefined,
  sites: readonly string[],
  { rounds, decimal, plain }: InitOptions,
): YamlJob {
  const isMasked = plain !== true && sites.length >= leastMasked;
  const omitted = columns.filter(({ column }) => column === undefined);
  return {
    name,
    model: { hidden: [16] },
    data: schema,
    training: { epochs: 2, batch: 16, learningRate: 0.05, momentum: 0.9 },
    rounds,
    minParticipants: Math.max(isMasked ? leastMasked : 1, defaultMinParticipants(sites.length)),
    phases: { collecting: 60, appealing: 10, stepping: 3 },
    ...(isMasked ? { privacy: { aggregation: 'pairwise' as const } } : {}),
    testSet: `${name}.test.csv`,
    sites: sites.map((site) => `${site}.yaml`),
    source: {
      table: basename(file),
      ...(delimiter === undefined ? {} : { delimiter }),
      ...(decimal === undefined ? {} : { decimal }),
      ...(counted === undefined ? {} : { statistics: counted.receipt }),
      ...(omitted.length === 0
        ? {}
        : { omitted: Object.fromEntries(omitted.map((plan) => [plan.name, plan.reading])) }),
    },
  };
}

/** Equal shares of the rows, in a shuffled order that the seed fixes. */
function divide(table: Table, sites: number, seed: string): Table[] {
  const key = new DataView(fromHex(seed).buffer);
  const order = shuffledIndices(
    table.rows.length,
    createRandomStream([key.getUint32(0), key.getUint32(4)], [1, 0]),
  );
  return Array.from({ length: sites }, (_, site) => ({
    columns: table.columns,
    rows: [...order].filter((_, place) => place % sites === site).map((row) => table.rows[row]!),
  }));
}

function siteFile(name: string, data: string, job: YamlJob): SiteFile {
  return {
    name,
    data,
    policy: {
      maximumRounds: 1000,
      minParticipants: job.minParticipants!,
      labels: [...job.data.labels],
      // The target, too, so that its labels may be counted.
      columns: [...job.data.table.columns.map((column) => column.name), job.data.table.target],
      ...(job.privacy === undefined ? {} : { guarantees: [maskingMechanism.id] }),
    },
  };
}

function describeJob(
  file: string,
  options: InitOptions,
  counted: CountedTables | undefined,
  training: Table,
  test: Table,
): string {
  const source =
    counted === undefined
      ? '# Means, deviations, ranges and values are of the training rows, without noise; they become part of the\n' +
        '# model and are published. No privacy.dp covers them: with one, take them from a count (--statistics).\n'
      : `# Means, deviations, bounds and values are those of a count, ${counted.receipt},\n` +
        '# and not of these rows; they become part of the model.\n';
  return (
    `# A job for nonet run, written by nonet init from ${basename(file)}: ` +
    `${training.rows.length} training rows at ${options.sites} sites,\n` +
    `# ${test.rows.length} test rows, which are published.\n` +
    source +
    '# Under data.table.missing: refuse stops at a missing value, drop leaves its row out, mean takes the mean.\n'
  );
}

const describeSite =
  '# What this site offers and allows. This file and its data stay here; a job never sees them.\n';

function formatCsv({ columns, rows }: Table): string {
  return [columns, ...rows.map(({ cells }) => cells)].map((cells) => `${formatRecord(cells)}\n`).join('');
}

/** All or nothing: refuses before it writes, and each file appears whole. */
function writeAll(files: ReadonlyMap<string, string>, { out, force }: InitOptions): void {
  const existing = [...files.keys()].filter((path) => existsSync(join(out, path)));
  if (existing.length > 0 && !force) {
    throw new MisuseError({
      code: 'init.exists',
      expected: `none of the files to be there yet in ${out}`,
      found: existing.join(', '),
      hint: 'Overwrite them with --force, or write elsewhere with --out FOLDER.',
    });
  }
  const parts = [...files].map(([path, content]) => ({ target: join(out, path), content }));
  try {
    mkdirSync(out, { recursive: true });
    // Rows of the sites are among them: who else may read them is for their owner to say.
    for (const { target, content } of parts) writeFileSync(`${target}.part`, content, { mode: 0o600 });
    for (const { target } of parts) renameSync(`${target}.part`, target);
  } catch (cause) {
    for (const { target } of parts) rmSync(`${target}.part`, { force: true });
    throw new MisuseError({
      code: 'init.out',
      expected: `a folder to write to at ${out}`,
      found: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  }
}
