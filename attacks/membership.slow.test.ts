import { readFigure } from '@nonet/core/records';
import { expect, test } from 'vitest';
import { worstVerdict } from '../apps/cli/src/commands/attack/findings.ts';
import { attackFigures } from './figures.ts';
import { attackMembership } from './membership.ts';

test('members are told from others by an overfitted model, and not by a private one', async () => {
  const findings = await attackMembership({ seed: 1, models: 16, note: () => {} });
  expect(worstVerdict(findings)).toBe('holds');
  expect(readFigure(findings[0]!, attackFigures.epsilonAtLeast)!.value).toBeLessThan(0.5);
}, 300_000);
