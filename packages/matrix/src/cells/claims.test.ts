import { expect, test } from 'vitest';
import { projects } from '../../data/projects/index.ts';
import { evaluateProject } from '../evaluation/report.ts';
import { claimsAt } from './claims.ts';

test('every claim of a real project comes with the level that its evidence supports at that day', () => {
  const date = '2026-11-27T12:00:00Z';
  const claims = claimsAt(projects, date);
  const real = projects.filter(({ kind }) => kind !== 'constructed');
  expect(real.length).toBeLessThan(projects.length);
  expect(claims).toHaveLength(real.reduce((sum, project) => sum + project.claims.length, 0));
  const [first] = projects;
  const report = evaluateProject(first!, { asOf: '2026-11-27' });
  expect(claims[0]).toMatchObject({
    project: first!.name,
    quote: first!.claims[0]!.quote,
    level: { low: report.claims[0]!.interval.lo, high: report.claims[0]!.interval.hi },
    verdict: report.decision.verdict,
  });
  for (const { level } of claims) expect(level.low).toBeLessThanOrEqual(level.high);
});
