/** Words for what the page shows more than once. */
import type { CellId } from '@nonet/core/records';
import { ledgerProperties, wishes } from '@nonet/core/records';
import { type CellClaim, shortName } from '@nonet/matrix';
import { pinText as fullPinText, type ProjectReport, staleAfterDays } from '@nonet/matrix/evaluation';

export { ledgerProperties, wishes };

export const capital = (text: string) => `${text[0]!.toUpperCase()}${text.slice(1)}`;

/** `privacy-security` as people write it. */
export function cellName(id: CellId): string {
  const [wish, property] = id.split('-');
  return `${capital(wish!)} × ${property}`;
}

/** Two digits: the third is never meant. */
export function intervalText({ low, high }: { readonly low: number; readonly high: number }): string {
  const [from, to] = [low.toFixed(2), high.toFixed(2)];
  return from === to ? from : `${from} to ${to}`;
}

/** `level 1`, `level 1 to 4`. */
export function levelText({ low, high }: CellClaim['level']): string {
  return low === high ? `level ${low}` : `level ${low} to ${high}`;
}

/** `3 months`; ages are of records, so days do not matter. */
export function ageText(months: number): string {
  if (months < 1) return 'this month';
  const whole = Math.round(months);
  return whole === 1 ? 'a month old' : `${whole} months old`;
}

/** A pin in a few characters, hashes cut after twelve. */
export const pinText = (pin: Parameters<typeof fullPinText>[0]): string =>
  fullPinText(pin).replace(/([0-9a-f]{12})[0-9a-f]{52}/, '$1');

/** `1 claim`, `2 claims`. */
export const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** How old our look at a project's sources is: the oldest look, and what is wrong with any. */
export function freshnessText({ freshness }: Pick<ProjectReport, 'freshness'>): string {
  if (freshness.length === 0) return 'no source';
  const days = Math.max(...freshness.map(({ checkedDaysAgo }) => checkedDaysAgo));
  const behind = freshness.filter((each) => each.behind).length;
  return [
    days < 0 ? 'checked since' : days === 0 ? 'checked today' : `checked ${counted(days, 'day')} ago`,
    ...(days > staleAfterDays ? ['too old'] : []),
    ...(behind === 0 ? [] : ['a newer version was not judged']),
  ].join('; ');
}

export { shortName };
