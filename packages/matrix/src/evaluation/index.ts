/** Claims judged by evidence: ladders, hype tests, verdicts, what would change them. */
export * from './backtest.ts';
export * from './evaluate.ts';
export * from './flips.ts';
export * from './grades.ts';
export * from './hypeTests.ts';
export * from './ladders.ts';
export * from './leads.ts';
export * from './records.ts';
export * from './report.ts';
