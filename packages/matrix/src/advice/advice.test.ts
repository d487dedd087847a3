import { MisuseError } from '@nonet/core';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { profileOf, profiles } from '../cells/profiles.ts';
import { advise } from './advise.ts';
import { demandsOf, type Needs, parseNeeds, requirements } from './needs.ts';
import { ways } from './options.ts';
import { predictFederated, type RunSample } from './predict.ts';

const here = { available: ['federation.average', 'federation.rounds'], runs: [] };
const everything = { available: profiles.map(({ id }) => id), runs: [] };

const hospitals: Needs = {
  workload: 'train',
  model: { parameters: 50_000 },
  parties: 5,
  examplesPerParty: 1000,
  rounds: 10,
  data: 'at their owners',
  sensitivity: 'internal',
  distrust: [{ who: 'owners', whom: 'the operator' }],
  links: { uploadMbit: 20, downloadMbit: 50, latencyMilliseconds: 30 },
  hardware: { cores: 2 },
};

/** Every field there is. */
const complete: Needs = parseNeeds({
  ...hospitals,
  dropouts: 0.1,
  hardware: { cores: 2, gflopPerCore: 20, accelerator: false, attested: false },
  budget: { hours: 2, gas: 1e7 },
  requirements: ['data must not leave the site'],
  table: { file: 'patients.csv', target: 'ill' },
});

/** Paths of all leaves and branches. */
function fieldsOf(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, field]) => [
    [...path, key],
    ...fieldsOf(field, [...path, key]),
  ]);
}

describe('golden scenarios', () => {
  it('five sites that do not trust the operator: rounds on a ledger, with a prediction and what one has to believe', () => {
    const advice = advise(hospitals, here);
    expect(advice.verdict).toBe('use these');
    expect(advice.recommended.map(({ way }) => way)).toEqual(['ledger-rounds']);
    const [{ prediction, assumptions }] = advice.recommended as [(typeof advice.recommended)[0]];
    expect(Object.keys(prediction)).toEqual(['seconds', 'computing', 'bytes', 'gas', 'joules']);
    expect(prediction.seconds?.basis).toBe('planning formula');
    expect(assumptions).toContain('aggregators, watchers and stores may read each update');
    expect(advice.reasons).toContain(
      'It must hold that no operator may be trusted: owners distrust the operator.',
    );
    expect(advice.rejected.find(({ way }) => way === 'masked-rounds')?.because).toEqual([
      'not available in this version: privacy.masking',
    ]);
  });

  it('one owner: a central server', () => {
    const advice = advise({ ...hospitals, parties: 1, distrust: [], data: 'in one place' }, here);
    expect(advice.verdict).toBe('a central server serves you better');
    expect(advice.reasons[0]).toContain('one owner');
    expect(advice.recommended).toEqual([]);
    expect(advice.central?.assumptions[0]).toContain('sees everything');
  });

  it('a model of seven billion parameters on pooled data among friends: a central server, and why not here', () => {
    const advice = advise(
      { ...hospitals, model: { parameters: 7e9 }, distrust: [], data: 'in one place' },
      here,
    );
    expect(advice.verdict).toBe('a central server serves you better');
    expect(advice.reasons.join(' ')).toContain('7,000,000,000 parameters need accelerators');
    expect(advice.rejected.find(({ way }) => way === 'ledger-rounds')?.because.join()).toContain(
      '50 million',
    );
  });

  it('personal data against operator and readers: nothing in this version, and what is missing', () => {
    const advice = advise(
      {
        ...hospitals,
        sensitivity: 'personal',
        distrust: [
          { who: 'owners', whom: 'the operator' },
          { who: 'owners', whom: 'outsiders' },
        ],
      },
      here,
    );
    expect(advice.verdict).toBe('nothing in this version');
    expect(advice.recommended).toEqual([]);
    expect(advice.reasons).toEqual([
      'masked and noised federated rounds would meet them, but this version has no privacy.masking and no privacy.noise.',
    ]);
    expect(advice.rejected.find(({ way }) => way === 'private-rounds')?.missing).toEqual([
      'privacy.masking',
      'privacy.noise',
    ]);
  });

  it('answers that the public must be able to trust: proofs would do, and are not here', () => {
    const needs: Needs = {
      workload: 'infer',
      model: { parameters: 1e6 },
      parties: 100,
      data: 'in one place',
      sensitivity: 'public',
      distrust: [{ who: 'the public', whom: 'the operator' }],
      requirements: ['every answer must be proven'],
    };
    expect(advise(needs, here).verdict).toBe('nothing in this version');
    const later = advise(needs, everything);
    expect(later.verdict).toBe('use these');
    expect(later.recommended.map(({ way }) => way)).toEqual(['proven-inference']);
    expect(later.recommended[0]?.prediction).toEqual({});
  });

  it('answers within a second: a central server', () => {
    const advice = advise(
      {
        workload: 'infer',
        model: { parameters: 1e6, realTime: true },
        parties: 10,
        data: 'in one place',
        sensitivity: 'internal',
      },
      everything,
    );
    expect(advice.verdict).toBe('a central server serves you better');
    expect(advice.reasons.join()).toContain('within a second');
  });

  it('data that must stay, an operator whom everybody trusts: an ordinary averaging server', () => {
    const advice = advise(
      { ...hospitals, distrust: [], requirements: ['data must not leave the site'] },
      here,
    );
    expect(advice.verdict).toBe('a central server serves you better');
    expect(advice.central?.name).toContain('averages the updates');
    expect(advice.rejected.find(({ way }) => way === 'ledger-rounds')?.because).toEqual([
      'it would do, at a price that buys nothing here',
    ]);
  });
});

