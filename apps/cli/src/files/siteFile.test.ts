import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readSiteFile } from './siteFile.ts';

function writeSite(policy: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'nonet-site-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'site.yaml');
  writeFileSync(path, ['name: clinic', 'data: data.csv', 'policy:', ...policy, ''].join('\n'));
  return path;
}

test("a site's privacy budget is read, and refused where it is none", () => {
  const budget = ['  privacy:', '    unit: record', '    epsilon: 8', '    delta: 0.00001'];
  expect(readSiteFile(writeSite(budget)).site.policy).toEqual({
    privacy: { unit: 'record', epsilon: 8, delta: 1e-5 },
  });
  for (const [field, line] of [
    ['unit', '    unit: household'],
    ['epsilon', '    epsilon: 0'],
    ['delta', '    delta: 1'],
  ] as const) {
    const wrong = budget.map((given) => (given.includes(field) ? line : given));
    expect(() => readSiteFile(writeSite(wrong))).toThrow(`policy.privacy.${field}`);
  }
});
