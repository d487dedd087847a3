/**
 * The files that `nonet init` makes of one table: a job file, a test set, and per site a data file
 * and a site file. The rows are shuffled by a fixed seed: the test set first, then equal shares.
 * Schema, vocabularies and standardisation come from the training rows alone.
 */
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { createRandomStream, fromHex, MisuseError, sha256, shuffledIndices, toHex, utf8 } from '@nonet/core';
import type { DataSchema } from '@nonet/core/records';
import { inferSchema, readTable, splitTable, type Table } from '@nonet/tensor/datasets';
import { stringify } from 'yaml';
import { readTableFile } from '../../files/dataFile.ts';
import { defaultMinParticipants } from '../../files/jobFile.ts';
import type { SiteFile } from '../../files/siteFile.ts';
import type { YamlJob } from '../../files/yamlJob.ts';
import { plural } from '../../terminal/terminal.ts';
import type { InitOptions } from './definition.ts';

/** What was made of a table. */
export interface WrittenJob {
  /** The table, as it was named. */
  readonly table: string;
  /** Path of the job file. */
  readonly job: string;
  /** Names of all files, without the folder. */
  readonly files: readonly string[];
  readonly paths: readonly string[];
  readonly schema: DataSchema & { readonly table: NonNullable<DataSchema['table']> };
  /** How many rows went where. */
  readonly rows: { readonly all: number; readonly test: number; readonly sites: readonly number[] };
  /** Labels of which the test set has no example. */
  readonly untested: readonly string[];
}

/**
 * Writes the files of a job on the rows of `file`, all or none of them. Throws `init.rows`,
 * `init.sites`, `init.exists`, `init.out`, and what reading the table throws.
 */
export async function writeJobFiles(file: string, options: InitOptions): Promise<WrittenJob> {
  const table = await readTableFile(file);
  const name = basename(file, extname(file));
  const seed = toHex(sha256(utf8(`nonet init ${name}`)));
  if (table.rows.length < 2) {
    throw new MisuseError({
      code: 'init.rows',
      expected: `rows in ${file}, below the names of the columns`,
      found: plural(table.rows.length, 'row'),
    });
  }
  const { training, test } = splitTable(table, { testFraction: options.test, seed });
  const inferred = inferSchema(training, { target: options.target, missing: options.missing });
  const schema = { ...inferred, table: inferred.table! };
  // What a run would refuse is refused now, with row and column.
  readTable(training, schema);
  const tested = new Set(readTable(test, schema).labels);
  if (options.sites > training.rows.length) {
    throw new MisuseError({
      code: 'init.sites',
      expected: `at most ${training.rows.length} sites, one training row each`,
      found: String(options.sites),
    });
  }
  const siteNames = Array.from({ length: options.sites }, (_, site) => `${name}.site-${site + 1}`);
  const shares = divide(training, options.sites, seed);
  const job = jobOf(name, schema, siteNames, options);
  const jobFile = `${name}.job.yaml`;
  const files = new Map<string, string>([
    [jobFile, describeJob(file, options, training, test) + stringify(job, { flowCollectionPadding: true })],
    [`${name}.test.csv`, formatCsv(test)],
  ]);
  for (const [i, site] of siteNames.entries()) {
    files.set(`${site}.csv`, formatCsv(shares[i]!));
    files.set(`${site}.yaml`, describeSite + stringify(siteFile(`site ${i + 1}`, `${site}.csv`, job)));
  }
  writeAll(files, options);
  return {
    table: file,
    job: join(options.out, jobFile),
    files: [...files.keys()],
    paths: [...files.keys()].map((path) => join(options.out, path)),
    schema,
    rows: {
      all: table.rows.length,
      test: test.rows.length,
      sites: shares.map(({ rows }) => rows.length),
    },
    untested: schema.labels.filter((_, label) => !tested.has(label)),
  };
}

function jobOf(
  name: string,
  schema: WrittenJob['schema'],
  sites: readonly string[],
  { rounds }: InitOptions,
): YamlJob {
  return {
    name,
    model: { hidden: [16] },
    data: schema,
    training: { epochs: 2, batch: 16, learningRate: 0.05, momentum: 0.9 },
    rounds,
    minParticipants: defaultMinParticipants(sites.length),
    phases: { collecting: 60, appealing: 10, stepping: 3 },
    testSet: `${name}.test.csv`,
    sites: sites.map((site) => `${site}.yaml`),
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
      columns: job.data.table.columns.map((column) => column.name),
    },
  };
}

function describeJob(file: string, options: InitOptions, training: Table, test: Table): string {
  return (
    `# A job for nonet run, written by nonet init from ${basename(file)}: ` +
    `${training.rows.length} training rows at ${options.sites} sites,\n` +
    `# ${test.rows.length} test rows. Means and deviations are of the training rows; ` +
    'they become part of the model.\n' +
    '# Under data.table.missing: refuse stops at a missing value, drop leaves its row out, mean takes the mean.\n'
  );
}

const describeSite =
  '# What this site offers and allows. This file and its data stay here; a job never sees them.\n';

function formatCsv({ columns, rows }: Table): string {
  const quote = (cell: string) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  return [columns, ...rows.map(({ cells }) => cells)]
    .map((cells) => `${cells.map(quote).join(',')}\n`)
    .join('');
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