describe('objections', () => {
  const against = (changes: Partial<Needs>, way = 'ledger-rounds', context = everything) =>
    advise({ ...hospitals, ...changes }, context)
      .rejected.find((each) => each.way === way)
      ?.because.join('; ');

  it.each([
    [{ budget: { hours: 1e-6 } }, 'ledger-rounds', 'the budget is 0.000001'],
    [{ budget: { gas: 1000 } }, 'ledger-rounds', 'the budget is 1.0e+3'],
    [{ dropouts: 0.6 }, 'ledger-rounds', 'it survives 50 % of the parties missing, not 60 %'],
    [{ parties: 2 }, 'masked-rounds', 'at least 3 parties'],
    [{}, 'attested-training', 'attested hardware'],
    [{}, 'replayed-training', 'data that all parties may see'],
    [
      { model: { parameters: 6e7 }, hardware: { cores: 1, accelerator: true } },
      'ledger-rounds',
      'accelerator',
    ],
    [{}, 'central', 'does not deliver "no operator may be trusted" (owners distrust the operator)'],
  ] as const)('%j speaks against %s: %s', (changes, way, text) => {
    expect(against(changes, way)).toContain(text);
  });
});

describe('predictions', () => {
  const run: RunSample = {
    run: 'digits-1',
    parameters: 100_000,
    parties: 20,
    rounds: 10,
    bytes: 200e6,
    gas: 15e6,
    ledgerSeconds: 12,
  };

  it('have their units right', () => {
    // 400 kB up at 10 Mbit/s is 0.32 s; 10 rounds of 6 x 1e5 x 1000 FLOP at 20 GFLOP/s are 0.3 s; a
    // server at 1 Gbit/s sends 5 models in 16 ms.
    const { seconds, bytes } = predictFederated(
      {
        ...hospitals,
        model: { parameters: 100_000 },
        hardware: { cores: 1, gflopPerCore: 20 },
        links: { uploadMbit: 10, downloadMbit: 1e6, latencyMilliseconds: 0 },
      },
      [{ ...run, ledgerSeconds: 0 }],
    );
    expect(seconds?.low).toBeCloseTo(10 * (0.03 + 0.32 + 0.016), 3);
    // 10 bytes per parameter, party and round, halved and doubled.
    expect(bytes).toMatchObject({ low: 25e6, high: 100e6, basis: 'measured here' });
  });

  it('take the range of several runs, and half and double of one', () => {
    const one = predictFederated(hospitals, [run]).gas!;
    expect(one).toMatchObject({ low: 5 * 10 * 37_500, high: 5 * 10 * 150_000, basis: 'measured here' });
    const two = predictFederated(hospitals, [run, { ...run, gas: 30e6 }]).gas!;
    expect(two).toMatchObject({ low: 5 * 10 * 75_000, high: 5 * 10 * 150_000 });
    expect(one.how).toContain('digits-1');
    expect(two.how).toBe('scaled from 2 runs here');
  });

  it('say where they come from a formula alone', () => {
    for (const { basis, low, high } of Object.values(predictFederated(hospitals, []))) {
      expect(basis).toBe('planning formula');
      expect(low).toBeLessThanOrEqual(high);
      expect(low).toBeGreaterThan(0);
    }
  });
});

