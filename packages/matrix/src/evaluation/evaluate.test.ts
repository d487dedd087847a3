import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  alone,
  arbitraryClaim,
  arbitraryFinding,
  arbitraryReview,
  asOf,
  claim,
  finding,
  guarded,
} from '../testing/projects.ts';
import { evaluateClaims, type JudgedClaim, judgeClaim, ladderInterval, weigh } from './evaluate.ts';
import type { HypeTestId } from './hypeTests.ts';
import { type Attribute, ladderItems, ladderOf } from './ladders.ts';
import type { Subject } from './records.ts';

const item: Subject = 'v2.detectable';
const value = (...sides: readonly (readonly [boolean, 0 | 1 | 2 | 3 | 4])[]) =>
  weigh(
    sides.map(([says, grade]) => finding(item, says, grade)),
    item,
    2,
    asOf,
  ).value;

/** Findings that make all items of an attribute up to a level true. */
const reach = (attribute: Attribute, level: number) =>
  ladderOf(attribute)
    .filter((each) => each.level <= level)
    .map(({ id }) => finding(id, true, 4));
const shown = finding('coupling', true, 2);
const strong = [...reach('verifiability', 2), ...reach('security', 2), shown];
const verdict = (claims: readonly JudgedClaim[], review = alone) =>
  evaluateClaims(claims, review, { asOf }).verdict;

describe('the value of an item', () => {
  it('is unknown without evidence, with promises only, and with too little', () => {
    expect(value()).toBe('unknown');
    expect(value([true, 0])).toBe('unknown');
    expect(value([true, 1])).toBe('unknown');
    expect(value([false, 1])).toBe('unknown');
    expect(value([true, 0], [false, 0])).toBe('unknown');
  });

  it('is decided by the stronger side, and contested between equals', () => {
    expect(value([true, 2])).toBe('true');
    expect(value([false, 2])).toBe('false');
    expect(value([true, 3], [false, 2])).toBe('true');
    expect(value([true, 2], [false, 3])).toBe('false');
    expect(value([true, 2], [false, 2])).toBe('contested');
    expect(value([true, 2], [true, 2], [false, 2])).toBe('contested');
    // Ten weak sources are no strong one.
    expect(value(...Array.from({ length: 10 }, () => [true, 1] as const), [false, 2])).toBe('false');
  });

  it('keeps what lost in sight', () => {
    const findings = [finding(item, true, 3), finding(item, false, 2)];
    expect(weigh(findings, item, 2, asOf)).toEqual({ value: 'true', decided: [0], outweighed: [1] });
    expect(weigh([finding(item, true, 1)], item, 2, asOf).outweighed).toEqual([0]);
  });

  it('travels in time: not before it was published, not once it expired', () => {
    const dated = [{ ...finding(item, true, 2, '2026-03-01'), until: '2026-09-01' }];
    const at = (day: string) => weigh(dated, item, 2, day).value;
    expect([at('2026-02-28'), at('2026-03-01'), at('2026-08-31'), at('2026-09-01')]).toEqual([
      'unknown',
      'true',
      'true',
      'unknown',
    ]);
  });
});

describe('a claim', () => {
  it('is between what is all true and what is not yet false', () => {
    expect(judgeClaim(claim({ findings: [] }), asOf).interval).toEqual({ lo: 0, hi: 4 });
    expect(judgeClaim(claim({ findings: strong }), asOf).interval).toEqual({ lo: 2, hi: 4 });
    const refuted = [...strong, finding('s3.current', false, 2)];
    expect(judgeClaim(claim({ findings: refuted }), asOf).interval).toEqual({ lo: 2, hi: 2 });
  });

  it('is as strong as the weaker attribute', () => {
    const findings = [...reach('verifiability', 4), ...reach('security', 1), shown];
    expect(judgeClaim(claim({ findings }), asOf).interval.lo).toBe(1);
  });

  it('stays at level 1 if the ledger can be removed, and from below if nobody knows', () => {
    const without = strong.filter(({ on }) => on !== 'coupling');
    expect(judgeClaim(claim({ findings: without }), asOf).interval).toEqual({ lo: 1, hi: 4 });
    const removable = [...without, finding('coupling', false, 2)];
    expect(judgeClaim(claim({ findings: removable }), asOf).interval).toEqual({ lo: 1, hi: 1 });
    // The gate is for claims that credit a ledger.
    expect(judgeClaim(claim({ ledger: false, findings: without }), asOf).interval.lo).toBe(2);
  });

  it.each([
    ['H10', 1],
    ['H19', 1],
    ['H12', 1],
    ['H20', 4],
    ['H15', 4],
    ['H13', 4],
  ] as const)(
    'with test %s confirmed can reach %i at most in verifiability x security',
    (test: HypeTestId, hi) => {
      const findings = [...strong, finding(test, true, 2)];
      expect(judgeClaim(claim({ findings }), asOf).interval.hi).toBe(hi);
    },
  );
});

