import { expect, test } from 'vitest';
import { attack } from './differencing.ts';
import { attackQuietly } from './quietly.ts';

test('a second set of a round is worth one update, and is not answered', async () => {
  const { findings, verdict } = await attackQuietly(attack);
  expect(verdict).toBe('holds');
  expect(findings.map(({ name }) => name)).toEqual(['two sets', 'both secrets of one party']);
  for (const { trials } of findings) {
    expect(trials[0]!.measured).toBe("6,502 of 6,502 numbers of the victim's update");
    expect(trials[1]!.setting).toContain('5 of 5 sites shown it refuse to answer (secagg.included)');
    expect(trials[1]!.setting).toContain('the ledger refuses the second set (WrongPhase)');
    expect(trials[1]!.measured).toBe("0 of 6,502 numbers of the victim's update");
  }
});
