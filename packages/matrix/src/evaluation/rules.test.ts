/** One test for each rule of fairness that docs/evaluation.md states: it fails without the rule. */

import { cellIds } from '@nonet/core/records';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  alone,
  arbitraryClaim,
  arbitraryReview,
  claim,
  evidence,
  finding,
  fullProject,
} from '../testing/projects.ts';
import { evaluateClaims, type JudgedClaim, judgeClaim, rankOf } from './evaluate.ts';
import { compareWithCopy, endingWords, freshnessOf, holdsQuote, type NewerCopy } from './freshness.ts';
import { weightsOf } from './grades.ts';
import { attributesOf } from './ladders.ts';
import { claimedLevel, claimPhrases, creditedLedger } from './phrases.ts';
import { auditGrade, type Project } from './records.ts';
import { anonymise, evaluateProject } from './report.ts';

describe('the same words claim the same level', () => {
  it.each(
    claimPhrases.flatMap((row) => row.examples.map((words) => [row.attribute, row.level, words] as const)),
  )('%s %i: "%s"', (attribute, level, words) => {
    for (const cell of cellIds.filter((each) => attributesOf(each).includes(attribute as never))) {
      const claimed = claimedLevel(`Our network, it is said, ${words}.`, cell);
      expect(claimed!.level).toBeGreaterThanOrEqual(level);
    }
  });

  it('whichever project says them: "anyone can verify" and "anybody can check afterwards" are one level', () => {
    const cell = 'verifiability-decentralisation';
    expect(claimedLevel('Deterministic builds mean anyone can verify the hash.', cell)?.level).toBe(3);
    expect(claimedLevel('anybody can check afterwards what was done.', cell)?.level).toBe(3);
    expect(claimedLevel('Anyone who has the blobs can recompute every step', cell)?.level).toBe(3);
  });

  it('of the two attributes of the cell only, and none without such words', () => {
    expect(claimedLevel('anyone can verify', 'privacy-security')).toBeUndefined();
    expect(claimedLevel('It is a library.', 'verifiability-security')).toBeUndefined();
  });

  it('a ledger is credited by words of the quote', () => {
    expect(creditedLedger('verified by a smart contract')).toBe('smart contract');
    expect(creditedLedger('recorded on-chain')).toBeDefined();
    expect(creditedLedger('data stay with their owners')).toBeUndefined();
  });
});

describe('an audit', () => {
  it('that was read is of grade 3, one that was not of grade 1, whichever project it is about', () => {
    expect([auditGrade({ read: true }), auditGrade({ read: false })]).toEqual([3, 1]);
  });

  it('said to be missing by the project itself ranks as silence does', () => {
    const verdicts = (own: boolean) => {
      const project = fullProject();
      const admitted: Project = {
        ...project,
        evidence: [evidence({ id: 'own', kind: 'quote', grade: 2 }), ...project.evidence],
        claims: project.claims.map((each) => ({
          ...each,
          findings: own ? [{ on: 's2.audited', says: false, evidence: 'own' }] : [],
        })),
      };
      const { decision, claims } = evaluateProject(admitted, { asOf: '2026-03-01' });
      return [decision.verdict, claims[0]!.interval];
    };
    expect(verdicts(true)).toEqual(verdicts(false));
  });

  it('stays missing where an independent party says so', () => {
    const { claims } = anonymise(fullProject());
    expect(claims[0]!.findings.find(({ on }) => on === 's2.audited')?.admission).toBe(false);
  });
});

