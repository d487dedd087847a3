import { expect, test } from 'vitest';
import { projects } from '../../data/projects/index.ts';
import { evaluateClaims } from './evaluate.ts';
import { nearestToImpact } from './nearest.ts';
import { anonymise, evaluateProject } from './report.ts';

const asOf = '2026-11-30';

test('what is nearest to impact is what makes it impact, for every project', () => {
  let checked = 0;
  for (const project of projects) {
    const { nearest, decision } = evaluateProject(project, { asOf });
    if (decision.verdict.startsWith('impact') || decision.verdict === 'plain AI tool') {
      expect(nearest, project.id).toBeUndefined();
      continue;
    }
    const { claims, review } = anonymise(project);
    const at = project.claims.findIndex(({ id }) => id === nearest!.claim);
    const shown = nearest!.missing.map(({ on }) => ({
      on,
      says: true,
      grade: 4 as const,
      // After the second reading.
      from: '2026-12-01',
      until: undefined,
      admission: false,
      evidence: 0,
    }));
    const others = claims[at]!.findings.filter(({ on }) => !nearest!.missing.some((item) => item.on === on));
    const changed = claims.with(at, { ...claims[at]!, findings: [...others, ...shown] });
    const { verdict, claims: judged } = evaluateClaims(changed, review, { asOf: '2026-12-01' });
    // A test that is confirmed caps the cell whatever its items say.
    if (judged[at]!.caps.length === 0 && judged[at]!.fatal.length === 0) {
      expect(verdict, project.id).toMatch(/^impact/);
      checked++;
    }
  }
  expect(checked).toBeGreaterThan(15);
});

test('a claim without a ledger is near nothing', () => {
  expect(nearestToImpact({ claims: [] }, { claims: [] })).toBeUndefined();
});
