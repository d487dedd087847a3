/**
 * Site files: where a site's data lie and what its owner allows. They stay at the site; a job
 * record never names them. A site file is its owner's word, and may name data anywhere on the
 * machine, unless it came with a YAML job file: then a stranger may have written both, and
 * `readYamlJob` keeps its data to the folder of the job.
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
      privacy: z
        .strictObject({
          unit: z.enum(['record', 'participant']),
          epsilon: z.number().positive(),
          delta: z.number().positive().lt(1),
        })
        .optional(),
      honestPart: z.number().positive().max(1).optional(),
    })
    .optional(),
});
/** The content of a site file. */
export type SiteFile = z.infer<typeof siteSchema>;

/** A site file and where its data are. Throws `site.file` or `site.malformed`, naming the field. */
export function readSiteFile(path: string): { site: SiteFile; dataPath: string } {
  const bytes = readBytes(path, 'a site file', 'site.file');
  const site = parseYaml(siteSchema, new TextDecoder().decode(bytes), path, 'site');
  return { site, dataPath: resolve(dirname(path), site.data) };
}

/** What makes two sites the same one: their rules and data. Throws as `readSiteFile`, and `site.data`. */
export function fingerprintSite(path: string): Uint8Array {
  const { dataPath } = readSiteFile(path);
  return concatBytes(sha256(readBytes(path, 'a site file', 'site.file')), fingerprintData(dataPath));
}
