/** The data and the rules of a site, wherever they are kept. */
import { extname } from 'node:path';
import type { DataSchema } from '@nonet/core/records';
import type { SitePolicy } from '@nonet/federation';
import type { Dataset } from '@nonet/tensor';
import { budgetFolderOf, readDataset } from './dataFile.ts';
import type { SiteFile } from './siteFile.ts';

/** The data of a site, read, and its rules. */
export interface Site {
  readonly dataset: Dataset;
  readonly policy: SitePolicy;
  /** Where it keeps what was spent of its privacy; undefined for a blob, which a rehearsal made. */
  readonly budgetFolder?: string;
}

/** The rules of a site file: one that is absent must be absent, not undefined. */
export function rulesOf(policy: NonNullable<SiteFile['policy']>): SitePolicy {
  return Object.fromEntries(Object.entries(policy).filter(([, rule]) => rule !== undefined)) as SitePolicy;
}

/**
 * The data and rules of a site: from a site file, or from a dataset blob, which comes without
 * rules.
 */
export async function openSite(path: string, schema: DataSchema): Promise<Site> {
  if (extname(path) === '.safetensors') return { dataset: await readDataset(path, schema), policy: {} };
  // Loaded where it is needed: the YAML reader is a tenth of what a site's process loads.
  const { readSiteFile } = await import('./siteFile.ts');
  const { site, dataPath } = readSiteFile(path);
  const { policy = {}, delimiter, decimal } = site;
  const dataset = await readDataset(dataPath, schema, { delimiter, decimal });
  return { dataset, policy: rulesOf(policy), budgetFolder: budgetFolderOf(dataPath) };
}
