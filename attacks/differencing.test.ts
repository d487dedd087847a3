import { expect, test } from 'vitest';
import { attack } from './differencing.ts';
import { attackQuietly } from './quietly.ts';

test('a second set of a round is worth one update, and is not answered', async () => {
  const { findings, verdict } = await attackQuietly(attack);
  expect(verdict).toBe('holds');
  expect(findings.map(({ name }) => name)).toEqual(['two sets', 'both secrets of one party', 'two attempts']);
  for (const { trials } of findings) {
    expect(trials[0]!.measured).toBe("6,502 of 6,502 numbers of the victim's update");
    expect(trials[1]!.measured).toBe("0 of 6,502 numbers of the victim's update");
  }
  for (const { trials } of findings.slice(0, 2)) {
    expect(trials[1]!.setting).toContain('5 of 5 sites shown it refuse to answer (secagg.repeated)');
    expect(trials[1]!.setting).toContain('the ledger refuses the second set (WrongPhase)');
  }
  expect(findings[2]!.trials[1]!.setting).toContain('5 of 5 refuse to answer for another (secagg.repeated)');
});
