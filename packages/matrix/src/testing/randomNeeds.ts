/**
 * Random needs, and what advice must hold for all of them: a stricter need never gets a looser
 * answer, fewer owners are never less protected, no recommended figure passes a limit, and what was
 * not shown or measured at this size says how far off it is. For tests and for `nonet bench
 * matrix`.
 */
import fc from 'fast-check';
import { type Advice, type AdviceContext, advise, judgeWays } from '../advice/advise.ts';
import { demandsOf, type Needs, parseNeeds, requirements } from '../advice/needs.ts';
import { farthest, longestHours } from '../advice/objections.ts';
import { ways } from '../advice/options.ts';

const sensitivities = ['public', 'internal', 'personal'] as const;
const distrusts = (['owners', 'customers', 'the public'] as const).flatMap((who) =>
  (['the operator', 'other owners', 'outsiders'] as const).map((whom) => ({ who, whom })),
);
/** Many magnitudes alike. */
const magnitude = (max: number) =>
  fc.integer({ min: 0, max: 1000 }).map((part) => Math.floor(max ** (part / 1000)));

const anyNeeds = fc.record({
  workload: fc.constantFrom('train' as const, 'infer' as const, 'count' as const),
  parameters: magnitude(1e12),
  realTime: fc.boolean(),
  parties: fc.oneof(fc.integer({ min: 1, max: 6 }), magnitude(1e7)),
  examplesPerParty: magnitude(1e7),
  rounds: magnitude(65_535),
  data: fc.constantFrom('at their owners' as const, 'in one place' as const),
  sensitivity: fc.constantFrom(...sensitivities),
  distrust: fc.subarray(distrusts),
  links: fc.option(fc.record({ uploadMbit: magnitude(1e4), downloadMbit: magnitude(1e4) }), {
    nil: undefined,
  }),
  cores: magnitude(1000),
  accelerator: fc.option(fc.boolean(), { nil: undefined }),
  attested: fc.option(fc.boolean(), { nil: undefined }),
  dropouts: fc.integer({ min: 0, max: 95 }).map((hundredths) => hundredths / 100),
  hours: fc.option(magnitude(1e5), { nil: undefined }),
  gas: fc.option(magnitude(1e12), { nil: undefined }),
  asked: fc.subarray([...requirements], { maxLength: 3 }),
});

/** Needs of all kinds that can be had together, over many magnitudes. */
export const randomNeeds: fc.Arbitrary<Needs> = anyNeeds
  .map((drawn) => parsed(needsFrom(drawn)))
  .filter((needs) => needs !== undefined);

function needsFrom(drawn: typeof anyNeeds extends fc.Arbitrary<infer T> ? T : never): unknown {
  const { workload, parameters, realTime, links, cores, accelerator, attested, hours, gas, asked } = drawn;
  const { parties, examplesPerParty, rounds, data, sensitivity, distrust, dropouts } = drawn;
  return {
    workload,
    parties,
    examplesPerParty,
    rounds,
    data,
    sensitivity,
    distrust,
    dropouts,
    ...(workload === 'count'
      ? {}
      : { model: { parameters, ...(workload === 'infer' && realTime ? { realTime } : {}) } }),
    ...(links === undefined ? {} : { links: { ...links, latencyMilliseconds: 30 } }),
    hardware: {
      cores,
      ...(accelerator === undefined ? {} : { accelerator }),
      ...(attested === undefined ? {} : { attested }),
    },
    budget: { ...(hours === undefined ? {} : { hours }), ...(gas === undefined ? {} : { gas }) },
    requirements: asked,
  };
}

/** Undefined where needs contradict each other. */
function parsed(value: unknown): Needs | undefined {
  try {
    return parseNeeds(value);
  } catch {
    return undefined;
  }
}

/** The needs made stricter in one respect, in all the ways that there are. */
function stricterNeeds(needs: Needs): Needs[] {
  const { hardware, budget = {}, dropouts = 0, model } = needs;
  const more: readonly Partial<Needs>[] = [
    ...requirements.map((each) => ({ requirements: [...new Set([...(needs.requirements ?? []), each])] })),
    ...distrusts.map((each) => ({ distrust: [...(needs.distrust ?? []), each] })),
    ...sensitivities
      .slice(sensitivities.indexOf(needs.sensitivity) + 1)
      .map((sensitivity) => ({ sensitivity })),
    { budget: { ...budget, hours: Math.min(1, (budget.hours ?? 10) / 10) } },
    { budget: { ...budget, gas: (budget.gas ?? 1e8) / 10 } },
    { dropouts: (1 + dropouts) / 2 },
    ...(hardware === undefined ? [] : [{ hardware: { ...hardware, attested: false } }]),
    ...(model === undefined ? [] : [{ model: { ...model, realTime: true } }]),
  ];
  return more.flatMap((change) => parsed({ ...needs, ...change }) ?? []);
}

