/**
 * Where a run lives: runs/ID/ with everything needed to resume it and to check it again.
 *
 *     run.json      what runs here, and how far it is
 *     keys.json     the runner's keys (0600)
 *     chain/        the embedded ledger
 *     blobs/        the first aggregator's store;  blobs-2/ the second's;  watcher/  the watcher's
 *     sites/NN/     key, data and outbox of each local participant
 *     log.jsonl     what every process reported
 *     receipt.json, receipt.html
 */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Address, type Hex, MisuseError } from '@nonet/core';
import { createPrivateKey } from '@nonet/core/identity';
import { addressSchema, checkSchema, hashSchema, parseRecord } from '@nonet/core/records';
import { z } from 'zod';
import { writeWhole } from '../files/writeWhole.ts';
import { note } from '../terminal/terminal.ts';

const ownersOnly = 0o600;

const runSchema = z.strictObject({
  version: z.literal(1),
  id: z.string().regex(/^[a-z0-9-]+$/),
  name: z.string(),
  /** Address of the draft: the same command finds the run again by it. */
  draft: addressSchema,
  /** The job file, absolute: a run of the same file with another draft is one before a change. */
  file: z.string().optional(),
  /** The labels that the job tells apart. */
  labels: z.array(z.string()).optional(),
  created: z.iso.datetime(),
  status: z.enum(['running', 'complete', 'stopped']),
  /** undefined: the embedded ledger. */
  ledger: z.string().optional(),
  contract: z.templateLiteral(['0x', z.string().regex(/^[0-9a-f]{40}$/)]).optional(),
  /** Address of the job record, once it is on the ledger. */
  job: addressSchema.optional(),
  /** Of the stores on this machine. */
  ports: z.strictObject({ aggregators: z.array(z.int()), watcher: z.int() }).optional(),
  sites: z.int().nonnegative(),
  /** Address of the final parameters, once the run is complete. */
  model: addressSchema.optional(),
  /** Wall-clock seconds spent by earlier, interrupted processes. */
  secondsBefore: z.number(),
});
/** run.json. */
export type RunRecord = z.infer<typeof runSchema>;

const keysSchema = z.strictObject({
  creator: hashSchema,
  aggregators: z.array(hashSchema).min(1),
  watcher: hashSchema,
});
/** keys.json: the private keys of the roles that are not a site. */
export type RunKeys = z.infer<typeof keysSchema>;

/** The folder of one run, with its record. */
export interface RunDirectory {
  readonly path: string;
  readonly record: RunRecord;
  readonly keys: RunKeys;
  /** Merges and writes the record: temporary file, then rename. */
  update(changes: Partial<RunRecord>): void;
  resolve(...parts: readonly string[]): string;
  /** Where this aggregator, from 0, keeps blobs. */
  storeFolder(aggregator: number): string;
  /** The folder of a local site, counted from 0, made on first use; its name counts from 1. */
  siteFolder(site: number): string;
  /** The private keys of the local sites, made on first use. */
  siteKeys(): Hex[];
}

/** Relative to the current directory. */
const runsFolder = 'runs';
/** Where `nonet bench` leaves evidence, one file per suite. */
export const benchFolder = join(runsFolder, 'bench');
/** Where `nonet attack` leaves evidence, one file per attack. */
export const attacksFolder = join(runsFolder, 'attacks');

/**
 * The unfinished run of the same draft on the same ledger, or undefined. Throws `run.damaged` if
 * there is none and one that cannot be read may be it: nothing is begun anew without a word.
 */
export function findUnfinishedRun(draft: Address, ledger: string | undefined): RunDirectory | undefined {
  const { runs, damaged } = readRuns();
  const found = runs.filter(
    ({ record }) => record.draft === draft && record.ledger === ledger && record.status === 'running',
  );
  if (found.length === 0 && damaged.length > 0) throw damaged[0]!.error;
  return found.at(-1);
}

/** The latest unfinished run of the same job file on the same ledger, as the file was before. */
export function findRunBeforeChange(
  file: string,
  draft: Address,
  ledger: string | undefined,
): RunDirectory | undefined {
  return listRuns()
    .filter(({ record }) => record.file === file && record.ledger === ledger && record.status === 'running')
    .filter(({ record }) => record.draft !== draft)
    .at(-1);
}

/**
 * All runs in the current directory, oldest first; damaged ones are named on standard error and
 * left out.
 */
export function listRuns(): RunDirectory[] {
  const { runs, damaged } = readRuns();
  for (const { path, error } of damaged) note(`left out ${path}: ${error.message}`);
  return runs;
}

function readRuns() {
  const runs: RunDirectory[] = [];
  const damaged: { readonly path: string; readonly error: MisuseError }[] = [];
  for (const id of existsSync(runsFolder) ? readdirSync(runsFolder) : []) {
    const path = join(runsFolder, id);
    if (!existsSync(join(path, 'run.json'))) continue;
    try {
      runs.push(openRun(path));
    } catch (error) {
      if (!(error instanceof MisuseError)) throw error;
      damaged.push({ path, error });
    }
  }
  return { runs: runs.sort((a, b) => (a.record.created < b.record.created ? -1 : 1)), damaged };
}