describe('the verdict', () => {
  it('is "plain AI tool" where no claim credits a ledger, however bad the tool is', () => {
    expect(verdict([])).toBe('plain AI tool');
    expect(
      verdict([claim({ ledger: false, level: 4, findings: [finding('v1.documented', false, 4)] })]),
    ).toBe('plain AI tool');
  });

  it('is "impact" with a cell at level 2, and says when more is claimed than shown', () => {
    expect(verdict([claim({ findings: strong })])).toBe('impact');
    expect(verdict([claim({ findings: strong, level: 4 })])).toBe('impact');
    const bounded = [...strong, finding('s3.current', false, 2)];
    expect(verdict([claim({ findings: bounded, level: 3 })])).toBe('impact with overclaim');
    expect(verdict([claim({ findings: [...strong, finding('H14', true, 2)] })])).toBe(
      'impact with overclaim',
    );
  });

  it('is "not shown" for modest claims that cannot be above level 1', () => {
    expect(verdict([claim({ level: 1, findings: [finding('s2.audited', false, 2)] })])).toBe('not shown');
  });

  it('is "under review" otherwise', () => {
    expect(verdict([claim({ level: 4 })])).toBe('under review');
  });

  const fatal = claim({ level: 3, findings: [finding('H5', true, 2)] });
  it('is "hype" for a refuted claim only behind all guard rails', () => {
    expect(verdict([fatal], guarded)).toBe('hype');
    for (const [missing, claims, review] of [
      ['archived', [{ ...fatal, archived: false }], guarded],
      ['reviewer', [fatal], { ...guarded, reviewers: 1 }],
      ['asked', [fatal], { ...guarded, invited: undefined }],
      ['14 days', [fatal], { ...guarded, invited: '2026-05-25' }],
    ] as const) {
      const judgement = evaluateClaims(claims, review, { asOf });
      expect(judgement.verdict).toBe('under review');
      expect(judgement.rule).toBe(2);
      expect(judgement.withheld.join()).toContain(missing);
    }
  });

  it('is "hype" where every claimed level is 2 or more above the possible', () => {
    const far = claim({ level: 3, findings: [finding('s2.audited', false, 2)] });
    expect(verdict([far], guarded)).toBe('hype');
    expect(verdict([far, claim()], guarded)).not.toBe('hype');
  });

  it('takes a fatal test only for the attribute that it is about', () => {
    const administrator = [finding('H7', true, 2)];
    expect(verdict([claim({ findings: administrator })], guarded)).toBe('under review');
    const decentralised = claim({ cell: 'verifiability-decentralisation', findings: administrator });
    expect(verdict([decentralised], guarded)).toBe('hype');
  });
});

describe('what the first rules got wrong', () => {
  it('federated frameworks without a ledger are never hype', () => {
    const frameworks = (
      ['privacy-scalability', 'privacy-security', 'performance-decentralisation'] as const
    ).map((cell) =>
      claim({
        cell,
        ledger: false,
        findings: [finding('p2.default', false, 2), finding('f1.figures', false, 2)],
      }),
    );
    expect(verdict(frameworks, guarded)).toBe('plain AI tool');
  });

  it('a missing audit alone is not hype', () => {
    const unaudited = [...reach('verifiability', 2), finding('s2.audited', false, 2)];
    expect(verdict([claim({ level: 2, findings: unaudited })], guarded)).toBe('not shown');
    expect(verdict([claim({ level: 2, findings: reach('verifiability', 2) })], guarded)).toBe('under review');
  });

  it('without a level in a quote nothing exceeds anything', () => {
    const guessed = claim({
      cell: 'privacy-decentralisation',
      findings: [finding('d2.unstoppable', false, 2)],
    });
    expect(verdict([guessed], guarded)).toBe('not shown');
    expect(verdict([{ ...guessed, level: 3 }], guarded)).toBe('hype');
  });
});

