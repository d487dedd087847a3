/**
 * Probes of a repository at one commit: tests, continuous integration, disclosure policy, licence,
 * activity, contradictions. Where the files come from is the caller's: a function reads them, so
 * that the same probes run on a clone and in a test.
 */
import { printable } from '@nonet/core/records';
import { recogniseLicence } from './licence.ts';
import type { Place, ProbeAnswer, ProbeId, ProbeResult } from './probe.ts';

/** A repository at one commit. */
export interface RepositorySnapshot {
  readonly commit: string;
  /** YYYY-MM-DD of that commit. */
  readonly committed: string;
  readonly commits: number;
  /** In the 365 days up to that commit. */
  readonly commitsLastYear: number;
  readonly authorsLastYear: number;
  readonly paths: readonly string[];
  /** The text of a file of `paths`, or undefined where there is none or it is too large. */
  read(path: string): string | undefined;
}

/** Asks all probes about repositories. */
export function probeRepository(snapshot: RepositorySnapshot): readonly ProbeResult[] {
  return [
    probeTests(snapshot),
    probeCi(snapshot),
    probeDisclosure(snapshot),
    probeLicence(snapshot),
    probeActivity(snapshot),
    probeContradictions(snapshot),
  ];
}

const result = (
  probe: ProbeId,
  answer: ProbeAnswer,
  fact: string,
  places: readonly Place[] = [],
): ProbeResult => ({
  probe,
  answer,
  fact,
  places: places.slice(0, 10),
});

/** Code of others inside the repository: its tests are not the project's. */
const vendored = /(^|\/)(node_modules|vendor|third_party|third-party|external|lib\/[^/]+\/lib)\//;
const code = /\.(rs|go|py|ts|tsx|js|jsx|mjs|sol|cairo|c|cc|cpp|java|kt|swift|rb|move)$/;
const testName =
  /(^|\/)(tests?|__tests__|integration_tests)\/|[._-](test|spec)\.[a-z]+$|_test\.[a-z]+$|(^|\/)test_[^/]*\.py$|\.t\.sol$|(^|\/)tests?\.rs$/i;

function probeTests({ paths }: RepositorySnapshot): ProbeResult {
  const tests = paths.filter((path) => testName.test(path) && code.test(path) && !vendored.test(path));
  return result(
    'tests',
    tests.length > 0 ? 'yes' : 'no',
    `${tests.length} source files on test paths`,
    tests.map((path) => ({ path })),
  );
}

function probeCi({ paths }: RepositorySnapshot): ProbeResult {
  const files = paths.filter((path) =>
    /^(\.github\/workflows\/[^/]+\.ya?ml|\.gitlab-ci\.yml|\.circleci\/config\.yml|\.buildkite\/.+|\.travis\.yml|azure-pipelines\.yml|Jenkinsfile)$/.test(
      path,
    ),
  );
  return result(
    'ci',
    files.length > 0 ? 'yes' : 'no',
    `${files.length} files that configure continuous integration`,
    files.map((path) => ({ path })),
  );
}

function probeDisclosure({ paths }: RepositorySnapshot): ProbeResult {
  const files = paths.filter((path) => /^(\.github\/|docs\/)?SECURITY(\.md|\.txt|\.rst)?$/i.test(path));
  return result(
    'disclosure',
    files.length > 0 ? 'yes' : 'no',
    files.length > 0 ? `a security policy in ${files[0]}` : 'no security policy in the repository',
    files.map((path) => ({ path })),
  );
}

function probeLicence({ paths, read }: RepositorySnapshot): ProbeResult {
  const files = paths.filter(
    (path) => /^(LICEN[SC]E|COPYING|UNLICENSE)([-.][^/]*)?$/i.test(path) && !code.test(path),
  );
  const names = files.map((path) => recogniseLicence(read(path) ?? '') ?? 'not recognised');
  if (files.length === 0) return result('licence', 'no', 'no licence file at the root');
  return result(
    'licence',
    'yes',
    `${names.join(', ')} (${files.join(', ')})`,
    files.map((path) => ({ path })),
  );
}

function probeActivity({
  commit,
  committed,
  commits,
  commitsLastYear,
  authorsLastYear,
}: RepositorySnapshot): ProbeResult {
  return result(
    'activity',
    commitsLastYear >= 12 ? 'yes' : 'no',
    `${commits} commits up to ${commit.slice(0, 12)} of ${committed}, ${commitsLastYear} in the year before by ${authorsLastYear} addresses`,
  );
}

/** What projects write of themselves when it is not finished, or no longer kept; lower case. */
const admissions: readonly RegExp[] = [
  /\b(un-?audited|not (yet )?(been )?(fully )?audited|has not (yet )?been (fully )?audited|have not (yet )?been (fully )?audited|not yet been fully audited|no security audit)\b/,
  /\bnot (yet )?production[- ]ready\b/,
  /\b(not|do not use|don't use|should not be used|not (yet )?(suitable|ready|intended|recommended)) (in|for) production\b/,
  /\b(is|are|still) (highly |currently )?\**(experimental|a prototype|a proof of concept|a proof-of-concept)\b/,
  /\b(actively-developed|research) prototype\b/,
  /\b(archived|deprecated|no longer (actively )?maintained|unmaintained|discontinued)\b/,
  /\b(dormant|sunsetting|sunset phase|not currently active)\b/,
  /\bno official \w+ (is |are )?running\b/,
  /\b(project|product|protocol|software) is (still |currently )?(under active development|in development|in beta)\b|\b(still|currently) under (heavy |active )?development\b|\bin beta state\b/,
  /\b(implementation|project|repository|code|library)\b.*\bfor \W*(demonstrative|demonstration|research)\b/,
];

/** Speaks of a platform, a flag or a dependency, not of the project. */
const aside =
  /\b(api|flag|option|method|function|argument|field|endpoint|version \d|windows|example|mode|feature|client|sdk)\b/;

/**
 * Where projects write of themselves: READMEs and policies of the root and one level down, and the
 * pages of their documents that are about security, audits, status, limits or questions.
 */
const tellsOfItself =
  /^([^/]+\/)?(README|SECURITY|DISCLAIMER|STATUS|NOTICE|ROADMAP)(\.mdx?|\.rst|\.txt)?$|^docs?\/([^/]+\/){0,3}([^/]*(security|audit|status|disclaimer|limitations|faq|overview|introduction)[^/]*|index|README)\.mdx?$/i;

function probeContradictions({ paths, read }: RepositorySnapshot): ProbeResult {
  const files = paths.filter((path) => tellsOfItself.test(path) && !vendored.test(path));
  const places: Place[] = [];
  for (const path of files) {
    (read(path) ?? '').split('\n').forEach((text, i) => {
      const lower = text.toLowerCase();
      const admits = admissions.some((phrase) => phrase.test(lower));
      if (admits && !aside.test(lower)) places.push({ path, line: i + 1, text: printable(text.trim()) });
    });
  }
  return result(
    'contradictions',
    places.length > 0 ? 'yes' : 'no',
    places.length > 0 ? `says: "${places[0]!.text}"` : `no such phrase in ${files.length} files`,
    places,
  );
}
