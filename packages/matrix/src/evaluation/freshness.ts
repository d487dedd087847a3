/**
 * How fresh our copies of a project's sources are, and what a newer clone or file says. Limits: a
 * check is against the newest copy that could be had on that day, which need not be the newest that
 * there is.
 */
import { printable } from '@nonet/core/records';
import { isWithin, type Project, type ProjectSource } from './records.ts';

/** Days after which a copy should be compared with its source again. */
export const staleAfterDays = 90;

/** The age of one source and of our look at it, in days. */
export interface Freshness {
  readonly source: ProjectSource;
  /** Of the source itself; undefined where it names no date. */
  readonly ageDays: number | undefined;
  readonly checkedDaysAgo: number;
  readonly stale: boolean;
  /** A newer version was seen, which was not judged. */
  readonly behind: boolean;
}

const daysBetween = (from: string, to: string) =>
  Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);

/** The freshness of all sources at a date. */
export function freshnessOf({ sources }: Pick<Project, 'sources'>, asOf: string): readonly Freshness[] {
  return sources.map((source) => {
    const checkedDaysAgo = daysBetween(source.checked, asOf);
    return {
      source,
      ageDays: source.dated === undefined ? undefined : daysBetween(source.dated, asOf),
      checkedDaysAgo,
      stale: checkedDaysAgo > staleAfterDays,
      behind: source.newest !== undefined,
    };
  });
}

/** A newer copy of a source, as the caller reads it. */
export interface NewerCopy {
  /** What it is now: a commit, or the hash of a file. */
  readonly version: string;
  /** YYYY-MM-DD, where it is known. */
  readonly dated: string | undefined;
  /** Commits since the pin; undefined where it is no repository. */
  readonly commitsSince: number | undefined;
  /** Paths that differ from the pin; undefined where it is no repository. */
  readonly changed: readonly string[] | undefined;
  /** Whether it can speak of a path: a repository of all, a single file of its own name. */
  covers(path: string): boolean;
  /** The text of a path; undefined where there is none. */
  read(path: string): string | undefined;
}

/** A quote that was looked for in the newer copy. */
export interface QuoteCheck {
  /** Of a claim or a record of evidence. */
  readonly of: string;
  readonly quote: string;
  readonly path: string;
  readonly found: boolean;
}

/** What a newer copy says. */
export interface FreshComparison {
  readonly source: string;
  readonly pinned: string;
  readonly copy: Pick<NewerCopy, 'version' | 'dated' | 'commitsSince'>;
  /** Paths that claims or evidence cite and that changed. */
  readonly citedChanged: readonly string[];
  readonly quotes: readonly QuoteCheck[];
  /** Words by which the newer README says that the project ended, of which the file says nothing. */
  readonly endings: readonly string[];
  /** Nothing that the verdict rests on changed. */
  readonly unchanged: boolean;
}

/** Markup, quotes' marks and line breaks differ between copies of one sentence. */
const normalise = (text: string): string =>
  text
    .replaceAll(/^\s*(\/\/+|[*>#-]+)\s?/gm, ' ')
    .replaceAll(/<\/?[a-z][^>\n]*>|:[a-z0-9_]+:/gi, ' ')
    .replaceAll(/!?\[([^\]]*)\](\([^)]*\)|\[[^\]]*\])?/g, '$1')
    .replaceAll(/[*_`"“”]/g, '')
    .replaceAll(/[’']/g, "'")
    .replaceAll('‑', '-')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .toLowerCase();

/** Whether a text holds a quote, whatever its markup. */
export const holdsQuote = (text: string, quote: string): boolean =>
  normalise(text).includes(normalise(quote));

/** Words by which projects say that they ended; the repository probe looks for the same. */
export const endingWords =
  /\b(is|are|now|been|entering a|in a?|currently) (\*\*)?(dormant|sunsetting( phase)?|sunset|archived|discontinued|deprecated|no longer (actively )?(maintained|developed|supported))\b/i;

/** What changed in one source since its pin, as far as claims and evidence rest on it. */
export function compareWithCopy(project: Project, source: ProjectSource, copy: NewerCopy): FreshComparison {
  const pathIn = (text: string) => text.slice(source.id.length).trim();
  const cited = [
    ...project.claims.map(({ id, source: text, quote }) => ({ of: `claim ${id}`, text, quote })),
    ...project.evidence.map(({ id, source: text, quote }) => ({ of: `evidence ${id}`, text, quote })),
    { of: 'state', text: project.state.source, quote: project.state.quote },
  ].filter(({ text }) => isWithin(text, source.id) && copy.covers(pathIn(text)));
  const paths = [...new Set(cited.map(({ text }) => pathIn(text)))];
  const citedChanged = paths.filter((path) =>
    (copy.changed ?? []).some(
      (changed) => path === '.' || changed === path || changed.startsWith(`${path}/`),
    ),
  );
  const quotes = cited.flatMap(({ of, text, quote }) => {
    if (quote === undefined) return [];
    const path = pathIn(text);
    const now = copy.read(path);
    return [{ of, quote, path, found: now !== undefined && holdsQuote(now, quote) }];
  });
  const endings = (copy.read('README.md') ?? '')
    .split('\n')
    .filter((line) => endingWords.test(line))
    .map((line) => printable(line.trim()))
    .filter((line) => project.state.quote === undefined || !holdsQuote(line, project.state.quote))
    .slice(0, 5);
  const [[, pinned]] = Object.entries(source.pin) as [[string, string | number]];
  return {
    source: source.id,
    pinned: String(pinned),
    copy: { version: copy.version, dated: copy.dated, commitsSince: copy.commitsSince },
    citedChanged,
    quotes,
    endings,
    unchanged: citedChanged.length === 0 && endings.length === 0 && quotes.every(({ found }) => found),
  };
}
