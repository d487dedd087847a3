/**
 * Site files: where a site's data lie and what its owner allows. They stay at the site; a job never
 * names them.
 */
import { dirname, resolve } from 'node:path';
import { concatBytes, sha256 } from '@nonet/core';
import { accountSchema, addressSchema } from '@nonet/core/records';
import { z } from 'zod';
import { fingerprintData, readBytes } from './dataFile.ts';
import { parseYaml } from './yaml.ts';

const siteSchema = z.strictObject({
  name: z.string().min(1),
  /** What `readDataset` reads; relative to the site file. */
  data: z.string().min(1),
  /** How a CSV file is written, where its cells leave it open (docs/tables.md). */
  delimiter: z.string().length(1).optional(),
  decimal: z.enum(['.', ',']).optional(),
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

/** Throws `site.malformed` or `site.data`, naming the field or file. */
export function readSiteFile(path: string): { site: SiteFile; dataPath: string; fingerprint: Uint8Array } {
  const bytes = readBytes(path, 'a site file', 'site.file');
  const site = parseYaml(siteSchema, new TextDecoder().decode(bytes), path, 'site');
  const dataPath = resolve(dirname(path), site.data);
  return { site, dataPath, fingerprint: concatBytes(sha256(bytes), fingerprintData(dataPath)) };
}
