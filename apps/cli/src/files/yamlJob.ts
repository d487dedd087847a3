/** Job files without code: a table model in YAML, as `nonet init` writes it. */
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, extname, resolve, sep } from 'node:path';
import { MisuseError } from '@nonet/core';
import { timedPhases } from '@nonet/core/ports';
import { dataSchemaSchema } from '@nonet/core/records';
import { type Dataset, mlp } from '@nonet/tensor';
import { standardisationOf } from '@nonet/tensor/datasets';
import { z } from 'zod';
import { readDataset } from './dataFile.ts';
import type { JobDraft, JobFile, PrivacyPromise } from './jobFile.ts';
import { readSiteFile } from './siteFile.ts';
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
    /** Not where `privacy.dp` protects records: then sites take gradient steps. */
    epochs: positive.optional(),
    batch: positive.optional(),
    learningRate: z.number().positive(),
    momentum: z.number().nonnegative().lt(1),
  }),
  rounds: positive.max(65535),
  minParticipants: positive.optional(),
  phases: z.partialRecord(z.enum(timedPhases), z.int().nonnegative()).optional(),
  grace: z.int().nonnegative().optional(),
  privacy: z
    .strictObject({
      aggregation: z.enum(['plain', 'pairwise']),
      threshold: z.int().min(50).max(99).optional(),
      dp: z
        .strictObject({
          unit: z.enum(['record', 'participant']),
          form: z.enum(['distributed', 'silo']).optional(),
          epsilon: z.number().positive(),
          delta: z.number().positive().lt(1),
          honest: positive.optional(),
          clippingNorm: z.number().positive().optional(),
          releases: positive.optional(),
          samplingRate: z.number().positive().max(1).optional(),
          records: positive.optional(),
          stepsPerRound: positive.optional(),
        })
        .optional(),
    })
    .optional(),
  /** Sites hold out this part of their rows, and evaluate on it: only sums are read. */
  evaluation: z.strictObject({ heldOut: z.number().positive().max(0.5) }).optional(),
  attempts: positive.optional(),
  /** Whether the run ends by proving one prediction of the model. */
  prove: z.boolean().optional(),
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
      /** Root of the receipt of the count that means, deviations and values are from. */
      statistics: z.string().optional(),
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
  const { minParticipants, grace, attempts, privacy, evaluation, prove } = rest;
  return {
    name,
    model: mlp({
      features: data.shape,
      standardise: standardisationOf(data),
      hidden: model.hidden,
      classes: data.labels.length,
    }),
    data,
    training: withoutUndefined(training) as JobDraft['training'],
    rounds,
    ...withoutUndefined({ minParticipants, grace, attempts, evaluation, prove, testSet }),
    ...(privacy === undefined
      ? {}
      : {
          privacy: {
            aggregation: privacy.aggregation,
            ...withoutUndefined({ threshold: privacy.threshold }),
            ...(privacy.dp === undefined ? {} : { dp: withoutUndefined(privacy.dp) as PrivacyPromise }),
          },
        }),
    ...(phases === undefined ? {} : { phases: withoutUndefined(phases) }),
  };
}

/**
 * The job file at `path`. Throws `job.malformed`, `job.path` on a file outside the folder of the
 * job, `site.data`, and what reading the test set and the site files throws.
 */
export async function readYamlJob(path: string): Promise<JobFile> {
  const yaml = parseYamlJob(readFileSync(path, 'utf8'), path);
  const testSet =
    yaml.testSet === undefined ? undefined : await readDataset(locateBeside(path, yaml.testSet), yaml.data);
  return {
    job: draftOfYaml(yaml, testSet),
    rehearsal: { sites: yaml.sites.map((file) => ({ siteFile: locateSite(path, file) })) },
  };
}

/**
 * A site file beside a job, whose data are there, too: the author of the job may have written the
 * site, and a run trains on its data, on any ledger.
 */
function locateSite(job: string, file: string): string {
  const siteFile = locateBeside(job, file);
  if (existsSync(siteFile) && extname(siteFile) !== '.safetensors') {
    const { site, dataPath } = readSiteFile(siteFile);
    assertBeside(job, dataPath, `${site.data} in ${file}`);
  }
  return siteFile;
}

/**
 * A file that a job names, in the folder of the job or below. A job may be a stranger's, and its
 * test set is published: no path, no link leads from it to other files of this machine. Throws
 * `job.path`.
 */
function locateBeside(job: string, file: string): string {
  const place = resolve(realpathSync(dirname(job)), file);
  assertBeside(job, place, file);
  return place;
}

/** Folders are no data of a table, and links in them could lead anywhere. */
function assertBeside(job: string, place: string, found: string): void {
  const folder = realpathSync(dirname(job));
  // What is not there is refused, by its name, where it is read.
  const real = existsSync(place) ? realpathSync(place) : resolve(place);
  const isInside = real.startsWith(folder.endsWith(sep) ? folder : folder + sep);
  if (isInside && !statSync(real, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new MisuseError({
    code: 'job.path',
    expected: `files in the folder of ${job}, or below it`,
    found,
    hint: 'Copy the file there if the job is meant to use it. A TypeScript job file, which is your own, may name any.',
  });
}

function withoutUndefined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as never;
}
