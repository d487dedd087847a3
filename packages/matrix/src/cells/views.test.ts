import { createFigures, declareFigures, type Evidence } from '@nonet/core/records';
import { describe, expect, it } from 'vitest';
import { energyFigures } from '../energy/figures.ts';
import { cellFigures } from './figures.ts';
import { trilemmaView } from './ledgers.ts';
import { triangleView, wholeRun } from './triangle.ts';

const figures = declareFigures({
  training: { unit: 'seconds', meaning: 'the work', better: 'lower', role: 'time without' },
  collecting: { unit: 'seconds', meaning: 'waiting', better: 'lower', role: 'time added' },
  stepping: { unit: 'seconds', meaning: 'posting', better: 'lower', role: 'time added' },
  gasOfMoves: { unit: 'gas', meaning: 'gas', better: 'lower', role: 'gas' },
  traffic: { unit: 'bytes', meaning: 'through the stores', better: 'lower', role: 'bytes' },
  right: { unit: 'fraction', meaning: 'of the last model', better: 'higher', role: 'accuracy' },
  rightSoFar: { unit: 'fraction', meaning: 'of one round', better: 'higher' },
});
const vocabulary = { ...figures, ...energyFigures };

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

describe('the triangle', () => {
  const mechanism = {
    id: 'federation.rounds',
    cells: ['performance-decentralisation', 'verifiability-decentralisation'],
    protects: 'the order',
    against: 'a coordinator',
    assumptions: [],
  } as const;

  it('charges a mechanism with what its own records say, not with training, and names what was not measured', () => {
    const costs = createFigures([
      [figures.training, 10],
      [figures.collecting, 6],
      [figures.stepping, 1],
      [figures.gasOfMoves, 5],
    ]);
    const traffic = createFigures([[figures.traffic, 1]]);
    const [row] = triangleView(
      [record(costs, 'federation.rounds'), record(traffic), record(traffic, 'federation.average')],
      [mechanism],
      vocabulary,
    );
    expect(row?.serves).toEqual(['verifiability', 'performance']);
    expect(row?.price.seconds).toEqual({ value: 7, unit: 'seconds', min: 7, max: 7, n: 1 });
    expect(row?.price.gas?.value).toBe(5);
    expect(row?.unmeasured).toEqual(['bytes', 'accuracyLost', 'joules']);
  });

  it('leaves to the whole run what cannot be shared out: the last accuracy, not that of a round, and the energy', () => {
    const round = record(createFigures([[figures.rightSoFar, 0.5]]));
    const last = record(createFigures([[figures.right, 0.9]]));
    const energy = record(createFigures([[energyFigures.energy, [1, 2, 9]]]));
    expect(wholeRun([round, last, energy], vocabulary)).toEqual({
      accuracy: last.figures.right,
      joules: energy.figures.energy,
      joulesMeasured: true,
    });
    expect(wholeRun([round], vocabulary)).toEqual({});
    const observed = { ...energy, kind: 'observation' } as Evidence;
    expect(wholeRun([observed], vocabulary).joulesMeasured).toBe(false);
  });

  it('gives the range of several records', () => {
    const gas = (value: number) => record(createFigures([[figures.gasOfMoves, value]]), 'federation.rounds');
    const [row] = triangleView([gas(9), gas(3), gas(4)], [mechanism], vocabulary);
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
    const bench = record(
      createFigures([
        [cellFigures['commits.perSecond'], 400],
        [cellFigures.inclusion, 0.02],
        [cellFigures['gas.commit'], 50_000],
      ]),
    );
    const view = trilemmaView([bench], '2026-12-01T00:00:00Z');
    expect(view.embedded?.machine).toBe('m');
    expect(view.ledgers.find(({ id }) => id === 'ethereum')?.decisionsPerSecond?.value).toBe(100);
    expect(view.ledgers.find(({ id }) => id === 'bitcoin')?.decisionsPerSecond).toBeUndefined();
  });
});
