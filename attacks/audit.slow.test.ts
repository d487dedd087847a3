/** How often broken trainers are caught, with the confidence that the command states. */

import { readFigure } from '@nonet/core/records';
import { expect, test } from 'vitest';
import { attack } from './audit.ts';
import { attackFigures } from './figures.ts';
import { attackQuietly } from './quietly.ts';

test('broken trainers are caught in at least 95 % of audits, right ones in at most 5 %', async () => {
  const { findings, verdict } = await attackQuietly(attack);
  expect(verdict).toBe('holds');
  for (const finding of findings) {
    expect(readFigure(finding, attackFigures.faultsCaught)!.min).toBeGreaterThanOrEqual(0.95);
    expect(readFigure(finding, attackFigures.epsilonAtLeast)!.value).toBeLessThan(2);
    expect(finding.trials[0]!.setting).toBe(
      'noise left out: a generator that is stuck, of which parameters say nothing',
    );
    for (const { setting } of finding.trials.slice(1, 3)) expect(setting).toContain('(dp.promise)');
  }
}, 600_000);
