/**
 * Advice: from needs to one of three answers. "Use today: X (not ours)", where something of others
 * meets all needs; "Nonet can, at this price", where this installation can; "nobody can yet; the
 * nearest is", with what it falls short of. With each: what it costs, what one has to believe, and
 * why the others were rejected. Nothing is recommended that cannot be run, that leaves a demand
 * open, or whose predicted figures pass a limit.
 *
 * Ways that meet all needs are ranked by the order of their computing, then by whom they ask one to
 * trust, then by their time. Where a plain server or one's own machines meet them, those are the
 * answer.
 */
import { profileOf, trusts } from '../cells/profiles.ts';
import { browserParameters } from '../planning/index.ts';
import { type Demand, demandsOf, type Needs, type Requirement } from './needs.ts';
import { beyondShown, type Maker, type Objection, objectionsTo } from './objections.ts';
import { ways } from './options.ts';
import {
  type Prediction,
  predictCoordinated,
  predictFederated,
  type RunSample,
  rangeText,
} from './predict.ts';
import { efforts, type Offer, type Way } from './ways.ts';

/** The three answers. */
export const verdicts = ['use today', 'Nonet can', 'nobody can yet'] as const;
/** One of `verdicts`. */
export type Verdict = (typeof verdicts)[number];

/** A way of working that meets the needs, with what it costs. */
export interface Recommendation {
  readonly way: string;
  readonly name: string;
  readonly by: Maker;
  /** A server, or one's own machines, that do nothing besides the workload. */
  readonly plain: boolean;
  /** Of Nonet; empty where it has no part in it. */
  readonly mechanisms: readonly string[];
  /** What of others can be used; empty where Nonet does it. */
  readonly offers: readonly Offer[];
  /** Whether the offers are parts of one whole; else one of them is enough. */
  readonly together: boolean;
  readonly prediction: Prediction;
  /** What its sources say of its cost, with source and date. */
  readonly costs: readonly string[];
  /** How far the needs go beyond what was shown, where they do. */
  readonly extrapolations: readonly string[];
  /** Whom its guarantees rest on, at their weakest. */
  readonly trust: Way['trust'];
  readonly assumptions: readonly string[];
  /** What it delivers beyond what is needed. */
  readonly beyond: readonly Requirement[];
}

/** The nearest way where none meets all needs, and what it falls short of. */
export interface Nearest extends Recommendation {
  readonly shortOf: readonly string[];
}

/** A way that leaves one demand open, for those who can do with less. */
export interface Lighter {
  readonly way: string;
  readonly name: string;
  readonly by: Maker;
  readonly offers: readonly Offer[];
  readonly lacks: Requirement;
}

/** A way of working that does not meet the needs, and why. */
export interface Rejection {
  readonly way: string;
  readonly name: string;
  readonly mechanisms: readonly string[];
  /** Everything that speaks against it. */
  readonly because: readonly string[];
  /** It would meet the needs if this version had these mechanisms. */
  readonly missing: readonly string[];
}

/** What is recommended, with what was weighed. */
export interface Advice {
  readonly verdict: Verdict;
  /** The answer in one sentence. */
  readonly answer: string;
  /** Why, in whole sentences. */
  readonly reasons: readonly string[];
  /** What to mind, whichever way is taken. */
  readonly warnings: readonly string[];
  readonly demands: readonly Demand[];
  /** All that meet the needs, the best first. Empty if the verdict is `nobody can yet`. */
  readonly recommended: readonly Recommendation[];
  /** Only if the verdict is `nobody can yet`. */
  readonly nearest?: Nearest;
  readonly lighter: readonly Lighter[];
  readonly rejected: readonly Rejection[];
}

/** What this installation can do, and what it has measured. */
export interface AdviceContext {
  /** Ids of the mechanisms that this installation declares. */
  readonly available: readonly string[];
  readonly runs: readonly RunSample[];
}

/** A way as one maker would do it, judged. */
export interface Judged {
  readonly way: Way;
  /** Absent where nobody offers it: this installation lacks mechanisms, and others have nothing. */
  readonly by?: Maker;
  readonly missing: readonly string[];
  readonly prediction: Prediction;
  readonly objections: readonly Objection[];
}

