import { describe, expect, test } from 'vitest';
import type { JobDraft } from '../files/jobFile.ts';
import { estimated, estimateGas, formatEther, plentiful } from './funding.ts';

const draft = { rounds: 10, escrow: 5n, bond: 7n } as unknown as JobDraft;

/**
 * Gas as measured on the embedded chain: open, close, step, advance; commit; join, admit per site,
 * create, anchor.
 */
const measured = {
  round: 120_100 + 69_700 + 129_100 + 49_700,
  commit: 59_500,
  join: 37_300,
  admit: 26_000,
  create: 203_000,
};

describe('the estimate', () => {
  test.each([
    [1, 2],
    [10, 20],
    [500, 1000],
  ])('covers what %i rounds of %i sites were measured to take', (rounds, sites) => {
    const gas = estimateGas(rounds, sites);
    expect(gas.aggregator).toBeGreaterThan(BigInt(rounds * measured.round));
    expect(gas.participant).toBeGreaterThan(BigInt(measured.join + rounds * measured.commit));
    expect(gas.creator).toBeGreaterThan(BigInt(measured.create + sites * measured.admit));
    // Not by more than the void rounds it allows for.
    expect(gas.participant).toBeLessThan(BigInt(4 * (measured.join + (rounds + 5) * measured.commit)));
  });

  test('grows with the price of gas; escrow and bond do not', () => {
    const cheap = estimated(draft, 3, 10n);
    const dear = estimated(draft, 3, 20n);
    expect(dear.creator - 5n).toBe(2n * (cheap.creator - 5n));
    expect(dear.aggregator - 7n).toBe(2n * (cheap.aggregator - 7n));
    expect(dear.watcher).toBe(2n * cheap.watcher);
    expect(dear.participant).toBe(2n * cheap.participant);
  });

  test('the embedded ledger is free, and escrow and bond are still covered', () => {
    const { creator, aggregator, watcher, participant } = plentiful(draft);
    expect([creator, aggregator, watcher].map((wei) => wei - participant)).toEqual([5n, 7n, 0n]);
  });
});

test.each([
  [0n, '0'],
  [1n, '0.000000000000000001'],
  [10n ** 18n, '1'],
  [15n * 10n ** 17n, '1.5'],
  // Rounded up, so that sending what is shown is enough.
  [123_456_789n, '0.000000000123457'],
  [10n ** 21n + 1n, '1000.01'],
])('%s wei are %s ether', (wei, ether) => {
  expect(formatEther(wei)).toBe(ether);
});