describe('waiting', () => {
  const day = (offset: number) => new Date(Date.UTC(2027, 0, 1 + offset)).toISOString().slice(0, 10);

  it('never improves a verdict where no evidence comes', () => {
    fc.assert(
      fc.property(
        fc.array(arbitraryClaim, { maxLength: 3 }),
        arbitraryReview,
        fc.nat(1500),
        fc.nat(1500),
        (claims, review, first, more) => {
          // All evidence is there on the first of the two days, so nothing comes in between.
          const at = (offset: number) => rankOf(evaluateClaims(claims, review, { asOf: day(offset) }));
          expect(at(first + more)).toBeGreaterThanOrEqual(at(first));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('does not take back what speaks against a claim', () => {
    const against = { ...finding('s2.audited', false, 3), until: '2026-02-01' };
    const verdict = (asOf: string) =>
      evaluateClaims([claim({ findings: [against] })], alone, { asOf }).verdict;
    expect([verdict('2026-01-15'), verdict('2029-01-01')]).toEqual(['not shown', 'not shown']);
  });
});

describe('interest', () => {
  it('of a competitor lowers the weight', () => {
    const article = evidence({
      id: 'article',
      grade: 1,
      kind: 'press',
      interest: 'competitor',
      downgrades: [{ reason: 'interest', because: 'sells another product' }],
    });
    expect(weightsOf([article]).get('article')?.grade).toBe(0);
  });
});

describe('a source', () => {
  it('without a date counts from the day of our copy, and is shown as undated', () => {
    const { published: _, ...undated } = evidence({ pin: { date: '2026-02-01' }, grade: 1 });
    expect(weightsOf([undated]).get('e')?.from).toBe('2026-02-01');
    const report = evaluateProject(
      { ...fullProject(), evidence: [undated, fullProject().evidence[1]!] },
      { asOf: '2026-03-01' },
    );
    const shown = report.claims[0]!.findings.flatMap(({ decided, outweighed }) => [
      ...decided,
      ...outweighed,
    ]);
    expect(shown.find(({ id }) => id === 'e')?.dated).toBeUndefined();
  });

  it('says how old it is, when it was compared with its newest, and what was newer', () => {
    const [fresh] = freshnessOf(fullProject(), '2026-02-11');
    expect(fresh).toMatchObject({ ageDays: 41, checkedDaysAgo: 10, stale: false, behind: true });
    expect(freshnessOf(fullProject(), '2026-12-01')[0]?.stale).toBe(true);
  });
});

describe('a newer copy', () => {
  const project = fullProject();
  const [source] = project.sources;
  const copy = (readme: string, changed: readonly string[]): NewerCopy => ({
    version: '4'.repeat(40),
    dated: '2026-05-01',
    commitsSince: 7,
    changed,
    covers: () => true,
    read: (path) => (path === 'README.md' ? readme : undefined),
  });
  const text = 'Anyone can **verify** every\n answer by a [contract](x). It is dormant. verbatim';

  it('with the same words changes nothing', () => {
    expect(compareWithCopy(project, source!, copy(text, ['src/a.ts']))).toMatchObject({
      unchanged: true,
      citedChanged: [],
      copy: { commitsSince: 7 },
    });
  });

  it('says which quote is gone, which cited path changed, and what the project says of its end', () => {
    const compared = compareWithCopy(project, source!, copy('This project is archived.', ['README.md']));
    expect(compared.unchanged).toBe(false);
    expect(compared.citedChanged).toEqual(['README.md']);
    expect(compared.quotes.filter(({ found }) => !found).map(({ of }) => of)).toEqual([
      'claim claim',
      'evidence e',
      'state',
    ]);
    expect(compared.endings).toEqual(['This project is archived.']);
  });

  it('is read without its markup', () => {
    expect(holdsQuote('/// @dev If `address(0)`, pay\n/// at once', 'If address(0), pay at once')).toBe(true);
    expect(holdsQuote('it’s [a **b**][c]: d', "it's a b: d")).toBe(true);
    expect(holdsQuote('abc', 'abd')).toBe(false);
  });

  it.each(['World ID 3.0 is entering a sunsetting phase', 'Templar is dormant', 'is no longer maintained'])(
    '"%s" is an end',
    (words) => expect(endingWords.test(words)).toBe(true),
  );
});

it('only what an independent second reader decided contests anything', () => {
  const valueWith = (independent: boolean, value: 'true' | 'false' | 'unknown') => {
    const project = fullProject();
    const second = { ...project.second!, independent, codes: [{ ...project.second!.codes[0]!, value }] };
    const { claims } = anonymise({ ...project, second });
    return judgeClaim(claims[0]!, '2026-11-30').values.get('v1.documented')?.value;
  };
  expect(valueWith(true, 'false')).toBe('contested');
  expect(valueWith(false, 'false')).toBe('true');
  expect(valueWith(true, 'unknown')).toBe('true');
  expect(valueWith(true, 'true')).toBe('true');
});

// A claim of arbitrary findings must be able to speak for and against, or the property says nothing.
it('arbitrary claims reach different verdicts', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(
      fc.array(arbitraryClaim, { maxLength: 3 }),
      arbitraryReview,
      (claims: JudgedClaim[], review) => {
        seen.add(evaluateClaims(claims, review, { asOf: '2026-06-01' }).verdict);
      },
    ),
    { numRuns: 1000 },
  );
  expect(seen.size).toBeGreaterThan(3);
});
