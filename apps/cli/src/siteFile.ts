/** Site files: where a site's data lie and what its owner allows. They stay at the site; a job never names them. */
import { readFileSync } from 'node:fs';
import { dirname, extname, resolve } from 'node:path';
import { concatBytes, MisuseError } from '@nonet/core';
import { accountSchema, addressSchema, type DataSchema } from '@nonet/core/records';
import type { SitePolicy } from '@nonet/federation';
import type { Dataset } from '@nonet/tensor';
import { decodeDataset, readCsv, readTable } from '@nonet/tensor/data';
import { z } from 'zod';
import { parseYaml } from './yaml.ts';

const siteSchema = z.strictObject({
  name: z.string().min(1),
  /** CSV, or a dataset blob in safetensors; relative to the site file. */
  data: z.string().min(1),
  policy: z
    .strictObject({
      creators: z.array(accountSchema).optional(),
      maximumRounds: z.int().positive().optional(),
      minimumCohort: z.int().positive().optional(),
      graphs: z.array(addressSchema).optional(),
      labels: z.array(z.string()).optional(),
      columns: z.array(z.string()).optional(),
      guarantees: z.array(z.string()).optional(),
    })
    .optional(),
});
export type SiteFile = z.infer<typeof siteSchema>;

export interface Site {
  readonly dataset: Dataset;
  readonly policy: SitePolicy;
}

/** Throws `site.malformed` or `site.data`, naming the field or file. */
export function readSiteFile(path: string): { site: SiteFile; dataPath: string; fingerprint: Uint8Array } {
  const bytes = readBytes(path, 'a site file', 'site.file');
  const site = parseYaml(siteSchema, new TextDecoder().decode(bytes), path, 'site');
  const dataPath = resolve(dirname(path), site.data);
  return {
    site,
    dataPath,
    fingerprint: concatBytes(bytes, readBytes(dataPath, `the data of ${path}`, 'site.data')),
  };
}

/** The data and rules of a site: from a site file, or from a dataset blob, which comes without rules. */
export function openSite(path: string, schema: DataSchema): Site {
  if (extname(path) === '.safetensors') return { dataset: readDataset(path, schema), policy: {} };
  const { site, dataPath } = readSiteFile(path);
  const { policy = {} } = site;
  // An absent rule must be absent, not undefined.
  const rules = Object.fromEntries(Object.entries(policy).filter(([, rule]) => rule !== undefined));
  return { dataset: readDataset(dataPath, schema), policy: rules as SitePolicy };
}

/** CSV or safetensors, as the job's schema reads it. Errors name the file. */
export function readDataset(path: string, schema: DataSchema): Dataset {
  const bytes = readBytes(path, 'a dataset', 'site.data');
  try {
    return extname(path) === '.safetensors'
      ? decodeDataset(bytes)
      : readTable(readCsv(new TextDecoder().decode(bytes)), schema);
  } catch (error) {
    if (!(error instanceof MisuseError)) throw error;
    const { code, expected, found, hint } = error;
    throw new MisuseError({
      code,
      expected: `${expected} of ${path}`,
      found,
      ...(hint === undefined ? {} : { hint }),
      cause: error,
    });
  }
}

function readBytes(path: string, what: string, code: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (cause) {
    throw new MisuseError({ code, expected: `${what} at ${path}`, found: 'no readable file', cause });
  }
}