/** The same with fewer owners, down to one. */
function fewerParties({ parties, ...needs }: Needs): Needs[] {
  const fewer = [1, 2, 3, Math.floor(parties / 2)].filter((count) => count >= 1 && count < parties);
  return [...new Set(fewer)].flatMap((count) => parsed({ ...needs, parties: count }) ?? []);
}

const isTold = ({ recommended, nearest }: Advice) => [
  ...recommended,
  ...(nearest === undefined ? [] : [nearest]),
];

/** What is wrong with the answers to these needs; empty where all holds. */
export function adviceViolations(needs: Needs, context: AdviceContext): string[] {
  const advice = advise(needs, context);
  return [
    ...answerViolations(needs, advice, context),
    ...stricterNeeds(needs).flatMap((each) => looser(needs, each, context)),
    ...fewerParties(needs).flatMap((each) => lessProtected(needs, each, context)),
  ];
}

/** What is wrong with this answer to these needs, stricter or fewer ones aside. */
export function answerViolations(needs: Needs, advice: Advice, { available, runs }: AdviceContext): string[] {
  const { verdict, recommended, nearest, rejected, demands } = advice;
  const { hours = longestHours, gas = Number.POSITIVE_INFINITY } = needs.budget ?? {};
  const told = isTold(advice);
  const all = ways.filter(({ workloads }) => workloads.includes(needs.workload)).length;
  const size = { parameters: needs.model?.parameters ?? 0, parties: needs.parties };
  return [
    told.length + rejected.length === all ? '' : 'a way is missing, or told twice',
    (verdict === 'nobody can yet') === (recommended.length === 0) ? '' : 'verdict and recommendations differ',
    (verdict === 'nobody can yet') === (nearest !== undefined) ? '' : 'no nearest way, or one too many',
    nearest === undefined || nearest.shortOf.length > 0 ? '' : 'the nearest way falls short of nothing',
    ...recommended.flatMap(({ way: id, by, mechanisms, offers, prediction }) => {
      const way = ways.find((each) => each.id === id)!;
      const { seconds, gas: work } = prediction;
      return [
        by === 'Nonet'
          ? mechanisms.length > 0 && mechanisms.every((each) => available.includes(each))
            ? ''
            : `${id} cannot be run here`
          : offers.length > 0
            ? ''
            : `${id} is offered nowhere`,
        ...demands
          .filter(({ requirement }) => !way.delivers.includes(requirement))
          .map(({ requirement }) => `${id} does not deliver ${requirement}`),
        seconds !== undefined && seconds.high > 3600 * Math.min(hours, longestHours)
          ? `${id} takes longer than the limit`
          : '',
        work !== undefined && work.high > gas ? `${id} takes more gas than the budget` : '',
      ];
    }),
    ...told.flatMap(({ way: id, by, extrapolations, prediction }) => {
      const way = ways.find((each) => each.id === id)!;
      const beyond = (['parameters', 'parties'] as const).filter(
        (of) => size[of] > (way.shown?.[of] ?? size[of]),
      );
      return [
        by === 'others' && extrapolations.length !== beyond.length ? `${id} hides that it extrapolates` : '',
        nearest === undefined && by === 'others' && beyond.some((of) => size[of] > farthest * way.shown![of]!)
          ? `${id} is recommended far beyond what was shown`
          : '',
        ...Object.values(prediction).map(({ basis, beyond: far }) =>
          (basis === 'extrapolated from runs here') === (far !== undefined) &&
          (runs.length > 0 || far === undefined)
            ? ''
            : `${id} mislabels what it rests on`,
        ),
      ];
    }),
  ].filter((text) => text !== '');
}

/** Whether stricter needs get an answer that the given ones would not accept. */
function looser(needs: Needs, stricter: Needs, context: AdviceContext): string[] {
  const demands = demandsOf(needs);
  const judged = judgeWays(needs, demands, context);
  const kept = new Set(demandsOf(stricter).map(({ requirement }) => requirement));
  return [
    ...demands
      .filter(({ requirement }) => !kept.has(requirement))
      .map(({ requirement }) => `a stricter need drops ${requirement}`),
    ...advise(stricter, context).recommended.flatMap(({ way: id }) => {
      const before = judged.find(({ way }) => way.id === id)!;
      return before.by !== undefined && before.objections.length === 0
        ? []
        : [`${id} comes in when the need becomes stricter: ${before.objections[0]?.text}`];
    }),
  ];
}

/** Whether what protects many does not protect few. */
function lessProtected(needs: Needs, fewer: Needs, context: AdviceContext): string[] {
  const demands = demandsOf(needs).map(({ requirement }) => requirement);
  return advise(fewer, context).recommended.flatMap(({ way: id }) => {
    const { delivers } = ways.find((way) => way.id === id)!;
    return demands
      .filter((requirement) => !delivers.includes(requirement))
      .map((requirement) => `${fewer.parties} parties lose ${requirement} with ${id}`);
  });
}
