/**
 * Advice: from needs to ranked ways of meeting them, with what each costs, what one has to believe,
 * and why the others were rejected; or "a central server serves you better", with reasons; or
 * "nothing in this version meets these needs", with what is missing. It recommends nothing that
 * cannot be run.
 */
import { profileOf } from '../cells/profiles.ts';
import { browserParameters } from '../planning/index.ts';
import { type Demand, demandsOf, type Needs } from './needs.ts';
import { type Way, ways } from './options.ts';
import { type Prediction, predictFederated, type RunSample } from './predict.ts';

export interface Recommendation {
  readonly way: string;
  readonly name: string;
  readonly mechanisms: readonly string[];
  readonly prediction: Prediction;
  readonly assumptions: readonly string[];
  /** What it delivers beyond what is needed. */
  readonly beyond: readonly string[];
}

export interface Rejection {
  readonly way: string;
  readonly name: string;
  readonly mechanisms: readonly string[];
  /** Everything that speaks against it. */
  readonly because: readonly string[];
  /** It would meet the needs if this version had these mechanisms. */
  readonly missing: readonly string[];
}

export interface Advice {
  readonly verdict: 'use these' | 'a central server serves you better' | 'nothing in this version';
  /** Why, in whole sentences. */
  readonly reasons: readonly string[];
  readonly demands: readonly Demand[];
  /** From the cheapest. Empty unless the verdict is `use these`. */
  readonly recommended: readonly Recommendation[];
  readonly rejected: readonly Rejection[];
  /** Of the central way, where one meets the needs. */
  readonly central?: { readonly name: string; readonly assumptions: readonly string[] };
}

export interface AdviceContext {
  /** Ids of the mechanisms that this installation declares. */
  readonly available: readonly string[];
  readonly runs: readonly RunSample[];
}

const isCentral = (way: Way): boolean => way.mechanisms.length === 0;

export function advise(needs: Needs, { available, runs }: AdviceContext): Advice {
  const demands = demandsOf(needs);
  const candidates = ways.filter(({ workloads }) => workloads.includes(needs.workload));
  const judged = candidates.map((way) => {
    const prediction = isCentral(way) ? {} : predictionOf(way, needs, runs);
    const missing = way.mechanisms.filter((id) => !available.includes(id));
    return { way, prediction, missing, because: objections(way, needs, demands, prediction) };
  });

  const central = judged.find(({ way, because }) => isCentral(way) && because.length === 0);
  const reasons = reasonsForCentral(needs, demands);
  const best = central === undefined || reasons.length === 0 ? undefined : central;
  const runnable = judged
    .filter(({ way, because, missing }) => !isCentral(way) && because.length === 0 && missing.length === 0)
    .toSorted(
      (a, b) =>
        (a.prediction.seconds?.high ?? 0) - (b.prediction.seconds?.high ?? 0) ||
        a.way.mechanisms.length - b.way.mechanisms.length,
    );
  const chosen = best !== undefined ? [] : runnable;
  const verdict =
    best !== undefined
      ? 'a central server serves you better'
      : chosen.length > 0
        ? 'use these'
        : 'nothing in this version';
  return {
    verdict,
    reasons: verdict === 'a central server serves you better' ? reasons : explain(verdict, demands, judged),
    demands,
    recommended: chosen.map(({ way, prediction }) => recommend(way, prediction, demands)),
    rejected: judged
      .filter(({ way }) => way !== best?.way && !chosen.some((each) => each.way === way))
      .map(({ way, because, missing }) => reject(way, because, missing, best !== undefined)),
    ...(best === undefined ? {} : { central: { name: best.way.name, assumptions: best.way.assumptions } }),
  };
}

function predictionOf(way: Way, needs: Needs, runs: readonly RunSample[]): Prediction {
  // Only what is run here has a model of its cost; anything else would be a number out of the air.
  return way.mechanisms.includes('federation.rounds') ? predictFederated(needs, runs) : {};
}