describe('needs', () => {
  it.each([
    [
      { data: 'in one place', requirements: ['data must not leave the site'] },
      ['data: in one place', 'leave the site'],
    ],
    [
      { sensitivity: 'public', requirements: ['nobody may see a single update'] },
      ['public', 'single update'],
    ],
    [
      { sensitivity: 'public', requirements: ['the result must not give a record away'] },
      ['public', 'record away'],
    ],
    [{ parties: 2, requirements: ['nobody may see a single update'] }, ['parties: 2', 'single update']],
    [{ parties: 1, distrust: [{ who: 'owners', whom: 'other owners' }] }, ['parties: 1', 'other owners']],
    [{ model: { parameters: 1, realTime: true } }, ['workload: train', 'realTime']],
    [{ workload: 'count' }, ['workload: count', 'model']],
    [{ requirements: ['every answer must be proven'] }, ['workload: train', 'every answer']],
    [{ requirements: ['the input must stay secret'] }, ['workload: train', 'the input']],
    [
      { workload: 'infer', requirements: ['nobody may see a single update'] },
      ['workload: infer', 'single update'],
    ],
    [
      { workload: 'infer', requirements: ['dishonest participants must not spoil the result'] },
      ['workload: infer', 'dishonest participants'],
    ],
  ])('that contradict each other are refused, naming both: %j', (changes, names) => {
    const refused = capture(() => parseNeeds({ ...hospitals, ...changes }));
    expect(refused.code).toBe('needs.contradiction');
    for (const name of names) expect(refused.found).toContain(name);
  });

  it.each([
    [{ workload: 'dance' }, 'workload'],
    [{ parties: 0 }, 'parties'],
    [{ parties: 1.5 }, 'parties'],
    [{ dropouts: 1 }, 'dropouts'],
    [{ links: { uploadMbit: -1, downloadMbit: 1, latencyMilliseconds: 1 } }, 'links.uploadMbit'],
    [{ links: { uploadMbit: 1e-300, downloadMbit: 1, latencyMilliseconds: 1 } }, 'links.uploadMbit'],
    [{ links: { uploadMbit: 1, downloadMbit: 1, latencyMilliseconds: 1e300 } }, 'latencyMilliseconds'],
    [{ hardware: { cores: 1, gflopPerCore: 1e-300 } }, 'hardware.gflopPerCore'],
    [{ distrust: [{ who: 'cats', whom: 'the operator' }] }, 'distrust.0.who'],
    [{ requirements: ['be nice'] }, 'requirements.0'],
    [{ budget: { hours: Number.NaN } }, 'budget.hours'],
    [{ model: undefined }, 'model'],
    [{ more: 1 }, 'needs'],
  ])('that are malformed are refused, naming the field: %j', (changes, field) => {
    const refused = capture(() => parseNeeds({ ...hospitals, ...changes }));
    expect(refused.code).toBe('needs.malformed');
    expect(`${refused.expected} ${refused.found}`).toContain(field);
  });

  it('give finite predictions however extreme they are', () => {
    const parties = 1e12;
    const slow = { uploadMbit: 1e-6, downloadMbit: 1e-6, latencyMilliseconds: 1e9 };
    const largest = { model: { parameters: 1e12 }, parties, examplesPerParty: 1e12, rounds: 65535 };
    const needs = parseNeeds({
      ...hospitals,
      ...largest,
      links: slow,
      hardware: { cores: 1, gflopPerCore: 1e-6 },
    });
    for (const { high } of Object.values(predictFederated(needs, [])))
      expect(Number.isFinite(high)).toBe(true);
  });

  it('are refused with any field made nonsense, wherever it is, naming it', () => {
    const paths = fieldsOf(complete);
    expect(paths.length).toBeGreaterThan(25);
    fc.assert(
      fc.property(
        fc.constantFrom(...paths),
        fc.constantFrom(null, [], {}, 'nonsense', -1, true),
        (path, nonsense) => {
          const changed = structuredClone(complete) as Record<string, unknown>;
          const parent = path
            .slice(0, -1)
            .reduce<Record<string, unknown>>((at, key) => at[key] as Record<string, unknown>, changed);
          const before = parent[path.at(-1)!];
          // What has the same type may well be sense.
          if (
            typeof before === typeof nonsense &&
            nonsense !== null &&
            nonsense !== -1 &&
            nonsense !== 'nonsense'
          )
            return;
          if (typeof before === 'string' && path[0] === 'table') return;
          parent[path.at(-1)!] = nonsense;
          const refused = capture(() => parseNeeds(changed));
          expect(refused.code).toBe('needs.malformed');
          expect(refused.expected).toContain(path[0]!);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('yield demands with their reasons, in one order whatever order they are told in', () => {
    const distrust: Needs['distrust'] = [
      { who: 'owners', whom: 'the operator' },
      { who: 'the public', whom: 'the operator' },
      { who: 'owners', whom: 'other owners' },
    ];
    const demands = (list: Needs['distrust']) =>
      demandsOf({ ...hospitals, sensitivity: 'personal', distrust: list }).map(
        ({ requirement }) => requirement,
      );
    expect(demands(distrust)).toEqual([
      'data must not leave the site',
      'nobody may see a single update',
      'a third party must be able to check',
      'no operator may be trusted',
      'dishonest participants must not spoil the result',
    ]);
    expect(demands(distrust.toReversed())).toEqual(demands(distrust));
  });
});

test.each(ways.map((way) => [way.id, way] as const))(
  'way %s names mechanisms that have a profile',
  (_, way) => {
    for (const id of way.mechanisms) expect(profileOf(id), id).toBeDefined();
    expect(new Set(way.delivers).size).toBe(way.delivers.length);
  },
);

const arbitraryNeeds = fc
  .record({
    parties: fc.integer({ min: 3, max: 200 }),
    parameters: fc.integer({ min: 1, max: 1e9 }),
    sensitivity: fc.constantFrom('internal' as const, 'personal' as const),
    distrust: fc.subarray([
      { who: 'owners', whom: 'the operator' },
      { who: 'owners', whom: 'other owners' },
      { who: 'the public', whom: 'the operator' },
      { who: 'owners', whom: 'outsiders' },
    ] as const),
    asked: fc.subarray([...requirements.slice(0, 6)]),
  })
  .map(
    ({ parties, parameters, sensitivity, distrust, asked }): Needs =>
      parseNeeds({
        ...hospitals,
        parties,
        model: { parameters },
        sensitivity,
        distrust,
        requirements: asked,
      }),
  );

describe('properties', () => {
  it('nothing is recommended that cannot be run or does not meet every demand, and every way is accounted for', () => {
    fc.assert(
      fc.property(arbitraryNeeds, fc.subarray(everything.available), (needs, available) => {
        const { recommended, rejected, demands, central } = advise(needs, { available, runs: [] });
        for (const { way, mechanisms } of recommended) {
          for (const id of mechanisms) expect(available).toContain(id);
          const { delivers } = ways.find(({ id }) => id === way)!;
          for (const { requirement } of demands) expect(delivers).toContain(requirement);
        }
        expect(recommended.length + rejected.length + (central === undefined ? 0 : 1)).toBe(
          ways.filter(({ workloads }) => workloads.includes('train')).length,
        );
        expect(rejected.every(({ because }) => because.length > 0)).toBe(true);
      }),
    );
  });

  it('the same needs in another order get the same advice', () => {
    fc.assert(
      fc.property(arbitraryNeeds, (needs) => {
        const turned = {
          ...needs,
          distrust: needs.distrust?.toReversed() ?? [],
          requirements: needs.requirements?.toReversed() ?? [],
        };
        const verdict = (each: Needs) => {
          const { verdict, recommended } = advise(each, everything);
          return { verdict, recommended: recommended.map(({ way }) => way) };
        };
        expect(verdict(turned)).toEqual(verdict(needs));
      }),
    );
  });

  it('asking for more never makes a way come into question', () => {
    fc.assert(
      fc.property(arbitraryNeeds, fc.constantFrom(...requirements.slice(0, 6)), (needs, more) => {
        const names = (each: Needs) => advise(each, everything).recommended.map(({ way }) => way);
        const less = advise(needs, everything);
        if (less.central !== undefined) return;
        for (const way of names({ ...needs, requirements: [...(needs.requirements ?? []), more] }))
          expect(less.recommended.map((each) => each.way)).toContain(way);
      }),
    );
  });
});

function capture(call: () => unknown): MisuseError {
  try {
    call();
  } catch (error) {
    if (error instanceof MisuseError) return error;
    throw error;
  }
  return expect.unreachable();
}
