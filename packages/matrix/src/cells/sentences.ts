/** What a terminal and a page both say of a matrix, in the same words. */
import { quantityText } from '@nonet/core/receipt';
import type { MechanismState } from './cell.ts';
import type { MatrixView } from './matrix.ts';
import { affordableOverhead, thresholds } from './score.ts';

const kinds = { train: 'training', infer: 'inference', count: 'counting' } as const;

const adversaries = {
  operator: 'those who run servers',
  participant: 'dishonest participants',
  outsider: 'readers of results and records',
} as const;

/** For which workload, against whom and when the cells are judged. */
export function situationSentence({ workload, adversary, date }: MatrixView): string {
  const { kind, parameters, parties } = workload;
  const sizes = [
    ...(parameters === undefined ? [] : [`${quantityText(parameters, '')} parameters`]),
    ...(parties === undefined ? [] : [parties === 1 ? '1 party' : `${quantityText(parties, '')} parties`]),
  ];
  const what = kind === undefined ? 'what each cell is about' : kinds[kind];
  return `For ${what}${sizes.length === 0 ? '' : ` with ${sizes.join(' and ')}`}, against ${adversaries[adversary]}, as of ${date.slice(0, 10)}.`;
}

/** What would have to be true for a mechanism to make its cell strong. */
export function strengthSentence(
  parts: MechanismState['parts'],
  ceiling?: MechanismState['ceiling'],
): string {
  if (ceiling !== undefined && ceiling.value < thresholds.strong) {
    return `cannot be strong by what was shown: ${ceiling.because}`;
  }
  const factor = affordableOverhead(parts, thresholds.strong);
  return factor === undefined
    ? 'to be surely strong, speed alone is not enough: less trust, a smaller gap or a shown coupling is needed'
    : `surely strong if it makes things at most ${quantityText(Number(factor.toPrecision(2)), '')} times slower`;
}