/** What speaks against a way, whether or not it can be run here. */
function objections(way: Way, needs: Needs, demands: readonly Demand[], prediction: Prediction): string[] {
  const { hours, gas } = needs.budget ?? {};
  const dropouts = needs.dropouts ?? 0;
  const parameters = needs.model?.parameters ?? 0;
  return [
    ...demands
      .filter(({ requirement }) => !way.delivers.includes(requirement))
      .map(({ requirement, because }) => `it does not deliver "${requirement}" (${because})`),
    ...(needs.parties < way.minimumParties
      ? [`it needs at least ${way.minimumParties} parties, there are ${needs.parties}`]
      : []),
    ...(dropouts > way.survivesDropouts
      ? [`it survives ${percent(way.survivesDropouts)} of the parties missing, not ${percent(dropouts)}`]
      : []),
    ...(way.mechanisms.includes('attestation.execution') && needs.hardware?.attested !== true
      ? ['it needs attested hardware, which your needs do not name']
      : []),
    ...(way.mechanisms.includes('proof.replay') && needs.data === 'at their owners'
      ? ['it needs data that all parties may see, and yours are at their owners']
      : []),
    ...(!isCentral(way) && parameters > browserParameters && needs.hardware?.accelerator !== true
      ? [`${parameters.toLocaleString('en')} parameters are more than the 50 million that processors suit`]
      : []),
    ...(!isCentral(way) && parameters > browserParameters && needs.hardware?.accelerator === true
      ? ['this version computes on processors, and the model needs an accelerator']
      : []),
    ...(!isCentral(way) && needs.model?.realTime === true
      ? ['an answer within a second leaves no time for agreement or proof']
      : []),
    ...(hours !== undefined && prediction.seconds !== undefined && prediction.seconds.low > hours * 3600
      ? [`it takes at least ${(prediction.seconds.low / 3600).toPrecision(2)} hours, the budget is ${hours}`]
      : []),
    ...(gas !== undefined && prediction.gas !== undefined && prediction.gas.low > gas
      ? [`it takes at least ${prediction.gas.low.toPrecision(2)} gas, the budget is ${gas.toPrecision(2)}`]
      : []),
  ];
}

/** Why a server would do, or do better; empty where nothing speaks for it. */
function reasonsForCentral(needs: Needs, demands: readonly Demand[]): string[] {
  const parameters = needs.model?.parameters ?? 0;
  return [
    ...(needs.parties === 1 ? ['There is one owner, who has no other to agree with.'] : []),
    ...(needs.parties > 1 && demands.length === 0
      ? [
          'No party distrusts the operator and no rule forbids it, so a ledger would cost time and guard against no one.',
        ]
      : []),
    ...(parameters > browserParameters
      ? [
          `${parameters.toLocaleString('en')} parameters need accelerators side by side; processors over ordinary links suit up to about 50 million.`,
        ]
      : []),
    ...(needs.model?.realTime === true
      ? ['Answers within a second come from a machine nearby; agreement and proofs take longer than that.']
      : []),
    ...(needs.workload === 'train' &&
    needs.parties > 1 &&
    demands.length > 0 &&
    demands.every(({ requirement }) => requirement === 'data must not leave the site')
      ? [
          'Data stay where they are with an ordinary server that averages, and no party distrusts its operator.',
        ]
      : []),
  ];
}

function explain(
  verdict: Advice['verdict'],
  demands: readonly Demand[],
  judged: readonly { way: Way; because: readonly string[]; missing: readonly string[] }[],
): string[] {
  if (verdict === 'use these') {
    return demands.map(({ requirement, because }) => `It must hold that ${requirement}: ${because}.`);
  }
  const nearest = judged.filter(
    ({ way, because, missing }) => !isCentral(way) && because.length === 0 && missing.length > 0,
  );
  return nearest.length === 0
    ? ['No way that is known here meets all of these needs; below is what stands against each.']
    : nearest.map(
        ({ way, missing }) =>
          `${way.name} would meet them, but this version has no ${missing.join(' and no ')}.`,
      );
}

function recommend(way: Way, prediction: Prediction, demands: readonly Demand[]): Recommendation {
  const asked = new Set(demands.map(({ requirement }) => requirement));
  return {
    way: way.id,
    name: way.name,
    mechanisms: way.mechanisms,
    prediction,
    assumptions: [
      ...new Set([...way.mechanisms.flatMap((id) => profileOf(id)?.assumptions ?? []), ...way.assumptions]),
    ],
    beyond: way.delivers.filter((requirement) => !asked.has(requirement)),
  };
}

function reject(
  way: Way,
  because: readonly string[],
  missing: readonly string[],
  central: boolean,
): Rejection {
  const reasons = [
    ...because,
    ...(missing.length === 0 ? [] : [`not available in this version: ${missing.join(', ')}`]),
    ...(because.length + missing.length === 0
      ? [
          isCentral(way)
            ? central
              ? 'nothing asks for keeping the data apart'
              : 'nothing speaks for trusting a server where it is not needed'
            : central
              ? 'it would do, at a price that buys nothing here'
              : 'it meets the needs at a higher price',
        ]
      : []),
  ];
  return {
    way: way.id,
    name: way.name,
    mechanisms: way.mechanisms,
    because: reasons,
    missing: because.length === 0 ? missing : [],
  };
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;
