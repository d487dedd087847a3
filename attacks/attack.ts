/**
 * What attacks share. An attack is a file here that exports `attack`; `nonet attack NAME` runs it
 * against a guarantee, with and without it, prints the verdict and leaves evidence. Nothing else in
 * the repository imports from here.
 */
import { qualifyFigure } from '@nonet/core/records';
import { attackFigures } from './figures.ts';

export type { Attack, AttackContext, Finding, Trial } from '../apps/cli/src/commands/attack/findings.ts';

/** How much of what was sought a trial found: `recovered.CONDITION`. */
export const recoveredIn = (condition: string) => qualifyFigure(attackFigures.recovered, condition);

/**
 * The share of the numbers sought that were found, place by place. Numbers that are 0, as those of
 * a pixel that no example uses, are left out: they are found without looking. 0 where nothing was
 * found.
 */
export function shareEqual(found: Int32Array | undefined, sought: Int32Array): number {
  if (found === undefined || found.length !== sought.length) return 0;
  const equal = sought.reduce((count, value, i) => count + Number(value !== 0 && found[i] === value), 0);
  return equal / countNonZero(sought);
}

const countNonZero = (numbers: Int32Array) =>
  numbers.reduce((count, value) => count + Number(value !== 0), 0);

/** `6,120 of 6,120 numbers`, of those that are not 0. */
export function countText(share: number, sought: Int32Array, noun: string): string {
  const count = (value: number) => Math.round(value).toLocaleString('en-GB');
  const of = countNonZero(sought);
  return `${count(share * of)} of ${count(of)} ${noun}`;
}
