/**
 * The nine cells together, what changed between two dates, and the ways of looking at them: ordered
 * table, gaps. Plain data; a terminal or a page renders it.
 */
import type { CellId } from '@nonet/core/records';
import { type CellState, evaluateCell, type Situation } from './cell.ts';
import { cells } from './cells.ts';
import type { Interval } from './interval.ts';
import { scoreFormula } from './score.ts';

export interface MatrixView {
  readonly date: string;
  readonly workload: Situation['workload'];
  readonly adversary: Situation['adversary'];
  /** In the order of the records: row by row. */
  readonly cells: readonly CellState[];
  readonly formula: string;
}

export function matrixView(situation: Situation): MatrixView {
  const { date, workload, adversary } = situation;
  return {
    date,
    workload,
    adversary,
    cells: cells.map(({ id }) => evaluateCell(id, situation)),
    formula: scoreFormula,
  };
}

/**
 * From strong to weak by the editor's order, which is that of the original matrix as far as its
 * text tells.
 */
export function orderedTable({ cells }: MatrixView): readonly CellState[] {
  return cells.toSorted((a, b) => a.cell.rank - b.cell.rank);
}

/** The level that counts as reached: parties other than the operator can see it. */
export const reachedLevel = 2;

export interface Gap {
  readonly cell: CellId;
  /**
   * The highest level that evidence supports for any project, undefined where none claims the cell
   * with a ledger.
   */
  readonly best?: number;
  /** Who might reach it: claims whose upper bound does. */
  readonly undecided: number;
}

/**
 * Cells in which no project reaches level 2 by evidence. Claims that credit no ledger fill none:
 * they pass no coupling gate.
 */
export function gapsIn({ cells }: MatrixView): readonly Gap[] {
  return cells
    .map(({ cell, claims }) => ({ cell, claims: claims.filter(({ ledger }) => ledger) }))
    .filter(({ claims }) => claims.every(({ level }) => level.low < reachedLevel))
    .map(({ cell, claims }) => ({
      cell: cell.id,
      ...(claims.length === 0 ? {} : { best: Math.max(...claims.map(({ level }) => level.low)) }),
      undecided: claims.filter(({ level }) => level.high >= reachedLevel).length,
    }));
}

export interface CellChange {
  readonly cell: CellId;
  readonly score?: { readonly before?: Interval; readonly after?: Interval };
  readonly words?: { readonly before?: string; readonly after?: string };
  /** Sentences of records that are new, and of those that count no longer. */
  readonly newRecords: readonly string[];
  readonly lostRecords: readonly string[];
  readonly newMechanisms: readonly string[];
  /** Claims that are new, or whose evidence supports another level than before. */
  readonly newClaims: readonly string[];
}

/** What is different in `after`; cells in which nothing changed are left out. */
export function diffCells(before: MatrixView, after: MatrixView): readonly CellChange[] {
  return after.cells.flatMap((now) => {
    const then = before.cells.find(({ cell }) => cell.id === now.cell.id)!;
    const missing = <T>(from: readonly T[], to: readonly T[], name: (value: T) => string) => {
      const held = new Set(to.map(name));
      return from.map(name).filter((each) => !held.has(each));
    };
    const sentence = (record: CellState['evidence'][number]) =>
      `${record.sentence} (${record.date.slice(0, 10)})`;
    const built = ({ mechanisms }: CellState) => mechanisms.filter(({ status }) => status === 'built');
    const claim = ({ project, quote, level }: CellState['claims'][number]) =>
      `${project} at level ${level.low === level.high ? level.low : `${level.low} to ${level.high}`}: "${quote}"`;
    const [old, fresh] = [then.measured, now.measured];
    const moved = shown(old?.score) !== shown(fresh?.score);
    const change: CellChange = {
      cell: now.cell.id,
      ...(moved ? { score: pair(old?.score, fresh?.score) } : {}),
      ...(old?.words === fresh?.words ? {} : { words: pair(old?.words, fresh?.words) }),
      newRecords: missing(now.evidence, then.evidence, sentence),
      lostRecords: missing(then.evidence, now.evidence, sentence),
      newMechanisms: missing(built(now), built(then), ({ profile }) => profile.id),
      newClaims: missing(now.claims, then.claims, claim),
    };
    const unchanged =
      !moved &&
      change.newRecords.length +
        change.lostRecords.length +
        change.newMechanisms.length +
        change.newClaims.length ===
        0;
    return unchanged ? [] : [change];
  });
}

/** Scores are told to two digits, so a smaller move is none. */
function shown(score: Interval | undefined): string {
  return score === undefined ? '' : `${score.low.toFixed(2)} ${score.high.toFixed(2)}`;
}

function pair<T>(before: T | undefined, after: T | undefined): { before?: T; after?: T } {
  return { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
}
