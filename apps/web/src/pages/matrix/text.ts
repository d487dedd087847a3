/** Words for what the page shows more than once. */
import type { CellId } from '@nonet/core/records';
import { ledgerProperties, wishes } from '@nonet/core/records';

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

export function levelText({ lo, hi }: { readonly lo: number; readonly hi: number }): string {
  return lo === hi ? `level ${lo}` : `level ${lo} to ${hi}`;
}

/** `3 months`; ages are of records, so days do not matter. */
export function ageText(months: number): string {
  if (months < 1) return 'this month';
  const whole = Math.round(months);
  return whole === 1 ? 'a month old' : `${whole} months old`;
}
