import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alone, arbitraryClaim, arbitraryReview, asOf, claim, finding } from '../testing/projects.ts';
import { evaluateClaims, type JudgedClaim, type Review, subjectsOf } from './evaluate.ts';
import { listFlips } from './flips.ts';
import { efforts } from './ladders.ts';
import type { Subject } from './records.ts';

/**
 * The slow twin: replaces the findings on one subject by a decisive one, or by none, and evaluates
 * everything anew.
 */
function listFlipsSlowly(claims: readonly JudgedClaim[], review: Review) {
  const { verdict, withheld, claims: judged } = evaluateClaims(claims, review, { asOf });
  const found: string[] = [];
  claims.forEach((each, c) => {
    for (const on of subjectsOf(each)) {
      const from = judged[c]!.values.get(on)!.value;
      for (const to of ['true', 'false', 'unknown'] as const) {
        if (to === from || (to === 'unknown' && from === 'contested')) continue;
        const rest = each.findings.filter((other) => other.on !== on);
        const findings = to === 'unknown' ? rest : [...rest, finding(on as Subject, to === 'true', 4)];
        const changed = evaluateClaims(claims.with(c, { ...each, findings }), review, { asOf });
        const isWithheld = changed.withheld.length > 0;
        if (changed.verdict !== verdict || isWithheld !== withheld.length > 0) {
          found.push(`${c} ${on} ${from} ${to} ${changed.verdict} ${isWithheld}`);
        }
      }
    }
  });
  return found.sort();
}

describe('what would change the verdict', () => {
  it('is what the slow twin finds', () => {
    fc.assert(
      fc.property(fc.array(arbitraryClaim, { maxLength: 3 }), arbitraryReview, (claims, review) => {
        const flips = listFlips(claims, evaluateClaims(claims, review, { asOf }), review, { asOf });
        const lines = flips.map(
          (flip) => `${flip.claim} ${flip.on} ${flip.from} ${flip.to} ${flip.verdict} ${flip.withheld}`,
        );
        expect(lines.sort()).toEqual(listFlipsSlowly(claims, review));
      }),
      { numRuns: 50 },
    );
  });

  it('comes with what to do, the cheapest first', () => {
    const claims = [
      claim({ cell: 'verifiability-decentralisation', findings: [finding('v2.detectable', false, 2)] }),
    ];
    const judgement = evaluateClaims(claims, alone, { asOf });
    const flips = listFlips(claims, judgement, alone, { asOf });
    expect(flips.length).toBeGreaterThan(0);
    const cost = flips.map(({ effort }) => efforts.indexOf(effort));
    expect(cost).toEqual(cost.toSorted((a, b) => a - b));
    for (const { todo } of flips) expect(todo).not.toBe('');
    // What would be hype is not passed off as a better verdict.
    expect(flips.find(({ on }) => on === 'H1')).toMatchObject({ verdict: 'under review', withheld: true });
  });
});