/** Judges all ways of doing a workload, and answers with the best, or with the nearest. */
export function advise(needs: Needs, context: AdviceContext): Advice {
  const demands = demandsOf(needs);
  const judged = judgeWays(needs, demands, context);
  const meeting = judged.filter(({ by, objections }) => by !== undefined && objections.length === 0);
  const plain = meeting.filter(({ way }) => way.plain === true).toSorted(comparePlain);
  const chosen =
    plain.length > 0 ? plain.slice(0, 1) : meeting.toSorted((a, b) => compareMeeting(a, b, demands));
  const describe = (each: Judged) => recommend(each, needs, demands);
  const nearest =
    chosen.length > 0
      ? undefined
      : judged.filter(isPossible).toSorted((a, b) => compareNearest(a, b, demands))[0];
  const recommended = chosen.map(describe);
  const short = nearest && {
    ...describe(nearest),
    shortOf: nearest.objections.map(({ text }) => text),
  };
  const verdict: Verdict =
    recommended[0] === undefined
      ? 'nobody can yet'
      : recommended[0].by === 'Nonet'
        ? 'Nonet can'
        : 'use today';
  const told = [...chosen, ...(nearest === undefined ? [] : [nearest])].map(({ way }) => way.id);
  const lighter = plain.length > 0 ? [] : lighterWays(judged, told, needs, demands);
  return {
    verdict,
    answer: answerOf(recommended[0], short),
    reasons: reasonsFor(needs, demands, recommended[0], judged),
    warnings: warningsFor(needs, demands, recommended[0]),
    demands,
    recommended,
    ...(short === undefined ? {} : { nearest: short }),
    lighter,
    rejected: judged
      .filter(({ way }) => !told.includes(way.id))
      .map((each) => reject(each, plain.length > 0)),
  };
}

/** Each way once: by Nonet where it can and may, else by others, else as missing. */
export function judgeWays(
  needs: Needs,
  demands: readonly Demand[],
  { available, runs }: AdviceContext,
): Judged[] {
  const judge = (way: Way, by: Maker | undefined): Judged => {
    const maker = by ?? 'Nonet';
    const prediction = predictionOf(way, maker, needs, runs);
    const missing = by === undefined ? way.mechanisms.filter((id) => !available.includes(id)) : [];
    const objections = objectionsTo(way, maker, needs, demands, prediction);
    return { way, ...(by === undefined ? {} : { by }), missing, prediction, objections };
  };
  return ways
    .filter(({ workloads }) => workloads.includes(needs.workload))
    .map((way) => {
      const here = way.mechanisms.length > 0 && way.mechanisms.every((id) => available.includes(id));
      const elsewhere = way.offers.length > 0;
      const ours = here ? judge(way, 'Nonet') : undefined;
      if (ours !== undefined && (ours.objections.length === 0 || !elsewhere)) return ours;
      return judge(way, elsewhere ? 'others' : undefined);
    });
}

function predictionOf(way: Way, by: Maker, needs: Needs, runs: readonly RunSample[]): Prediction {
  if (way.rounds !== true) return {};
  const aggregation = way.mechanisms?.includes('privacy.masking') ? 'masked' : 'clear';
  if (by === 'Nonet') return predictFederated(needs, runs, 'apart', aggregation);
  return predictCoordinated(needs, {
    traffic: way.trafficFactor ?? 1,
    time: way.slowdown?.factor ?? { low: 1, high: 1 },
    from: (way.slowdown ?? way.shown)?.pin ?? '',
  });
}

/** Where no demand is against the operator, trust in one costs least of all. */
function trustOf({ way }: Judged, demands: readonly Demand[]): number {
  const distrusted = demands.some(({ requirement }) => requirement === 'no operator may be trusted');
  return way.trust === 'an operator' && !distrusted ? -1 : trusts.indexOf(way.trust);
}
const effortOf = ({ way }: Judged): number => efforts.indexOf(way.effort);
const timeOf = ({ prediction }: Judged): number => prediction.seconds?.high ?? Number.MAX_VALUE;

function compareMeeting(a: Judged, b: Judged, demands: readonly Demand[]): number {
  return (
    effortOf(a) - effortOf(b) ||
    trustOf(a, demands) - trustOf(b, demands) ||
    timeOf(a) - timeOf(b) ||
    a.way.mechanisms.length - b.way.mechanisms.length
  );
}

/** One's own machines before a server; what is not asked for is not bought. */
function comparePlain(a: Judged, b: Judged): number {
  return (
    trusts.indexOf(a.way.trust) - trusts.indexOf(b.way.trust) || a.way.delivers.length - b.way.delivers.length
  );
}

/** Given up first: limits; then what can be checked; last, what keeps data secret. */
const secrets: readonly (Requirement | undefined)[] = [
  'data must not leave the site',
  'nobody may see a single update',
  'the result must not give a record away',
  'the input must stay secret',
];

