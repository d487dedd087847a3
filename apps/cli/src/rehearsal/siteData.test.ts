import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dataset } from '@nonet/tensor';
import { afterAll, expect, test } from 'vitest';
import type { RunDirectory } from '../runs/runDirectory.ts';
import { placeSiteData } from './siteData.ts';

const folder = mkdtempSync(join(tmpdir(), 'nonet-site-'));
afterAll(() => rmSync(folder, { recursive: true }));
const run = { siteFolder: () => folder } as unknown as RunDirectory;

test('the share of a site in a rehearsal is for its owner alone', () => {
  const data: Dataset = {
    features: new Float32Array(4),
    shape: [2],
    labels: Int32Array.of(0, 1),
    vocabulary: ['a', 'b'],
  };
  const file = placeSiteData(run, 0, data);
  expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
});

test('a site file stays where it is', () => {
  expect(placeSiteData(run, 0, { siteFile: '/somewhere/site.yaml' })).toBe('/somewhere/site.yaml');
});
