/** Where a local site finds its data: its own site file, or the share that the rehearsal hands it, written once into its folder. */
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeDataset } from '@nonet/tensor/data';
import type { RehearsalSite } from '../jobFile.ts';
import type { RunDirectory } from './runDirectory.ts';

export function placeSiteData(run: RunDirectory, site: number, data: RehearsalSite): string {
  if ('siteFile' in data) return data.siteFile;
  const file = join(run.siteFolder(site), 'data.safetensors');
  if (!existsSync(file)) {
    writeFileSync(`${file}.part`, encodeDataset(data));
    renameSync(`${file}.part`, file);
  }
  return file;
}
