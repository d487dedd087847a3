import { MisuseError } from '@nonet/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { profileOf, profiles } from '../cells/profiles.ts';
import { adviceViolations, answerViolations, randomNeeds } from '../testing/randomNeeds.ts';
import { type AdviceContext, advise } from './advise.ts';
import { demandsOf, type Needs, parseNeeds } from './needs.ts';
import { ways } from './options.ts';
import { predictCoordinated, predictFederated, type RunSample, rangeText } from './predict.ts';

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
  it('five sites that do not trust the operator: Nonet, with a price, and what one has to believe', () => {
    const advice = advise(hospitals, here);
    expect(advice.verdict).toBe('Nonet can');
    expect(advice.answer).toMatch(
      /^Nonet can, at this price: .* s to .* min, 20 MB to 50 MB, .* gas to .* gas; federated rounds/,
    );
    expect(advice.recommended.map(({ way, by }) => [way, by])).toEqual([
      ['ledger-rounds', 'Nonet'],
      ['attested-aggregation', 'others'],
      ['joint-computation', 'others'],
    ]);
    const [{ prediction, assumptions }] = advice.recommended as [(typeof advice.recommended)[0]];
    expect(Object.keys(prediction)).toEqual(['seconds', 'computing', 'bytes', 'gas', 'joules']);
    expect(prediction.seconds?.basis).toBe('planning formula');
    expect(assumptions).toContain('aggregators, watchers and stores may read each update');
    expect(assumptions).toContain('the code of Nonet is right, which no auditor has confirmed');
    expect(advice.reasons).toContain(
      'It must hold that no operator may be trusted: owners distrust the operator.',
    );
    expect(advice.rejected.find(({ way }) => way === 'masked-rounds')?.because).toEqual([
      'not available in this version: privacy.masking',
    ]);
  });

  it('one owner: its own machines', () => {
    const advice = advise({ ...hospitals, parties: 1, distrust: [], data: 'in one place' }, here);
    expect(advice.verdict).toBe('use today');
    expect(advice.reasons[0]).toContain('one owner');
    expect(advice.recommended.map(({ way, plain }) => [way, plain])).toEqual([['own-machine', true]]);
    expect(advice.lighter).toEqual([]);
  });

  it('a model of seven billion parameters on pooled data among friends: a server, and why not Nonet', () => {
    const advice = advise(
      { ...hospitals, model: { parameters: 7e9 }, distrust: [], data: 'in one place' },
      here,
    );
    expect(advice.recommended.map(({ way }) => way)).toEqual(['central']);
    expect(advice.reasons.join(' ')).toContain('7,000,000,000 parameters need accelerators');
    expect(advice.warnings.join(' ')).toContain('which your needs do not name');
    expect(advice.rejected.find(({ way }) => way === 'ledger-rounds')?.because.join()).toContain(
      '50 million',
    );
  });

  const patients: Needs = {
    ...hospitals,
    sensitivity: 'personal',
    distrust: [
      { who: 'owners', whom: 'the operator' },
      { who: 'owners', whom: 'outsiders' },
    ],
  };

  it('personal data against operator and readers: others today, what is lighter, and what Nonet lacks', () => {
    const advice = advise(patients, here);
    expect(advice.answer).toMatch(/^Use today: NVIDIA FLARE with confidential computing .*\(not ours\)/);
    expect(advice.recommended.map(({ way }) => way)).toEqual(['attested-aggregation']);
    expect(advice.lighter.map(({ way, lacks }) => [way, lacks])).toEqual([
      ['secure-aggregation', 'no operator may be trusted'],
    ]);
    expect(advice.reasons).toContain(
      'Of Nonet, masked and noised federated rounds would meet this, but this version has no privacy.masking and no privacy.dp.',
    );
    expect(advise(patients, everything).recommended[0]).toMatchObject({ way: 'private-rounds', by: 'Nonet' });
  });

  it('two distrusting owners of personal data get no readable updates, and no others either', () => {
    const two: Needs = { ...patients, parties: 2, distrust: [{ who: 'owners', whom: 'the operator' }] };
    const { recommended, rejected } = advise(two, here);
    expect(recommended.map(({ way }) => way)).toEqual(['joint-computation']);
    expect(rejected.find(({ way }) => way === 'ledger-rounds')?.because.join()).toContain('single update');
  });

  it('personal data of twenty owners are not pooled untold; in one place already, with a warning', () => {
    const apart = advise({ ...hospitals, parties: 20, sensitivity: 'personal', distrust: [] }, here);
    expect(apart.recommended.map(({ way }) => way)).not.toContain('central');
    expect(apart.recommended[0]?.way).toBe('secure-aggregation');
    const pooled = advise(
      { ...hospitals, parties: 20, sensitivity: 'personal', distrust: [], data: 'in one place' },
      here,
    );
    expect(pooled.recommended.map(({ way }) => way)).toEqual(['central']);
    expect(pooled.warnings.join(' ')).toContain('The data of 20 owners are personal');
  });

  const proven: Needs = {
    workload: 'infer',
    model: { parameters: 1e6 },
    parties: 100,
    data: 'in one place',
    sensitivity: 'public',
    distrust: [{ who: 'the public', whom: 'the operator' }],
    requirements: ['every answer must be proven'],
  };

  it('answers that must be proven: provers of others, with their times', () => {
    const [best, ...more] = advise(proven, here).recommended;
    expect(best).toMatchObject({ way: 'proven-inference', by: 'others', prediction: {} });
    expect(best!.offers.map(({ name }) => name)).toContain('EZKL');
    expect(more).toEqual([]);
    expect(advise(proven, everything).recommended[0]).toMatchObject({ by: 'Nonet', offers: [] });
  });

  it('a proof of what nobody proves: the nearest, and what it falls short of', () => {
    const large = advise({ ...proven, model: { parameters: 70e9 } }, here);
    expect(large.verdict).toBe('nobody can yet');
    expect(large.answer).toMatch(/^Nobody can yet; the nearest is .*560 times as many/);
    expect(large.nearest?.way).toBe('proven-inference');
    expect(large.recommended).toEqual([]);
  });

  it('answers within a second from attested hardware, at 4 to 8 %', () => {
    const needs: Needs = {
      ...proven,
      model: { parameters: 70e9, realTime: true },
      sensitivity: 'personal',
      distrust: [{ who: 'owners', whom: 'the operator' }],
      requirements: ['the input must stay secret'],
    };
    const [best] = advise(needs, here).recommended;
    expect(best?.way).toBe('attested-inference');
    expect(best?.costs.join()).toContain('4 to 8 %');
    expect(best?.assumptions).toContain('attested machines are rented, since your needs name none');
    expect(advise({ ...needs, hardware: { cores: 1, attested: false } }, here).verdict).toBe(
      'nobody can yet',
    );
  });

  it('data that must stay, an operator whom all trust: an ordinary averaging server', () => {
    const advice = advise(
      { ...hospitals, distrust: [], requirements: ['data must not leave the site'] },
      here,
    );
    expect(advice.recommended.map(({ way }) => way)).toEqual(['coordinated']);
    expect(advice.rejected.find(({ way }) => way === 'ledger-rounds')?.because).toEqual([
      'it would do, at a price that buys nothing here',
    ]);
  });

  it('says how far it goes beyond what was shown', () => {
    const { recommended } = advise(
      { ...hospitals, parties: 5000, sensitivity: 'personal', distrust: [] },
      here,
    );
    expect(recommended[0]?.extrapolations.join()).toMatch(/^4.9 times the parties .*2017\/281/);
  });
});

