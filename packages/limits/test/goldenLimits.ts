/**
 * One request and the address of its result, the same in every engine: for the tests here, in a
 * browser, and for `npm run golden:engines`. It changes only with the model.
 */
import type { Address } from '@nonet/core';
import { addressOfLimits, computeLimits, type LimitsRequest, scenarios, uncoupled } from '../src/index.ts';

export const goldenLimits: {
  readonly name: string;
  readonly request: LimitsRequest;
  readonly address: string;
} = {
  name: 'limits, 2000 draws with coupling and target',
  request: {
    scenario: scenarios.epoch2024,
    draws: 2000,
    seed: 1,
    year: 2030,
    coupling: { ...uncoupled, overhead: 1.5, privateDataShare: 0.5, teeShare: 0.25 },
    target: { flop: 2e29, probability: 0.6 },
  },
  address: '0x243b5bd300ba680652501dc2ec772dc3c8843adbc6a5d551d7da62323b1e1f02',
};

export const addressOfGoldenLimits = (): Address => addressOfLimits(computeLimits(goldenLimits.request));
