import { createFigure, type Evidence } from '@nonet/core/records';
import { describe, expect, it } from 'vitest';
import { trilemmaView } from './ledgers.ts';
import { triangleView, wholeRun } from './triangle.ts';

const record = (figures: Evidence['figures'], mechanism?: string): Evidence => ({
  kind: 'measurement',
  grade: 4,
  sentence: 'It was measured.',
  cells: ['performance-decentralisation'],
  ...(mechanism === undefined ? {} : { mechanism }),
  origin: { type: 'run', run: 'r', machine: 'm', commit: 'c' },
  figures,
  check: { how: 'none', because: 'an example' },
  date: '2026-03-01T00:00:00Z',
});
const seconds = (value: number) => createFigure(value, 'seconds');

describe('the triangle', () => {
  const mechanism = {
    id: 'federation.rounds',
    cells: ['performance-decentralisation', 'verifiability-decentralisation'],
    protects: 'the order',
    against: 'a coordinator',
    assumptions: [],
  } as const;

  it('charges a mechanism with what its records say, not with training, and names what nobody measured', () => {
    const costs = {
      training: seconds(10),
      collecting: seconds(6),
      stepping: seconds(1),
      gas: createFigure(5, 'gas'),
    };
    const [row] = triangleView(
      [record(costs, 'federation.rounds'), record({ traffic: seconds(1) })],
      [mechanism],
    );
    expect(row?.serves).toEqual(['verifiability', 'performance']);
    expect(row?.price.seconds?.value).toBe(7);
    expect(row?.price.gas?.value).toBe(5);
    expect(row?.unmeasured).toEqual(['bytes', 'accuracyLost', 'joules']);
  });

  it('charges the average with what recomputing it took', () => {
    const costs = record(
      { training: seconds(10), collecting: seconds(6), checking: seconds(2) },
      'federation.rounds',
    );
    const [row] = triangleView([costs], [{ ...mechanism, id: 'federation.average' }]);
    expect(row?.price).toEqual({ seconds: seconds(2) });
  });

  it('leaves to the whole run what cannot be shared out: the last accuracy, not that of a round, and the energy', () => {
    const accuracy = (value: number) => createFigure(value, 'fraction');
    const joules = createFigure([1, 2, 9], 'joules');
    const round = record({ round: createFigure(1, ''), accuracy: accuracy(0.5) });
    expect(wholeRun([round, record({ accuracy: accuracy(0.9) }), record({ energy: joules })])).toEqual({
      accuracy: accuracy(0.9),
      joules,
      joulesMeasured: true,
    });
    expect(wholeRun([round])).toEqual({});
  });

  it('gives the range of several records', () => {
    const gas = (value: number) => record({ gas: createFigure(value, 'gas') }, 'federation.rounds');
    const [row] = triangleView([gas(9), gas(3), gas(4)], [mechanism]);
    expect(row?.price.gas).toEqual({ value: 4, unit: 'gas', min: 3, max: 9, n: 3 });
  });
});

describe('the trilemma', () => {
  it('cites other ledgers without a measurement, and counts no decisions then', () => {
    const view = trilemmaView([], '2026-12-01T00:00:00Z');
    expect(view.embedded).toBeUndefined();
    expect(view.ledgers.map(({ id }) => id)).toContain('bitcoin');
    expect(view.ledgers.every(({ decisionsPerSecond }) => decisionsPerSecond === undefined)).toBe(true);
  });

  it('calls stale what is older than its half-life', () => {
    const stale = (date: string) => trilemmaView([], date).ledgers.flatMap((row) => row.stale);
    expect(stale('2024-05-01T00:00:00Z')).toEqual([]);
    expect(stale('2026-12-01T00:00:00Z').join()).toContain('active validators');
    expect(stale('2050-01-01T00:00:00Z').length).toBeGreaterThan(10);
  });

  it('with the gas of a decision measured here, says how many each ledger could take', () => {
    const bench = record({
      'commits.perSecond': createFigure(400, 'commits per second'),
      inclusion: seconds(0.02),
      'gas.commit': createFigure(50_000, 'gas'),
    });
    const view = trilemmaView([bench], '2026-12-01T00:00:00Z');
    expect(view.embedded?.machine).toBe('m');
    expect(view.ledgers.find(({ id }) => id === 'ethereum')?.decisionsPerSecond?.value).toBe(100);
    expect(view.ledgers.find(({ id }) => id === 'bitcoin')?.decisionsPerSecond).toBeUndefined();
  });
});