describe('objections', () => {
  const against = (changes: Partial<Needs>, way = 'ledger-rounds', context = everything) =>
    advise({ ...hospitals, ...changes }, context)
      .rejected.find((each) => each.way === way)
      ?.because.join('; ');

  it.each([
    [{ budget: { hours: 1e-6 } }, 'ledger-rounds', 'the budget is 0.000001'],
    [{ budget: { hours: 0.01 } }, 'ledger-rounds', 'it may take up to 0.13 hours, the budget is 0.01'],
    [{ budget: { gas: 1000 } }, 'ledger-rounds', 'the budget is 1,000 gas'],
    [{ budget: { gas: 1e7 } }, 'ledger-rounds', 'it may take up to 12,000,000 gas'],
    [{ examplesPerParty: 1e12 }, 'ledger-rounds', 'no plan waits more than a year'],
    [{ dropouts: 0.6 }, 'ledger-rounds', 'it survives 50 % of the parties missing, not 60 %'],
    [{ parties: 2 }, 'masked-rounds', 'at least 3 parties'],
    [{ parties: 1e6 }, 'ledger-rounds', 'it takes at most 65,535 parties, there are 1,000,000'],
    [
      { budget: { hours: 5 } },
      'joint-computation',
      'no source says how long it takes at your size, and the budget is 5 hours',
    ],
    [{ parties: 200 }, 'joint-computation', 'it was shown with 10 parties, and yours are 20 times as many'],
    [{}, 'attested-training', 'does not deliver "data must not leave the site"'],
    [
      { hardware: { cores: 1, attested: false } },
      'attested-aggregation',
      'attested hardware, which your needs rule out',
    ],
    [{}, 'replayed-training', 'data that all parties may see'],
    [{ sensitivity: 'personal', data: 'in one place' }, 'open-training', 'which are personal'],
    [
      { model: { parameters: 6e7 }, hardware: { cores: 1, accelerator: true } },
      'ledger-rounds',
      'accelerator',
    ],
    [{ model: { parameters: 6e7 } }, 'attested-aggregation', 'need accelerators'],
    [{}, 'central', 'does not deliver "no operator may be trusted" (owners distrust the operator)'],
  ] as const)('%j speaks against %s: %s', (changes, way, text) => {
    expect(against(changes, way)).toContain(text);
  });
});

