/**
 * Short forms for project files: evidence read from one repository at one commit or from one page,
 * audits with their scope, and findings grouped by the evidence that they rest on.
 */
import type { Claim, EvidenceRecord, ProjectSource, Subject } from '../src/evaluation/records.ts';

interface RepositoryRead {
  readonly repository: string;
  readonly commit: string;
  /**
   * The day of that commit: since then, at the latest, the repository says so. Left out where the
   * copy does not tell it.
   */
  readonly committed?: string;
  /** The day on which it was read. */
  readonly read: string;
  /** The day on which the pin was compared with the newest copy that could be had. */
  readonly checked: string;
  /** That copy, where it is another than the pinned one. */
  readonly newest?: ProjectSource['newest'];
}

/**
 * Readers for one repository. `says` quotes what the project says of itself (grade 0), `documents`
 * what it explains (grade 1), `shows` what its files show to any reader who reads them (grade 2).
 */
export function readRepository({ repository, commit, committed, read, checked, newest }: RepositoryRead) {
  const record =
    (grade: 0 | 1 | 2, kind: EvidenceRecord['kind']) =>
    (id: string, path: string, fact: string, more: Partial<EvidenceRecord> = {}): EvidenceRecord => ({
      id,
      grade,
      kind,
      source: `${repository} ${path}`,
      pin: { commit },
      fact,
      ...(committed === undefined ? {} : { published: committed }),
      retrieved: read,
      interest: 'self',
      downgrades: [],
      ...more,
    });
  const source: ProjectSource = {
    id: repository,
    pin: { commit },
    ...(committed === undefined ? {} : { dated: committed }),
    read,
    checked,
    ...(newest === undefined ? {} : { newest }),
  };
  return {
    source,
    quoted: (path: string) => ({ source: `${repository} ${path}`, pin: { commit } }),
    says: record(0, 'quote'),
    documents: record(1, 'quote'),
    shows: record(2, 'code'),
    /** A report in the repository that was read: what an independent party checked, and what not. */
    audited: (
      id: string,
      path: string,
      fact: string,
      published: string,
      audit: Omit<NonNullable<EvidenceRecord['audit']>, 'read'>,
    ): EvidenceRecord => ({
      ...record(2, 'audit')(id, path, fact, {
        published,
        interest: 'independent',
        audit: { ...audit, read: true },
      }),
      grade: 3,
    }),
  };
}

interface PageRead {
  readonly url: string;
  /** The date that the page itself names; left out where it names none. */
  readonly dated?: string;
  /** The day of our copy. */
  readonly read: string;
  readonly checked: string;
}

/** Readers for one page: a page fixes nothing, so what it says is never above grade 1. */
export function readPage({ url, dated, read, checked }: PageRead) {
  const dates = dated === undefined ? {} : { dated };
  const record =
    (grade: 0 | 1) =>
    (id: string, fact: string, more: Partial<EvidenceRecord> = {}): EvidenceRecord => ({
      id,
      grade,
      kind: 'quote',
      source: url,
      pin: { date: read },
      fact,
      ...(dated === undefined ? {} : { published: dated }),
      retrieved: read,
      interest: 'self',
      downgrades: [],
      ...more,
    });
  const source: ProjectSource = { id: url, pin: { date: read }, ...dates, read, checked };
  return {
    source,
    quoted: () => ({ source: url, pin: { date: read } }),
    says: record(0),
    documents: record(1),
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