describe('for any claims', () => {
  const claims = fc.array(arbitraryClaim, { maxLength: 4 });

  it('more true evidence never lowers a lower bound, more contrary evidence never raises an upper one', () => {
    fc.assert(
      fc.property(
        arbitraryClaim,
        fc.nat(),
        fc.constantFrom(0, 1, 2, 3, 4),
        fc.boolean(),
        (original, n, grade, says) => {
          const on = ladderItems[n % ladderItems.length]!.id;
          const more = {
            ...original,
            findings: [...original.findings, finding(on, says, grade, '2024-01-01')],
          };
          const before = judgeClaim(original, asOf).interval;
          const after = judgeClaim(more, asOf).interval;
          if (says) expect(after.lo).toBeGreaterThanOrEqual(before.lo);
          else expect(after.hi).toBeLessThanOrEqual(before.hi);
        },
      ),
    );
  });

  it('leaving an item out never raises a lower bound, nor lowers an upper one', () => {
    fc.assert(
      fc.property(arbitraryClaim, fc.nat(), (original, n) => {
        const on = ladderItems[n % ladderItems.length]!.id;
        const less = { ...original, findings: original.findings.filter((each) => each.on !== on) };
        const before = judgeClaim(original, asOf).interval;
        const after = judgeClaim(less, asOf).interval;
        expect(after.lo).toBeLessThanOrEqual(before.lo);
        expect(after.hi).toBeGreaterThanOrEqual(before.hi);
      }),
    );
  });

  it('what is unknown above a level does not change that a level is reached', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<Attribute>('verifiability', 'privacy', 'security'),
        fc.integer({ min: 0, max: 4 }),
        (attribute, level) => {
          const known = new Map(
            ladderOf(attribute).flatMap((each) =>
              each.level <= level ? [[each.id as Subject, 'true' as const]] : [],
            ),
          );
          expect(ladderInterval(attribute, (on) => known.get(on) ?? 'unknown')).toEqual({ lo: level, hi: 4 });
        },
      ),
    );
  });

  it('bounds are in order, and the verdict neither depends on the order of claims and findings nor on when it is computed', () => {
    fc.assert(
      fc.property(claims, arbitraryReview, (list, review) => {
        const judgement = evaluateClaims(list, review, { asOf });
        for (const { interval } of judgement.claims) expect(interval.lo).toBeLessThanOrEqual(interval.hi);
        const turned = list.map((each) => ({ ...each, findings: each.findings.toReversed() })).toReversed();
        const again = evaluateClaims(turned, review, { asOf });
        expect([again.verdict, again.rule, again.reason, again.withheld]).toEqual([
          judgement.verdict,
          judgement.rule,
          judgement.reason,
          judgement.withheld,
        ]);
        expect(JSON.stringify(evaluateClaims(list, review, { asOf }))).toBe(JSON.stringify(judgement));
      }),
    );
  });

  it('hype never comes without its guard rails', () => {
    fc.assert(
      fc.property(claims, arbitraryReview, (list, review) => {
        const judgement = evaluateClaims(list, review, { asOf });
        if (judgement.verdict !== 'hype') return;
        expect(review.reviewers).toBeGreaterThanOrEqual(2);
        expect(review.invited).toBeDefined();
        expect(judgement.claims.some(({ fatal, interval }) => fatal.length > 0 || interval.hi < 4)).toBe(
          true,
        );
      }),
      { numRuns: 500 },
    );
  });

  it('evidence of another date changes nothing', () => {
    fc.assert(
      fc.property(arbitraryClaim, arbitraryFinding(['v2.detectable']), (original, late) => {
        const more = { ...original, findings: [...original.findings, { ...late, from: '2026-06-02' }] };
        expect(judgeClaim(more, asOf).interval).toEqual(judgeClaim(original, asOf).interval);
      }),
    );
  });
});

describe('a second reader', () => {
  const on = 'v2.detectable' as const;
  const claim = (second: boolean | undefined, from = '2026-01-01'): JudgedClaim => ({
    cell: 'verifiability-security',
    ledger: true,
    level: undefined,
    archived: false,
    findings: [{ on, says: true, grade: 2, from, until: undefined, admission: false, evidence: 0 }],
    ...(second === undefined ? {} : { second: { date: '2026-06-01', decided: new Map([[on, second]]) } }),
  });
  const found = (of: JudgedClaim) => judgeClaim(of, '2026-12-01').values.get(on);

  it('who decides the contrary leaves an item contested, and the first decision is kept beside it', () => {
    expect(found(claim(undefined))).toMatchObject({ value: 'true' });
    expect(found(claim(true))).toMatchObject({ value: 'true' });
    expect(found(claim(false))).toMatchObject({ value: 'contested', first: 'true' });
  });

  it('contests nothing that evidence shows which came later', () => {
    expect(found(claim(false, '2026-06-02'))).toMatchObject({ value: 'true' });
  });
});