/** The run of this ID or path; without one, the latest. Throws `run.missing`. */
export function findRun(idOrPath: string | undefined): RunDirectory {
  const runs = listRuns();
  const found =
    idOrPath === undefined
      ? runs.at(-1)
      : existsSync(join(idOrPath, 'run.json'))
        ? openRun(idOrPath)
        : runs.find(({ record }) => record.id === idOrPath);
  if (found === undefined) {
    throw new MisuseError({
      code: 'run.missing',
      expected:
        idOrPath === undefined ? `a run in ${runsFolder}/` : `a run named ${idOrPath} in ${runsFolder}/`,
      found: runs.length === 0 ? 'none' : `only ${runs.map(({ record }) => record.id).join(', ')}`,
      hint: 'Start one with `npx nonet run JOB`.',
    });
  }
  return found;
}

/** The parameters that a run ended with. Throws `run.unfinished` unless it is complete. */
export function finalModel({ record }: RunDirectory): Address {
  if (record.status === 'complete' && record.model !== undefined) return record.model;
  throw new MisuseError({
    code: 'run.unfinished',
    expected: `run ${record.id} to be complete`,
    found: record.status === 'running' ? 'an unfinished run' : 'a run that was stopped',
    hint: record.status === 'running' ? 'Let the same `npx nonet run` finish it.' : 'Its receipt says why.',
  });
}

/** Makes the folder of a new run, with its record and keys. */
export function createRun(
  fields: Pick<RunRecord, 'name' | 'draft' | 'file' | 'labels' | 'sites'> & {
    readonly ledger: string | undefined;
  },
  keys: RunKeys,
): RunDirectory {
  const now = new Date();
  const slug = fields.name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 40);
  const stamp = now.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
  let id = `${slug}-${stamp}`;
  for (let n = 2; existsSync(join(runsFolder, id)); n++) id = `${slug}-${stamp}-${n}`;
  const path = join(runsFolder, id);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const { ledger, ...rest } = fields;
  const record: RunRecord = {
    version: 1,
    id,
    created: now.toISOString(),
    status: 'running',
    secondsBefore: 0,
    ...rest,
    ...(ledger === undefined ? {} : { ledger }),
  };
  writeWhole(join(path, 'keys.json'), JSON.stringify(keys, null, 2), ownersOnly);
  writeWhole(join(path, 'run.json'), JSON.stringify(record, null, 2), ownersOnly);
  return runDirectory(path, record, keys);
}

function openRun(path: string): RunDirectory {
  const read = (name: string): unknown => {
    try {
      return JSON.parse(readFileSync(join(path, name), 'utf8'));
    } catch (cause) {
      throw new MisuseError({
        code: 'run.damaged',
        expected: `readable JSON in ${join(path, name)}`,
        found: cause instanceof Error ? cause.message : String(cause),
        hint: `Restore it, or move ${path} away; \`nonet run JOB --fresh\` leaves it and starts another run.`,
        cause,
      });
    }
  };
  return runDirectory(
    path,
    parseRecord(runSchema, read('run.json'), 'run', join(path, 'run.json')),
    parseKeys(read('keys.json'), join(path, 'keys.json')),
  );
}

/** What stands in the place of a key may be most of one, so no error shows it. */
function parseKeys(value: unknown, file: string): RunKeys {
  const result = checkSchema(keysSchema, value, file);
  if (result.success) return result.data;
  throw new MisuseError({
    code: 'keys.malformed',
    expected: result.fault.expected,
    found: 'something else, which is not shown because it may be secret',
  });
}

function runDirectory(path: string, initial: RunRecord, keys: RunKeys): RunDirectory {
  let record = initial;
  const siteFolder = (site: number) => {
    const folder = join(path, 'sites', String(site + 1).padStart(2, '0'));
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return folder;
  };
  return {
    path,
    keys,
    get record() {
      return record;
    },
    update(changes) {
      record = { ...record, ...changes };
      writeWhole(join(path, 'run.json'), JSON.stringify(record, null, 2), ownersOnly);
    },
    resolve: (...parts) => join(path, ...parts),
    storeFolder: (aggregator) => join(path, aggregator === 0 ? 'blobs' : `blobs-${aggregator + 1}`),
    siteFolder,
    siteKeys: () => Array.from({ length: record.sites }, (_, site) => keyIn(join(siteFolder(site), 'key'))),
  };
}

/** A key file, made on first use (0600). */
function keyIn(file: string): Hex {
  if (!existsSync(file)) writeWhole(file, createPrivateKey(), ownersOnly);
  return readFileSync(file, 'utf8').trim() as Hex;
}
