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

/** The share of entries that two vectors have in common, place by place; 0 where one is missing. */
export function shareEqual(found: Int32Array | undefined, sought: Int32Array): number {
  if (found === undefined || found.length !== sought.length) return 0;
  let equal = 0;
  for (let i = 0; i < sought.length; i++) equal += Number(found[i] === sought[i]);
  return equal / sought.length;
}

/** `12,731 of 12,731 numbers`. */
export function countText(share: number, of: number, noun: string): string {
  const count = (value: number) => Math.round(value).toLocaleString('en-GB');
  return `${count(share * of)} of ${count(of)} ${noun}`;
}
