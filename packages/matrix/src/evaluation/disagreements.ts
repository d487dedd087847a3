/**
 * Where a second reading of the same sources codes an item otherwise than the first. Both stay
 * visible. Where an independent reader decides the contrary, the item is contested, and the verdict
 * rests on neither; what only one of the two decides stays as the first has it.
 */
import type { Judgement, Value } from './evaluate.ts';
import type { Project, Subject } from './records.ts';
import { subjectText } from './subjects.ts';

/** An item that two readings code differently. */
export interface Disagreement {
  readonly claim: string;
  readonly on: Subject;
  readonly text: string;
  readonly first: Value;
  readonly second: 'true' | 'false' | 'unknown';
  readonly because: string | undefined;
}

/** All disagreements; undefined where there was no second reading. Contested counts as unknown. */
export function disagreementsOf(
  project: Pick<Project, 'claims' | 'second'>,
  judgement: Pick<Judgement, 'claims'>,
): readonly Disagreement[] | undefined {
  return project.second?.codes.flatMap(({ claim, on, value, because }) => {
    const position = project.claims.findIndex(({ id }) => id === claim);
    const found = judgement.claims[position]!.values.get(on);
    const first = found?.first ?? found?.value ?? 'unknown';
    if ((first === 'contested' ? 'unknown' : first) === value) return [];
    return [{ claim, on, text: subjectText(on), first, second: value, because }];
  });
}

/** Agreement over all items that were coded twice, and how many those are. */
export function agreementOf(
  reports: readonly {
    readonly project: Pick<Project, 'second'>;
    readonly disagreements: readonly unknown[] | undefined;
  }[],
): { readonly agreed: number; readonly of: number } {
  const of = reports.reduce((sum, { project }) => sum + (project.second?.codes.length ?? 0), 0);
  const differ = reports.reduce((sum, { disagreements }) => sum + (disagreements?.length ?? 0), 0);
  return { agreed: of - differ, of };
}
