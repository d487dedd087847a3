/**
 * How far a project is from a verdict of impact: for the claim that is nearest, the items that would
 * have to become true for its cell to reach level 2. What "under review" leaves open, in a number
 * and a list.
 */
import { type Judgement, reachedCellLevel } from './evaluate.ts';
import { attributesOf, type Effort, type ItemId, ladderOf } from './ladders.ts';
import type { Project, Subject } from './records.ts';
import { subjectText } from './subjects.ts';

/** An item that is missing. */
export interface MissingItem {
  readonly on: Subject;
  readonly text: string;
  /** Whether evidence says the opposite, or nothing decides. */
  readonly refuted: boolean;
  readonly shownBy: string;
  readonly effort: Effort;
}

/** The claim that is nearest to level 2, and what it lacks. */
export interface Nearest {
  readonly claim: string;
  readonly missing: readonly MissingItem[];
}

/** Undefined where no claim credits a ledger, or one has reached level 2. */
export function nearestToImpact(
  project: Pick<Project, 'claims'>,
  judgement: Pick<Judgement, 'claims'>,
): Nearest | undefined {
  const candidates = project.claims.flatMap((claim, i) => {
    if (!claim.ledger) return [];
    const { values } = judgement.claims[i]!;
    const value = (on: Subject) => values.get(on)?.value ?? 'unknown';
    const items = attributesOf(claim.cell)
      .flatMap((attribute) => ladderOf(attribute))
      .filter(({ id, level }) => level <= reachedCellLevel && value(id as ItemId) !== 'true')
      .map(
        ({ id, text, shownBy, effort }): MissingItem => ({
          on: id,
          text,
          refuted: value(id) === 'false',
          shownBy,
          effort,
        }),
      );
    const coupling: MissingItem[] =
      value('coupling') === 'true'
        ? []
        : [
            {
              on: 'coupling',
              text: subjectText('coupling'),
              refuted: value('coupling') === 'false',
              shownBy: 'show what is lost without the ledger, in code that anyone can read',
              effort: 'hours',
            },
          ];
    return [{ claim: claim.id, missing: [...items, ...coupling] }];
  });
  if (candidates.length === 0 || candidates.some(({ missing }) => missing.length === 0)) return undefined;
  const refuted = (missing: readonly MissingItem[]) => missing.filter((item) => item.refuted).length;
  return candidates.toSorted(
    (a, b) => refuted(a.missing) - refuted(b.missing) || a.missing.length - b.missing.length,
  )[0];
}
