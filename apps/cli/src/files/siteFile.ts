/**
 * Site files: where a site's data lie and what its owner allows. They stay at the site; a job never
 * names them.
 */
import { dirname, extname, resolve } from 'node:path';
import { concatBytes, sha256 } from '@nonet/core';
import { accountSchema, addressSchema, type DataSchema } from '@nonet/core/records';
import type { SitePolicy } from '@nonet/federation';
import type { Dataset } from '@nonet/tensor';
import { z } from 'zod';
import { fingerprintData, readBytes, readDataset } from './dataFile.ts';
import { parseYaml } from './yaml.ts';

const siteSchema = z.strictObject({
  name: z.string().min(1),
  /** What `readDataset` reads; relative to the site file. */
  data: z.string().min(1),
  policy: z
    .strictObject({
      creators: z.array(accountSchema).optional(),
      maximumRounds: z.int().positive().optional(),
      minParticipants: z.int().positive().optional(),
      graphs: z.array(addressSchema).optional(),
      labels: z.array(z.string()).optional(),
      columns: z.array(z.string()).optional(),
      guarantees: z.array(z.string()).optional(),
    })
    .optional(),
});
/** The content of a site file. */
export type SiteFile = z.infer<typeof siteSchema>;

/** The data of a site, read, and its rules. */
export interface Site {
  readonly dataset: Dataset;
  readonly policy: SitePolicy;
}

/** Throws `site.malformed` or `site.data`, naming the field or file. */
export function readSiteFile(path: string): { site: SiteFile; dataPath: string; fingerprint: Uint8Array } {
  const bytes = readBytes(path, 'a site file', 'site.file');
  const site = parseYaml(siteSchema, new TextDecoder().decode(bytes), path, 'site');
  const dataPath = resolve(dirname(path), site.data);
  return { site, dataPath, fingerprint: concatBytes(sha256(bytes), fingerprintData(dataPath)) };
}

/**
 * The data and rules of a site: from a site file, or from a dataset blob, which comes without
 * rules.
 */
export async function openSite(path: string, schema: DataSchema): Promise<Site> {
  if (extname(path) === '.safetensors') return { dataset: await readDataset(path, schema), policy: {} };
  const { site, dataPath } = readSiteFile(path);
  const { policy = {} } = site;
  // An absent rule must be absent, not undefined.
  const rules = Object.fromEntries(Object.entries(policy).filter(([, rule]) => rule !== undefined));
  return { dataset: await readDataset(dataPath, schema), policy: rules as SitePolicy };
}
