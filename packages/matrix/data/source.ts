/**
 * Short forms for project files: evidence read from one repository at one commit, and findings
 * grouped by the evidence that they rest on.
 */
import type { Claim, EvidenceRecord, Subject } from '../src/evaluation/records.ts';

interface Read {
  readonly repository: string;
  readonly commit: string;
  /** The day of that commit: since then, at the latest, the repository says so. */
  readonly committed: string;
  /** The day on which it was read. */
  readonly read: string;
}

/**
 * Readers for one repository. `says` quotes what the project says of itself (grade 0), `documents`
 * what it explains (grade 1), `shows` what its files show to any reader who reads them (grade 2).
 */
export function readRepository({ repository, commit, committed, read }: Read) {
  const record =
    (grade: 0 | 1 | 2, kind: EvidenceRecord['kind']) =>
    (id: string, path: string, fact: string, more: Partial<EvidenceRecord> = {}): EvidenceRecord => ({
      id,
      grade,
      kind,
      source: `${repository} ${path}`,
      pin: { commit },
      fact,
      published: committed,
      retrieved: read,
      interest: 'self',
      downgrades: [],
      ...more,
    });
  return {
    quoted: (path: string) => ({ source: `${repository} ${path}`, pin: { commit } }),
    says: record(0, 'quote'),
    documents: record(1, 'quote'),
    shows: record(2, 'code'),
  };
}

/**
 * Findings by evidence: what each record shows, and what it refutes (or, of a hype test, confirms
 * and denies).
 */
export function findings(
  shown: Readonly<Record<string, readonly Subject[]>>,
  refuted: Readonly<Record<string, readonly Subject[]>> = {},
): Claim['findings'] {
  const list = (says: boolean, by: Readonly<Record<string, readonly Subject[]>>) =>
    Object.entries(by).flatMap(([evidence, subjects]) => subjects.map((on) => ({ on, says, evidence })));
  return [...list(true, shown), ...list(false, refuted)];
}