function compareNearest(a: Judged, b: Judged, demands: readonly Demand[]): number {
  const count = ({ objections }: Judged, of: (objection: Objection) => boolean) =>
    objections.filter(of).length;
  const secret = ({ requirement }: Objection) => secrets.includes(requirement);
  const checks = ({ kind, requirement }: Objection) =>
    kind === 'protection' && !secrets.includes(requirement);
  return (
    count(a, secret) - count(b, secret) ||
    count(a, checks) - count(b, checks) ||
    excessOf(a) - excessOf(b) ||
    a.objections.length - b.objections.length ||
    compareMeeting(a, b, demands)
  );
}

/** How far the furthest limit is passed; ten times where that is no number. */
function excessOf({ objections }: Judged): number {
  const limits = objections.filter(({ kind }) => kind === 'limit');
  return Math.max(1, ...limits.map(({ excess = 10 }) => excess));
}

function isPossible({ by, objections }: Judged): boolean {
  return by !== undefined && objections.every(({ kind }) => kind !== 'impossible');
}

/**
 * At most two that lack one demand and nothing else, in the order of the recommendations. What
 * keeps personal data secret is not bargained with.
 */
function lighterWays(
  judged: readonly Judged[],
  told: readonly string[],
  { sensitivity }: Needs,
  demands: readonly Demand[],
): Lighter[] {
  return judged
    .flatMap((each) => {
      const [only, ...more] = each.objections;
      const lacks = only?.requirement;
      if (each.by === undefined || lacks === undefined || more.length > 0) return [];
      if (told.includes(each.way.id) || (sensitivity === 'personal' && secrets.includes(lacks))) return [];
      return [{ each, by: each.by, lacks }];
    })
    .toSorted((a, b) => compareMeeting(a.each, b.each, demands))
    .slice(0, 2)
    .map(({ each: { way }, by, lacks }) => ({
      way: way.id,
      name: way.name,
      by,
      offers: by === 'others' ? way.offers : [],
      lacks,
    }));
}

function recommend(
  { way, by = 'others', prediction }: Judged,
  needs: Needs,
  demands: readonly Demand[],
): Recommendation {
  const asked = new Set(demands.map(({ requirement }) => requirement));
  const ours = by === 'Nonet';
  return {
    way: way.id,
    name: way.name,
    by,
    plain: way.plain === true,
    mechanisms: ours ? way.mechanisms : [],
    offers: ours ? [] : way.offers,
    together: way.together === true,
    prediction,
    costs: ours || way.slowdown === undefined ? [] : [cited(way.slowdown)],
    extrapolations: ours ? measuredExtrapolations(prediction) : shownExtrapolations(way, needs),
    trust: way.trust,
    assumptions: [
      ...new Set([
        ...(ours ? way.mechanisms.flatMap((id) => profileOf(id)?.assumptions ?? []) : []),
        ...way.assumptions,
        ...(ours || way.plain === true || way.shown !== undefined
          ? []
          : ['it does what it does at your size, too: no source that we read says how far it was taken']),
        ...(way.attested === true && needs.hardware?.attested !== true
          ? ['attested machines are rented, since your needs name none']
          : []),
      ]),
    ],
    beyond: way.delivers.filter((requirement) => !asked.has(requirement)),
  };
}

const cited = ({ says, source, pin, date }: { says: string; source: string; pin: string; date: string }) =>
  `${says} (${source}, ${pin}, ${date})`;
const times = (factor: number) => `${Number(factor.toPrecision(2)).toLocaleString('en')} times`;

function shownExtrapolations(way: Way, { model, parties }: Needs): string[] {
  const values = { parameters: model?.parameters ?? 0, parties };
  return (['parameters', 'parties'] as const).flatMap((of) => {
    const factor = beyondShown(way, of, values[of]);
    if (factor <= 1 || way.shown === undefined) return [];
    return [`${times(factor)} the ${of} of the largest that was shown: ${cited(way.shown)}`];
  });
}

function measuredExtrapolations(prediction: Prediction): string[] {
  const furthest = Object.values(prediction).flatMap(({ beyond }) => beyond ?? []);
  return [
    ...new Set(
      furthest.map(({ factor, of }) => `${times(factor)} beyond the ${of} of the runs measured here`),
    ),
  ];
}

function answerOf(best: Recommendation | undefined, nearest: Nearest | undefined): string {
  if (best === undefined) {
    if (nearest === undefined) return 'Nobody can yet, and nothing comes near.';
    return `Nobody can yet; the nearest is ${nearest.name} (${offersText(nearest)}): ${nearest.shortOf.join('; ')}.`;
  }
  if (best.by === 'Nonet') return `Nonet can, at this price: ${priceText(best.prediction)}; ${best.name}.`;
  return `Use today: ${offersText(best)} (not ours): ${best.name}.`;
}

