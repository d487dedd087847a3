/**
 * Projects for tests: arbitrary claims and evidence that parse, and short forms. Only tests import
 * this.
 */
import { cellIds } from '@nonet/core/records';
import fc from 'fast-check';
import { type DecaiFlags, decaiFlagsSchema } from '../evaluation/decaiFit.ts';
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
  return { on, says, grade, from, until: undefined, admission: false, evidence: 0 };
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
    admission: fc.constant(false),
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

/** All flags of the other formula alike. */
export const decaiFlags = (value: DecaiFlags['AI_0']): DecaiFlags =>
  Object.fromEntries(Object.keys(decaiFlagsSchema.shape).map((name) => [name, value])) as DecaiFlags;

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
    state: { is: 'dormant', quote: 'It is dormant.', source: 'github:example/example README.md' },
    sources: [
      {
        id: 'github:example/example',
        pin: { commit: '1'.repeat(40) },
        dated: '2026-01-01',
        read: '2026-02-01',
        checked: '2026-02-01',
        newest: { pin: { commit: '3'.repeat(40) }, dated: '2026-01-15', changed: 'Nothing that is cited.' },
      },
    ],
    claims: [
      {
        id: 'claim',
        quote: 'Anyone can verify every answer by a contract.',
        source: 'github:example/example README.md',
        pin: { commit: '1'.repeat(40) },
        archive: '2'.repeat(64),
        cell: 'verifiability-security',
        ledger: true,
        mechanism: 'proofs',
        parts: ['prover'],
        heldIn: ['github:example/more'],
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
      evidence({
        id: 'f',
        grade: 3,
        kind: 'audit',
        interest: 'independent',
        restsOn: ['e'],
        audit: {
          by: 'an auditor',
          read: true,
          version: 'commit 1111',
          in: [{ part: 'prover', quote: 'the prover' }],
          out: [{ part: 'contracts', quote: 'contracts were not reviewed' }],
        },
      }),
    ],
    incidents: [{ date: '2026-01', what: 'It failed.', source: 'example.org', interest: 'competitor' }],
    second: {
      reader: 'another reader',
      independent: true,
      date: '2026-02-02',
      codes: [{ claim: 'claim', on: 'v1.documented', value: 'unknown', because: 'it is not described' }],
    },
    decaiFlags: decaiFlags(true),
    review: {
      invited: '2026-02-01',
      reply: { text: 'We disagree.', date: '2026-02-10', by: 'the project' },
    },
    timestamps: { published: '2026-02-01', edited: '2026-02-02', dataAsOf: '2026-02-01' },
  };
}
