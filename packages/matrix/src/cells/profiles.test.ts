/** Data is code: every row is walked through. */
import { cellIds } from '@nonet/core/records';
import { describe, expect, it, test } from 'vitest';
import { stages } from './cells.ts';
import { citedLedgers } from './ledgers.ts';
import { adversaries, type Citation, profileOf, profiles } from './profiles.ts';
import { trustWeights } from './score.ts';

function expectCitation({ source, pin, date, says }: Citation): void {
  for (const text of [source, pin, says]) expect(text).not.toBe('');
  expect(date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  expect(new Date(date).toISOString().slice(0, 10)).toBe(date);
}

describe.each(profiles.map((profile) => [profile.id, profile] as const))('profile %s', (id, profile) => {
  it('names known cells, stages and adversaries, each once, and gives a reason for each coupling', () => {
    const unique = (values: readonly string[], among: readonly string[]) => {
      expect(new Set(values).size).toBe(values.length);
      for (const value of values) expect(among).toContain(value);
    };
    unique(
      profile.serves.map(({ cell }) => cell),
      cellIds,
    );
    unique(profile.stages, stages);
    unique(profile.against, adversaries);
    expect(profile.serves.length * profile.stages.length * profile.assumptions.length).toBeGreaterThan(0);
    for (const { because } of profile.serves) expect(because.length).toBeGreaterThan(20);
    expect(trustWeights[profile.trust]).toBeGreaterThanOrEqual(0);
    expect(profileOf(id)).toBe(profile);
  });

  it('cites its figures', () => {
    for (const citation of [profile.overhead, profile.reach])
      if (citation !== undefined) expectCitation(citation);
    if (profile.overhead !== undefined) {
      expect(profile.overhead.factor.low).toBeGreaterThanOrEqual(1);
      expect(profile.overhead.factor.high).toBeGreaterThanOrEqual(profile.overhead.factor.low);
    }
  });
});

test('profiles are unique', () => {
  expect(new Set(profiles.map(({ id }) => id)).size).toBe(profiles.length);
  expect(profileOf('nobody.knows')).toBeUndefined();
});

describe.each(citedLedgers.map((row) => [row.name, row] as const))('ledger %s', (_, row) => {
  it('cites every figure, with a positive value', () => {
    for (const fact of [
      row.blockTime,
      row.finality,
      ...(row.gasPerSecond === undefined ? [] : [row.gasPerSecond]),
    ]) {
      expectCitation(fact);
      expect(fact.value).toBeGreaterThan(0);
      expect(fact.halfLifeMonths).toBeGreaterThan(0);
    }
    expect((row.gasPerSecond === undefined) === (row.whyNoGas !== undefined)).toBe(true);
    expectCitation(row.validators);
    expect(row.finality.value).toBeGreaterThanOrEqual(row.blockTime.value);
  });
});

test('a missing figure is no missing contract, and no figure is of a replaced rule', () => {
  const why = new Map(citedLedgers.map(({ id, whyNoGas }) => [id, whyNoGas]));
  expect(why.get('bitcoin')).toBe('no contracts');
  // 400 million gas a block, elasticity 5, blocks of 2 seconds.
  expect(citedLedgers.find(({ id }) => id === 'base')?.gasPerSecond?.value).toBe(40e6);
  expect(citedLedgers.find(({ id }) => id === 'arbitrum-one')?.gasPerSecond).toBeUndefined();
});
