/** Job files without code: a table model in YAML, as `nonet init` writes it. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import { MisuseError } from '@nonet/core';
import { timedPhases } from '@nonet/core/ports';
import { dataSchemaSchema } from '@nonet/core/records';
import { type Dataset, mlp } from '@nonet/tensor';
import { standardisationOf } from '@nonet/tensor/datasets';
import { z } from 'zod';
import { readDataset } from './dataFile.ts';
import type { JobDraft, JobFile } from './jobFile.ts';
import { parseYaml } from './yaml.ts';

const positive = z.int().positive();

const yamlJobSchema = z.strictObject({
  name: z.string().min(1).max(200),
  /**
   * A multilayer perceptron: units of each hidden layer. Standardisation comes from the columns.
   */
  model: z.strictObject({ hidden: z.array(positive).max(100) }),
  data: dataSchemaSchema.required({ table: true }),
  training: z.strictObject({
    epochs: positive,
    batch: positive,
    learningRate: z.number().positive(),
    momentum: z.number().nonnegative().lt(1),
  }),
  rounds: positive.max(65535),
  minParticipants: positive.optional(),
  phases: z.partialRecord(z.enum(timedPhases), z.int().nonnegative()).optional(),
  grace: z.int().nonnegative().optional(),
  attempts: positive.optional(),
  /** The public test set: CSV, relative to this file. */
  testSet: z.string().optional(),
  /**
   * Site files on this machine, relative to this file: the rehearsal. They are no part of the job.
   */
  sites: z.array(z.string()).min(1),
  /** What `nonet init` made the files of, for people; it is no part of the job. */
  source: z
    .strictObject({
      table: z.string(),
      delimiter: z.string().optional(),
      decimal: z.enum(['.', ',']).optional(),
      /** Columns that were left out, and why. */
      omitted: z.record(z.string(), z.string()).optional(),
    })
    .optional(),
});
/** The content of a YAML job file. */
export type YamlJob = z.input<typeof yamlJobSchema>;

/** A YAML job file's content, checked. Throws `job.malformed`; `path` says of which file. */
export function parseYamlJob(text: string, path: string): z.output<typeof yamlJobSchema> {
  return parseYaml(yamlJobSchema, text, path, 'job');
}

/** The draft of a job that a YAML file describes. */
export function draftOfYaml(
  { name, model, data, training, rounds, phases, ...rest }: z.output<typeof yamlJobSchema>,
  testSet: Dataset | undefined,
): JobDraft {
  const { minParticipants, grace, attempts } = rest;
  return {
    name,
    model: mlp({
      features: data.shape,
      standardise: standardisationOf(data),
      hidden: model.hidden,
      classes: data.labels.length,
    }),
    data,
    training,
    rounds,
    ...withoutUndefined({ minParticipants, grace, attempts, testSet }),
    ...(phases === undefined ? {} : { phases: withoutUndefined(phases) }),
  };
}

/**
 * The job file at `path`. Throws `job.malformed`, `job.path` on a file outside the folder of the
 * job, `site.data` and what reading the test set throws.
 */
export async function readYamlJob(path: string): Promise<JobFile> {
  const yaml = parseYamlJob(readFileSync(path, 'utf8'), path);
  const beside = (file: string) => locateBeside(path, file);
  const testSet = yaml.testSet === undefined ? undefined : await readDataset(beside(yaml.testSet), yaml.data);
  return {
    job: draftOfYaml(yaml, testSet),
    rehearsal: { sites: yaml.sites.map((file) => ({ siteFile: beside(file) })) },
  };
}

/**
 * A file that a job names, in the folder of the job or below. A job may be a stranger's, and its
 * test set is published: no path, no link leads from it to other files of this machine. Throws
 * `job.path`.
 */
function locateBeside(job: string, file: string): string {
  const folder = realpathSync(dirname(job));
  const place = resolve(folder, file);
  // What is not there is refused, by its name, where it is read.
  const real = existsSync(place) ? realpathSync(place) : place;
  if (real.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return place;
  throw new MisuseError({
    code: 'job.path',
    expected: `files in the folder of ${job}, or below it`,
    found: file,
    hint: 'Copy the file there if the job is meant to use it.',
  });
}

function withoutUndefined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as never;
}