describe('predictions', () => {
  it.each([
    [130, 200, 'seconds', '2.2 min to 3.3 min'],
    [4.26, 8000, 'seconds', '4.3 s to 2.2 h'],
    [123456, 987654, 'gas', '120,000 gas to 990,000 gas'],
  ])('%d to %d %s are told as %s', (low, high, unit, text) => {
    expect(rangeText(low, high, unit)).toBe(text);
  });

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
    // server at 1 Gbit/s sends 5 models in 16 ms; no ledger takes more than 2,000 moves a second.
    const { seconds, bytes } = predictFederated(
      {
        ...hospitals,
        model: { parameters: 100_000 },
        hardware: { cores: 1, gflopPerCore: 20 },
        links: { uploadMbit: 10, downloadMbit: 1e6, latencyMilliseconds: 0 },
      },
      [{ ...run, parties: 5, bytes: 50e6, ledgerSeconds: 0 }],
    );
    expect(seconds?.low).toBeCloseTo(10 * (0.03 + 0.32 + 0.016 + 9 / 2000), 3);
    // 10 bytes per parameter, party and round, halved and doubled.
    expect(bytes).toMatchObject({ low: 25e6, high: 100e6, basis: 'measured here' });
  });

  it('take the range of several runs, and half and double of one', () => {
    const near = { ...run, parties: 10, gas: 7.5e6 };
    const one = predictFederated(hospitals, [near]).gas!;
    expect(one).toMatchObject({ low: 5 * 10 * 37_500, high: 5 * 10 * 150_000, basis: 'measured here' });
    const two = predictFederated(hospitals, [near, { ...near, gas: 15e6 }]).gas!;
    expect(two).toMatchObject({ low: 5 * 10 * 75_000, high: 5 * 10 * 150_000 });
    expect(one.how).toContain('digits-1');
    expect(two.how).toBe('scaled from 2 runs here');
  });

  it('are no measurement far from what was run: a million parties take no 290 ms', () => {
    const many = { ...hospitals, parties: 1e6, rounds: 1 };
    const { seconds, gas } = predictFederated(many, [run]);
    expect(seconds).toMatchObject({
      basis: 'extrapolated from runs here',
      beyond: { factor: 50_000, of: 'parties' },
    });
    // No ledger here takes more than 2,000 transactions a second.
    expect(seconds!.low).toBeGreaterThan(500);
    expect(gas?.how).toContain('50,000 times beyond their parties');
    expect(predictFederated({ ...hospitals, parties: 20 }, [run]).gas?.basis).toBe('measured here');
  });

  it('of rounds with one server count the factors that sources state', () => {
    const plain = { traffic: 1, time: { low: 1, high: 1 }, from: '' };
    const before = predictCoordinated(hospitals, plain);
    const after = predictCoordinated(hospitals, { traffic: 2, time: { low: 1, high: 3 }, from: 'a source' });
    // 50,000 parameters, 4 bytes up and down, 5 parties, 10 rounds.
    expect(before.bytes).toMatchObject({ low: 20e6, high: 20e6 });
    expect(after.bytes?.high).toBe(40e6);
    expect(after.seconds!.high).toBeGreaterThan(3 * before.seconds!.high);
    expect(after.seconds!.how).toContain('a source');
    const many = predictCoordinated({ ...hospitals, parties: 1e6 }, plain);
    expect(many.bytes?.how).toContain('a cohort of 10,000 a round');
    expect(many.bytes?.high).toBe(10_000 * 50_000 * 8 * 10);
    const accelerated = { ...hospitals, hardware: { cores: 2, accelerator: true } };
    expect(Object.keys(predictCoordinated(accelerated, plain))).toEqual(['bytes']);
  });

  it('say where they come from a formula alone', () => {
    const clear = predictFederated(hospitals, []).gas!;
    const masked = predictFederated(hospitals, [], 'apart', 'masked').gas!;
    expect(masked.high).toBeGreaterThan(1.5 * clear.high);
    expect(masked.how).toContain('3 moves per party');
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

describe.each(ways.map((way) => [way.id, way] as const))('way %s', (_, way) => {
  it('names mechanisms that have a profile, and delivers each requirement once', () => {
    for (const id of way.mechanisms) expect(profileOf(id), id).toBeDefined();
    expect(new Set(way.delivers).size).toBe(way.delivers.length);
    expect(ways.filter(({ id }) => id === way.id)).toHaveLength(1);
    expect(way.maximumParties).toBeGreaterThanOrEqual(way.minimumParties);
    expect(way.assumptions.length).toBeGreaterThan(0);
  });

  it('cites what it says of others', () => {
    const citations = [...way.offers, way.shown, way.slowdown].filter((each) => each !== undefined);
    for (const { source, pin, date, says } of citations) {
      for (const text of [source, pin, says]) expect(text).not.toBe('');
      expect(new Date(date).toISOString().slice(0, 10)).toBe(date);
    }
    if (way.slowdown !== undefined) {
      const { low, high } = way.slowdown.factor;
      expect(low).toBeGreaterThanOrEqual(1);
      expect(high).toBeGreaterThanOrEqual(low);
    }
    if (way.mechanisms.length === 0) expect(way.offers.length).toBeGreaterThan(0);
  });
});

const run: RunSample = {
  run: 'digits-1',
  parameters: 50_000,
  parties: 5,
  rounds: 10,
  bytes: 20e6,
  gas: 2e6,
  ledgerSeconds: 4,
};

describe('properties of random needs', () => {
  it.each([
    ['what this version has', here],
    ['everything, and one run', { ...everything, runs: [run] }],
  ])(
    'with %s: stricter is never looser, fewer never less protected, no figure beyond a limit',
    (_, context) => {
      fc.assert(
        fc.property(randomNeeds, (needs) => {
          expect(adviceViolations(needs, context)).toEqual([]);
        }),
        { numRuns: 300 },
      );
    },
  );

  it('the same needs in another order get the same advice', () => {
    fc.assert(
      fc.property(randomNeeds, (needs) => {
        const turned = {
          ...needs,
          distrust: needs.distrust?.toReversed() ?? [],
          requirements: needs.requirements?.toReversed() ?? [],
        };
        const told = (each: Needs) => {
          const { verdict, recommended, nearest } = advise(each, everything);
          return { verdict, recommended: recommended.map(({ way }) => way), nearest: nearest?.way };
        };
        expect(told(turned)).toEqual(told(needs));
      }),
    );
  });

  it.each<[string, Partial<Needs>, AdviceContext]>([
    ['a stated limit that is passed', { budget: { hours: 0.001 } }, here],
    ['an answer without the demand', { requirements: ['nobody may see a single update'] }, here],
  ])('would be found: %s', (_, change) => {
    // The answer to the easier needs, held against the harder ones.
    const easy = advise(hospitals, here);
    expect(
      answerViolations(
        { ...hospitals, ...change },
        { ...easy, demands: demandsOf({ ...hospitals, ...change }) },
        here,
      ),
    ).not.toEqual([]);
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
