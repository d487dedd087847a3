/** Job files without code: a table model in YAML, as `nonet init` writes it. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { timedPhases } from '@nonet/core/ports';
import { dataSchemaSchema } from '@nonet/core/records';
import { mlp } from '@nonet/tensor';
import { standardisationOf } from '@nonet/tensor/datasets';
import { z } from 'zod';
import { readDataset } from './dataFile.ts';
import type { JobFile } from './jobFile.ts';
import { parseYaml } from './yaml.ts';

const positive = z.int().positive();

const yamlJobSchema = z.strictObject({
  name: z.string().min(1).max(200),
  /**
   * A multilayer perceptron: units of each hidden layer. Standardisation comes from the columns.
   */
  model: z.strictObject({ hidden: z.array(positive) }),
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
});
/** The content of a YAML job file. */
export type YamlJob = z.input<typeof yamlJobSchema>;

/** Throws `job.malformed`, `site.data` and what reading the test set throws. */
export async function readYamlJob(path: string): Promise<JobFile> {
  const yaml = parseYaml(yamlJobSchema, readFileSync(path, 'utf8'), path, 'job');
  const beside = (file: string) => resolve(dirname(path), file);
  const { name, data, training, rounds, minParticipants, grace, attempts } = yaml;
  return {
    job: {
      name,
      model: mlp({
        features: data.shape,
        standardise: standardisationOf(data),
        hidden: yaml.model.hidden,
        classes: data.labels.length,
      }),
      data,
      training,
      rounds,
      ...withoutUndefined({ minParticipants, grace, attempts }),
      ...(yaml.phases === undefined ? {} : { phases: withoutUndefined(yaml.phases) }),
      ...(yaml.testSet === undefined ? {} : { testSet: await readDataset(beside(yaml.testSet), data) }),
    },
    rehearsal: { sites: yaml.sites.map((file) => ({ siteFile: beside(file) })) },
  };
}

function withoutUndefined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as never;
}
