import { readFigure } from '@nonet/core/records';
import { expect, test } from 'vitest';
import { attackFigures } from './figures.ts';
import { attack } from './membership.ts';
import { attackQuietly } from './quietly.ts';

test('members are told from others by an overfitted model, and not by a private one', async () => {
  const { findings, verdict } = await attackQuietly(attack);
  expect(verdict).toBe('holds');
  expect(readFigure(findings[0]!, attackFigures.epsilonAtLeast)!.value).toBeLessThan(0.5);
}, 600_000);
