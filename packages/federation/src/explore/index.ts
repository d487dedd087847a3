export * from './explore.ts';
export * from './scenarios.ts';
