/**
 * What a reader in a hurry takes from a cell and from the whole matrix: one sentence each, computed
 * from the claims as evidence supports them. Limits: it counts and names; it advises nothing.
 */
import type { CellClaim, CellState } from './cell.ts';
import { type MatrixView, reachedLevel } from './matrix.ts';

/** `RISC Zero` of a name with more behind it in brackets. */
export const shortName = (name: string): string => name.replace(/\s*\(.*$/, '');

/** How the claims of a cell stand: projects by name, each once, at its best claim. */
export interface ClaimTally {
  /** With a ledger, at level 2 or above. */
  readonly shown: readonly string[];
  /** With a ledger, below level 2, and evidence could still bring them there. */
  readonly open: readonly string[];
  /** With a ledger, at level 1 at most. */
  readonly refuted: readonly string[];
  /** Without a ledger, at level 2 or above. */
  readonly withoutLedger: readonly string[];
  /** Any claim without a ledger. */
  readonly tools: readonly string[];
}

/** Sorts the projects that claim a cell; a project counts once, in the best of its places. */
export function tallyClaims(claims: readonly CellClaim[]): ClaimTally {
  const ledger = claims.filter((claim) => claim.ledger);
  const tools = claims.filter((claim) => !claim.ledger);
  const names = (some: readonly CellClaim[], ...but: readonly (readonly string[])[]) =>
    [...new Set(some.map(({ project }) => shortName(project)))].filter(
      (name) => !but.some((list) => list.includes(name)),
    );
  const shown = names(ledger.filter(({ level }) => level.low >= reachedLevel));
  const open = names(
    ledger.filter(({ level }) => level.high >= reachedLevel),
    shown,
  );
  return {
    shown,
    open,
    refuted: names(ledger, shown, open),
    withoutLedger: names(tools.filter(({ level }) => level.low >= reachedLevel)),
    tools: names(tools),
  };
}

/** `A`, `A and B`, `A, B and 3 more`. */
function listText(names: readonly string[]): string {
  if (names.length <= 2) return names.join(' and ');
  return names.length === 3
    ? `${names[0]}, ${names[1]} and ${names[2]}`
    : `${names[0]}, ${names[1]} and ${names.length - 2} more`;
}

const projectsText = (count: number) => (count === 1 ? '1 project' : `${count} projects`);

/** What evidence says of the cell for a reader who asks "so what?". */
export function cellSentence({ claims }: Pick<CellState, 'claims'>): string {
  const { shown, open, refuted, withoutLedger, tools } = tallyClaims(claims);
  const verb = (names: readonly string[]) => (names.length === 1 ? 'shows' : 'show');
  const without =
    withoutLedger.length === 0
      ? ''
      : `; ${listText(withoutLedger)} ${verb(withoutLedger)} it without ${withoutLedger.length === 1 ? 'one' : 'any'}`;
  if (shown.length > 0) {
    return `${listText(shown)} ${verb(shown)} it with a ledger, so that others can see that it holds.`;
  }
  if (open.length > 0) {
    const cannot = refuted.length === 0 ? '' : `, ${refuted.length} cannot`;
    return `No project shows it with a ledger yet: ${open.length} may${cannot}${without}.`;
  }
  if (refuted.length > 0) {
    return `${projectsText(refuted.length)} ${refuted.length === 1 ? 'claims' : 'claim'} it with a ledger, and cannot by what they publish${without}.`;
  }
  if (tools.length > 0)
    return `No project credits a ledger with it; ${projectsText(tools.length)} ${tools.length === 1 ? 'pursues' : 'pursue'} it without one.`;
  return 'No project of the catalogue claims it.';
}

/** What the nine cells together say. */
export function matrixSentence({ cells }: Pick<MatrixView, 'cells'>): string {
  const tallies = cells.map(({ claims }) => tallyClaims(claims));
  const shown = tallies.filter((tally) => tally.shown.length > 0);
  const names = [...new Set(shown.flatMap((tally) => tally.shown))];
  const open = tallies.filter((tally) => tally.shown.length === 0 && tally.open.length > 0).length;
  const unclaimed = cells.length - shown.length - open;
  const first =
    shown.length === 0
      ? `In none of ${cells.length} combinations does any project show that a ledger helps`
      : `In ${shown.length} of ${cells.length} combinations of AI and ledger a project shows, to others than itself, that the ledger helps (${listText(names)})`;
  return [
    `${first}.`,
    ...(open === 0 ? [] : [`In ${open} it is claimed and the evidence decides nothing yet;`]),
    ...(unclaimed === 0 ? [] : [`in ${unclaimed} no project has a case.`]),
  ]
    .join(' ')
    .replace(/;$/, '.');
}
