import { readFigure } from '@nonet/core/records';
import { decode } from 'fast-png';
import { expect, test } from 'vitest';
import { attackFigures } from './figures.ts';
import { attack } from './inversion.ts';
import { attackQuietly } from './quietly.ts';

test('examples are copied out of clear updates and out of sums, not out of masked and noised updates', async () => {
  const { findings, verdict, files } = await attackQuietly(attack);
  expect(verdict).toBe('holds');
  expect(findings.map(({ mechanism }) => mechanism)).toEqual(['privacy.masking', 'privacy.dp']);
  expect(findings[0]!.trials.map(({ condition, succeeded }) => `${condition} ${succeeded}`)).toEqual([
    'without true',
    'without true',
    'with false',
    'beyond true',
  ]);
  const baseline = readFigure(findings[0]!, attackFigures.similarity)!.value;
  expect(baseline).toBeGreaterThan(0.1);
  expect(baseline).toBeLessThan(0.3);
  // Six rows of eight digits.
  const { width, height } = decode(files.get('inversion.png')!);
  expect([width, height]).toEqual([8 * 88 + 4, 6 * 88 + 4]);
}, 300_000);
