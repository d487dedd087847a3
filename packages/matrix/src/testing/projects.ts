/**
 * Projects for tests: arbitrary claims and evidence that parse, and short forms. Only tests import
 * this.
 */
import { cellIds } from '@nonet/core/records';
import fc from 'fast-check';
import type { JudgedClaim, JudgedFinding, Review } from '../evaluation/evaluate.ts';
import { subjectsOf } from '../evaluation/evaluate.ts';
import type { Level } from '../evaluation/ladders.ts';
import type { EvidenceRecord, Project, Subject } from '../evaluation/records.ts';

export const alone: Review = { reviewers: 1, invited: undefined, replied: undefined };
export const guarded: Review = { reviewers: 2, invited: '2026-01-01', replied: undefined };
export const asOf = '2026-06-01';

export function finding(
  on: Subject,
  says: boolean,
  grade: JudgedFinding['grade'],
  from = '2026-01-01',
): JudgedFinding {
  return { on, says, grade, from, until: undefined, evidence: 0 };
}

export function claim(fields: Partial<JudgedClaim> = {}): JudgedClaim {
  return {
    cell: 'verifiability-security',
    ledger: true,
    level: undefined,
    archived: true,
    findings: [],
    ...fields,
  };
}

const day = fc
  .integer({ min: 0, max: 700 })
  .map((days) => new Date(Date.UTC(2025, 0, 1 + days)).toISOString().slice(0, 10));

export const arbitraryFinding = (subjects: readonly Subject[]): fc.Arbitrary<JudgedFinding> =>
  fc.record({
    on: fc.constantFrom(...subjects),
    says: fc.boolean(),
    grade: fc.constantFrom(0, 1, 2, 3, 4),
    from: day,
    until: fc.option(day, { nil: undefined }),
    evidence: fc.nat(9),
  });

export const arbitraryClaim: fc.Arbitrary<JudgedClaim> = fc
  .record({
    cell: fc.constantFrom(...cellIds),
    ledger: fc.boolean(),
    level: fc.option(fc.constantFrom<Level>(1, 2, 3, 4), { nil: undefined }),
    archived: fc.boolean(),
  })
  .chain((fields) =>
    fc
      .array(arbitraryFinding(subjectsOf(fields)), { maxLength: 25 })
      .map((findings) => ({ ...fields, findings })),
  );

export const arbitraryReview: fc.Arbitrary<Review> = fc.record({
  reviewers: fc.constantFrom(1, 2),
  invited: fc.option(day, { nil: undefined }),
  replied: fc.constant(undefined),
});

export function evidence(fields: Partial<EvidenceRecord> = {}): EvidenceRecord {
  return {
    id: 'e',
    grade: 2,
    kind: 'code',
    source: 'github:example/example README.md',
    pin: { commit: '1'.repeat(40) },
    fact: 'It is so.',
    published: '2026-01-01',
    retrieved: '2026-02-01',
    interest: 'self',
    downgrades: [],
    ...fields,
  };
}

/** A project with every field that there is. */
export function fullProject(): Project {
  return {
    version: 1,
    id: 'example',
    name: 'Example',
    about: 'An example.',
    kind: 'project',
    repositories: ['github:example/example'],
    homepage: 'https://example.org',
    claims: [
      {
        id: 'claim',
        quote: 'Anyone can verify every answer.',
        source: 'github:example/example README.md',
        pin: { commit: '1'.repeat(40) },
        archive: '2'.repeat(64),
        cell: 'verifiability-security',
        ledger: true,
        level: 3,
        levelFrom: 'Anyone can verify',
        mechanism: 'proofs',
        trust: ['the prover'],
        scope: { in: ['answers'], out: ['training'] },
        withoutLedger: 'Nothing.',
        findings: [
          { on: 'v1.documented', says: true, evidence: 'e' },
          { on: 's2.audited', says: false, evidence: 'f' },
        ],
      },
    ],
    evidence: [
      evidence({
        quote: 'verbatim',
        expires: '2027-01-01',
        downgrades: [{ reason: 'stale', because: 'old' }],
      }),
      evidence({ id: 'f', grade: 3, kind: 'audit', interest: 'independent', restsOn: ['e'] }),
    ],
    incidents: [{ date: '2026-01', what: 'It failed.', source: 'example.org' }],
    review: {
      reviewers: 2,
      invited: '2026-02-01',
      reply: { text: 'We disagree.', date: '2026-02-10', by: 'the project' },
    },
    timestamps: { published: '2026-02-01', edited: '2026-02-02', dataAsOf: '2026-02-01' },
  };
}
