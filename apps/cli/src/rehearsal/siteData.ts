/**
 * Where a local site finds its data: its own site file, or the share that the rehearsal hands it,
 * written once into its folder.
 */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { encodeDataset } from '@nonet/tensor/datasets';
import type { RehearsalSite } from '../files/jobFile.ts';
import { writeWhole } from '../files/writeWhole.ts';
import type { RunDirectory } from '../runs/runDirectory.ts';

export function placeSiteData(run: RunDirectory, site: number, data: RehearsalSite): string {
  if ('siteFile' in data) return data.siteFile;
  const file = join(run.siteFolder(site), 'data.safetensors');
  if (!existsSync(file)) writeWhole(file, encodeDataset(data), 0o600);
  return file;
}

/**
 * What sites kept in case of a crash, once the run is over: their shares of a rehearsal, and
 * updates that the stores hold. 120 MB in the main job.
 */
export function removeSiteCopies(run: RunDirectory): void {
  for (let site = 0; site < run.record.sites; site++) {
    rmSync(join(run.siteFolder(site), 'data.safetensors'), { force: true });
    rmSync(join(run.siteFolder(site), 'outbox'), { recursive: true, force: true });
  }
}