function offersText({ by, offers, together }: Pick<Recommendation, 'by' | 'offers' | 'together'>): string {
  if (by === 'Nonet') return 'Nonet';
  const names = offers.map(({ name }) => name);
  return together ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : names.join(' or ');
}

/** Time, traffic and gas, where they are known. */
function priceText({ seconds, bytes, gas }: Prediction): string {
  const known = [seconds, bytes, gas].flatMap((predicted) => (predicted === undefined ? [] : [predicted]));
  if (known.length === 0) return 'not measured yet';
  return known.map(({ low, high, unit }) => rangeText(low, high, unit)).join(', ');
}

function reasonsFor(
  needs: Needs,
  demands: readonly Demand[],
  best: Recommendation | undefined,
  judged: readonly Judged[],
): string[] {
  const must = demands.map(({ requirement, because }) => `It must hold that ${requirement}: ${because}.`);
  if (best?.plain === true) return [...plainReasons(needs, demands), ...must];
  const future = judged
    .filter(({ missing, objections }) => missing.length > 0 && objections.length === 0)
    .map(
      ({ way, missing }) =>
        `Of Nonet, ${way.name} would meet this, but this version has no ${missing.join(' and no ')}.`,
    );
  return [...must, ...future];
}

/** Why a server, or one's own machines, do. */
function plainReasons(needs: Needs, demands: readonly Demand[]): string[] {
  const parameters = needs.model?.parameters ?? 0;
  return [
    needs.parties === 1 ? 'There is one owner, who has no other to agree with.' : '',
    needs.parties > 1 && demands.length === 0
      ? 'No party distrusts the operator and no rule forbids it, so a ledger would cost time and guard against no one.'
      : '',
    parameters > browserParameters
      ? `${parameters.toLocaleString('en')} parameters need accelerators side by side; processors over ordinary links suit up to about 50 million.`
      : '',
    needs.model?.realTime === true
      ? 'Answers within a second come from a machine nearby, and nothing that you ask for needs more.'
      : '',
    needs.parties > 1 && demands.length > 0
      ? 'What is asked for holds with an ordinary server, and no party distrusts its operator.'
      : '',
  ].filter((reason) => reason !== '');
}

function warningsFor(
  { sensitivity, data, parties, workload, model, hardware, distrust = [] }: Needs,
  demands: readonly Demand[],
  best: Recommendation | undefined,
): string[] {
  const personal = sensitivity === 'personal';
  const holds = new Set([...(best?.beyond ?? []), ...demands.map(({ requirement }) => requirement)]);
  const noised = holds.has('the result must not give a record away');
  const hidden = holds.has('the input must stay secret');
  const parameters = model?.parameters ?? 0;
  return [
    personal && workload === 'infer' && !hidden
      ? 'The inputs are personal, and the operator of the model reads them: it needs a legal ground and a contract (such as GDPR, Article 28). Ask that "the input must stay secret" to have it kept from the operator.'
      : '',
    personal && workload === 'infer' && distrust.some(({ whom }) => whom === 'outsiders')
      ? 'Outsiders are distrusted: see that an answer goes only to the party who asked, and that logs hold salted hashes.'
      : '',
    personal && workload !== 'infer' && data === 'in one place' && parties > 1
      ? `The data of ${parties.toLocaleString('en')} owners are personal and lie in one place: its operator needs a legal ground from each, a contract with each (such as GDPR, Article 28), and answers for a breach of all of them at once.`
      : '',
    personal && workload !== 'infer' && !noised
      ? 'A model or a statistic over personal data can give records away. Ask that "the result must not give a record away" to have that bounded.'
      : '',
    workload === 'train' && parameters > browserParameters && hardware?.accelerator !== true
      ? `${parameters.toLocaleString('en')} parameters need accelerators, which your needs do not name.`
      : '',
    best?.trust === 'a hardware maker'
      ? 'The answer rests on attested hardware: ask for machines whose owner you would let near them.'
      : '',
  ].filter((warning) => warning !== '');
}

function reject({ way, missing, objections }: Judged, plain: boolean): Rejection {
  const because = objections.map(({ text }) => text);
  return {
    way: way.id,
    name: way.name,
    mechanisms: way.mechanisms,
    because: [
      ...because,
      ...(missing.length === 0 ? [] : [`not available in this version: ${missing.join(', ')}`]),
      ...(because.length + missing.length > 0
        ? []
        : [
            plain ? 'it would do, at a price that buys nothing here' : 'it meets the needs at a higher price',
          ]),
    ],
    missing: because.length === 0 ? missing : [],
  };
}
