/**
 * Answers in words, for evidence, pages and the terminal alike: one row for each figure, named as the
 * query names its columns. docs/specs/statistics.md §5.
 */
import type { Estimate, StatisticsAnswer } from './answers.ts';

/** One figure of an answer with its name. */
export interface AnswerRow {
  /** `mean of age`, `sex: f`. */
  readonly name: string;
  readonly estimate: Estimate;
}

/** Six digits: what is beyond them differs between engines where logarithms or angles are in it. */
function numberText(value: number): string {
  if (!Number.isFinite(value)) return value < 0 ? '-infinity' : 'infinity';
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
}

/** A figure with its interval: `54.2 (54.1 to 54.3)`; a certain one alone; or why there is none. */
export function estimateText({ value, because, interval: [low, high] }: Estimate): string {
  const between = `${numberText(low)} to ${numberText(high)}`;
  if (value === undefined) return `not known (${because}; ${between})`;
  return low === value && high === value ? numberText(value) : `${numberText(value)} (${between})`;
}

/** What an answer says, a row for each figure; what was not counted only where there may be any. */
export function rowsOfAnswer(answer: StatisticsAnswer): AnswerRow[] {
  const { asked, coverage } = answer;
  const row = (name: string, estimate: Estimate): AnswerRow => ({ name, estimate });
  const some = (name: string, estimate: Estimate) => (isNone(estimate) ? [] : [row(name, estimate)]);
  const of = 'column' in asked ? asked.column : '';
  const missing = some(`${of === '' ? 'records' : of} missing`, coverage.missing);
  switch (answer.kind) {
    case 'count':
      return [row('records', coverage.usable)];
    case 'mean':
      return [
        row(`mean of ${of}`, answer.mean),
        ...some(`${of} outside the bounds`, answer.outside),
        ...missing,
      ];
    case 'variance':
      return [
        row(`mean of ${of}`, answer.mean),
        row(`variance of ${of}`, answer.variance),
        row(`standard deviation of ${of}`, answer.deviation),
        ...some(`${of} outside the bounds`, answer.outside),
        ...missing,
      ];
    case 'histogram': {
      const { edges, counts } = answer;
      const bin = (k: number) => `${of} ${numberText(edges[k]!)} to ${numberText(edges[k + 1]!)}`;
      return [
        ...some(`${of} below`, answer.below),
        ...counts.map((count, k) => row(bin(k), count)),
        ...some(`${of} above`, answer.above),
        ...missing,
      ];
    }
    case 'frequencies':
      return [
        ...answer.counts.map((count, k) => row(`${of}: ${answer.values[k]}`, count)),
        ...some(`${of}: other`, answer.other),
        ...missing,
      ];
    case 'quantiles':
      return [
        ...answer.quantiles.map((one) => row(`${of} at ${numberText(100 * one.fraction)} %`, one)),
        ...missing,
      ];
    case 'correlation': {
      const [first, second] = 'columns' in asked ? asked.columns : [];
      return [
        row(`correlation of ${first} and ${second}`, answer.coefficient),
        ...some('records outside the bounds', answer.outside),
        ...missing,
      ];
    }
    case 'auroc': {
      const { score, label, positive } = asked as Extract<typeof asked, { statistic: 'auroc' }>;
      return [
        row(`AUROC of ${score} for ${label}: ${positive}`, answer.area),
        row('positive records', answer.positives),
        row('other records', answer.others),
        ...missing,
      ];
    }
  }
}

/** Certainly none. */
function isNone({ value, standardError }: Estimate): boolean {
  return value === 0 && standardError === 0;
}
