/**
 * Job files: what their author writes. A `.ts` file is evaluated, by its author only, and exports `defineJob(...)` as default; a `.yaml` file is plain
 * data (`nonet init` writes one). Either yields a draft of the job, and a rehearsal: the sites that `nonet run` starts on this machine. The rehearsal
 * never leaves it. Accounts, addresses and stores are filled in when a run begins.
 */
import { existsSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { addressOf, type Hex, MisuseError, NonetError, utf8 } from '@nonet/core';
import type { TimedPhase } from '@nonet/core/ports';
import type { DataSchema, Job } from '@nonet/core/records';
import type { Dataset, Graph } from '@nonet/tensor';
import { readYamlJob } from './yamlJob.ts';

/** A job before it has accounts and addresses. */
export interface JobDraft {
  readonly name: string;
  /** Seed of all public randomness; by default the hash of the name. */
  readonly seed?: Hex;
  /** The forward graph. */
  readonly model: Graph;
  readonly data: DataSchema;
  readonly training: Job['training'];
  /** How many rounds must step. */
  readonly rounds: number;
  /** The smallest cohort of a round. Default: half of the sites, at least 2. */
  readonly minimum?: number;
  /** Seconds per phase; see docs/specs/round.md §1.3. */
  readonly phases?: Partial<Record<TimedPhase, number>>;
  /** The public test set. */
  readonly evaluation?: Dataset;
  /** Wei, shared by the accepted participants of each final round. */
  readonly escrow?: bigint;
  /** Wei that an objector locks. */
  readonly bond?: bigint;
}

/** One local site: its data in memory, or the path of its site file. */
export type RehearsalSite = Dataset | { readonly siteFile: string };

/** A scripted absence: the participant's process ends in the middle of a round, and may start again for a later one. */
export interface Absence {
  readonly participant: number;
  readonly drops: number;
  readonly returns?: number;
}

export interface Rehearsal {
  readonly sites: readonly RehearsalSite[];
  readonly absences?: readonly Absence[];
}

export interface JobFile {
  readonly job: JobDraft;
  readonly rehearsal?: Rehearsal;
}

/** Defines a job in a `.ts` job file: `export default defineJob({ job, rehearsal })`. */
export function defineJob(file: JobFile): JobFile {
  return file;
}

export function seedOf(draft: JobDraft): Hex {
  return draft.seed ?? addressOf(utf8(draft.name));
}

/** Evaluates a `.ts` or `.js` job file, or reads a `.yaml` one. Throws `job.file` where there is none, or not of these kinds. */
export async function loadJobFile(path: string): Promise<JobFile> {
  const file = resolve(path);
  const extension = extname(file);
  if (!existsSync(file)) {
    throw new MisuseError({
      code: 'job.file',
      expected: `a job file at ${path}`,
      found: 'no such file',
      hint: 'Write one with `nonet init DATA.csv --target COLUMN --sites N`, or start from examples/digits.job.ts.',
    });
  }
  if (['.yaml', '.yml'].includes(extension)) return readYamlJob(file);
  if (!['.ts', '.js', '.mts', '.mjs'].includes(extension)) {
    throw new MisuseError({
      code: 'job.file',
      expected: 'a job file that ends in .ts, .js or .yaml',
      found: path,
    });
  }
  const module = await evaluate(file, path);
  if (module.default?.job?.model === undefined || module.default.job.data === undefined) {
    throw new MisuseError({
      code: 'job.file',
      expected: `${path} to export a job as its default: export default defineJob({ job: ... })`,
      found:
        module.default === undefined ? 'no default export' : 'a default export without job.model or job.data',
    });
  }
  return module.default;
}

async function evaluate(file: string, path: string): Promise<{ default?: JobFile }> {
  try {
    return (await import(pathToFileURL(file).href)) as { default?: JobFile };
  } catch (cause) {
    if (cause instanceof NonetError) throw cause;
    const { name, message, stack = '' } = cause instanceof Error ? cause : new Error(String(cause));
    // The author's own line, out of a stack that is otherwise ours.
    const at = /:\d+(?::\d+)?/.exec(stack.split(pathToFileURL(file).href)[1] ?? '')?.[0] ?? '';
    throw new MisuseError({
      code: 'job.file',
      expected: `${path} to be a job file that can be evaluated`,
      found: `${name}: ${message.split('\n')[0]} (${path}${at})`,
      cause,
    });
  }
}
