/** Claims judged by evidence: ladders, hype tests, verdicts, what would change them. */
export * from './backtest.ts';
export * from './decaiFit.ts';
export * from './disagreements.ts';
export * from './evaluate.ts';
export * from './flips.ts';
export * from './freshness.ts';
export * from './grades.ts';
export * from './hypeTests.ts';
export * from './ladders.ts';
export * from './leads.ts';
export * from './nearest.ts';
export * from './phrases.ts';
export * from './records.ts';
export * from './reply.ts';
export * from './report.ts';
export * from './subjects.ts';
