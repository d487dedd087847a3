/**
 * Limits of AI scaling: how large a training run power, chips, data and latency allow in a year, by
 * Epoch AI's model of 2024 (CC BY 4.0), with all of them together, which the source does not give,
 * and with what privacy, verification and decentralisation change. Runs in Node and in browsers.
 */
export * from './backTest.ts';
export * from './compute.ts';
export * from './constraints.ts';
export * from './coupling.ts';
export * from './crossing.ts';
export * from './decentralised.ts';
export * from './differences.ts';
export type { Metalog, Percentiles } from './metalog.ts';
export * from './parameters.ts';
export * from './priorTest.ts';
export * from './recordedRuns.ts';
export * from './scenario.ts';
export * from './scenarios/index.ts';
export type { Driver, Inversion, Lever, Loosening, Target } from './sensitivity.ts';
export { type QuantityId, quantityIds } from './simulate.ts';
export * from './view.ts';
