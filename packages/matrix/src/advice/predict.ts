/**
 * What a set of mechanisms will cost, before it is run: time, bytes, gas, energy, accuracy. Where
 * this installation has run something like it, its receipts give the ratios and their range; else
 * the planning formulas do, with wide limits and a label. A quantity that neither gives is left
 * open.
 */
import { quantityText } from '@nonet/core/receipt';
import { modelEnergy } from '../energy/index.ts';
import { computeSeconds, starSeconds, stepComputeFlop } from '../planning/index.ts';
import type { Needs } from './needs.ts';

/** `2.2 to 3.3 min`: two digits, in the unit that fits; no prediction has more. */
export function rangeText(low: number, high: number, unit: string): string {
  return `${roundText(low, unit)} to ${roundText(high, unit)}`;
}

function roundText(value: number, unit: string): string {
  // What is told in minutes or hours is rounded there.
  const step = unit !== 'seconds' || value < 120 ? 1 : value < 7200 ? 60 : 3600;
  return quantityText(Number((value / step).toPrecision(2)) * step, unit);
}

/** What a prediction rests on. */
export type Basis =
  | 'measured here'
  | 'extrapolated from runs here'
  | 'planning formula'
  | 'no measurement yet';

/** A quantity within limits. */
export interface Predicted {
  readonly low: number;
  readonly high: number;
  readonly unit: string;
  readonly basis: Basis;
  /** Of what, or by which formula. */
  readonly how: string;
  /** How far the job lies outside the runs that it is scaled from, where that is far. */
  readonly beyond?: Beyond;
}

/** `factor` times more, or less, of something than any run had. */
export interface Beyond {
  readonly factor: number;
  readonly of: 'parties' | 'parameters' | 'rounds';
}

/** The costs of a job; what neither runs nor formulas give is absent. */
export interface Prediction {
  readonly seconds?: Predicted;
  /** The share of that time in which machines compute. */
  readonly computing?: Predicted;
  readonly bytes?: Predicted;
  readonly gas?: Predicted;
  readonly joules?: Predicted;
  readonly accuracyLost?: Predicted;
}

/** A finished run, as its receipt tells of it. */
export interface RunSample {
  readonly run: string;
  readonly parameters: number;
  readonly parties: number;
  readonly rounds: number;
  readonly bytes: number;
  readonly gas: number;
  /** Of the rounds beyond the training in them. */
  readonly ledgerSeconds: number;
}

/** Effective rates of one core with our kernels, from small convolutions to large products. */
const gflopPerCore = { low: 7, high: 40 };
/** Where the needs do not say otherwise: a slow line. */
const defaultLinks = { uploadMbit: 10, downloadMbit: 50, latencyMilliseconds: 50 };
const defaultExamples = 1000;
/** Rounds of a job whose needs name no number. */
export const defaultRounds = 10;

/** Intrinsic gas of a transaction, and what one with a few storage writes takes. */
const gasPerTransaction = { low: 21_000, high: 120_000 };
/** Moves of a round besides one commitment per party: open, close, step, finish. */
const movesPerRound = 4;
/** Moves of a party in a round: it commits; where updates are masked, it registers and reveals too. */
const movesPerParty = { clear: 1, masked: 3 };
/**
 * Seconds until a transaction is in a block: of an embedded ledger, and of a public one with a
 * block in 12 seconds.
 */
const inclusionSeconds = { low: 0.01, high: 12 };
/**
 * Transactions of one round that a ledger takes in a second, however they are sent: more than the
 * embedded one does, and what Ethereum's 5 million gas a second carry.
 */
const transactionsPerSecond = { fastest: 2000, slowest: 5e6 / 120_000 };

/** Up to so many times more or less than in a run, the job counts as measured. */
const measuredFactor = 2;

interface Calibration {
  readonly low: number;
  readonly high: number;
  readonly basis: Basis;
  readonly how: string;
  readonly beyond?: Beyond;
}

/**
 * A ratio over past runs, from the least to the greatest; half and double of it where there is only
 * one. It is called measured only where the job resembles a run in each of `like`; else it says how
 * far off it is.
 */
function calibrated(
  { runs, ...job }: Setting,
  ratio: (run: RunSample) => number,
  like: readonly Beyond['of'][],
): Calibration | undefined {
  if (runs.length === 0) return undefined;
  const ratios = runs.map(ratio);
  const spread = runs.length === 1 ? 2 : 1;
  const how = `scaled from ${runs.length === 1 ? `the run ${runs[0]!.run}, halved and doubled` : `${runs.length} runs here`}`;
  const range = { low: Math.min(...ratios) / spread, high: Math.max(...ratios) * spread };
  const furthest = like
    .map((of) => ({
      of,
      factor: distance(
        job[of],
        runs.map((run) => run[of]),
      ),
    }))
    .toSorted((a, b) => b.factor - a.factor)[0];
  if (furthest === undefined || furthest.factor <= measuredFactor) {
    return { ...range, basis: 'measured here', how };
  }
  return {
    ...range,
    basis: 'extrapolated from runs here',
    how: `${how}, ${digits(furthest.factor)} times beyond their ${furthest.of}`,
    beyond: furthest,
  };
}

/** How many times more than the most, or less than the least; 1 within. */
function distance(value: number, samples: readonly number[]): number {
  return Math.max(1, value / Math.max(...samples), Math.min(...samples) / value);
}

const digits = (value: number) => Number(value.toPrecision(2)).toLocaleString('en');

/**
 * Each party on a machine of its own, or all of them on one: a rehearsal, whose traffic crosses no
 * network.
 */
export type Place = 'apart' | 'on one machine';

/** What the formulas need of a job: the needs with the defaults in their places, and past runs. */
interface Setting {
  readonly place: Place;
  readonly runs: readonly RunSample[];
  readonly parties: number;
  readonly machines: number;
  readonly rounds: number;
  readonly parameters: number;
  /**
   * Parties that take part in a round, on average. The lower ends of predictions count them, the
   * upper ends all parties: who may be missing may also be there.
   */
  readonly present: number;
  readonly cores: number;
  /** FLOP of one machine in one round. */
  readonly flop: number;
  readonly needs: Needs;
  readonly aggregation: Aggregation;
}

/** Whether updates can be read one by one: past runs are of those that can. */
export type Aggregation = keyof typeof movesPerParty;

/** Lowest and highest value. */
interface Span {
  readonly low: number;
  readonly high: number;
}

/**
 * What federated training by averaging will cost. `runs` are past runs of this installation; the
 * accuracy is left open.
 */
export function predictFederated(
  needs: Needs,
  runs: readonly RunSample[],
  place: Place = 'apart',
  aggregation: Aggregation = 'clear',
): Prediction {
  const setting = settingOf(needs, runs, place, aggregation);
  const { seconds, computing } = predictTime(setting);
  const bytes = predictTraffic(setting);
  const gas = predictGas(setting);
  return { seconds, computing, bytes, gas, joules: predictEnergy(setting, seconds, bytes) };
}

/** How much more a way takes than plain rounds, as its sources state it. */
export interface Factors {
  /** Bytes over those of plain sums. */
  readonly traffic: number;
  /** Time over that without it. */
  readonly time: { readonly low: number; readonly high: number };
  /** What says so, for `how`. */
  readonly from: string;
}

/** Of very many parties, a server asks so many a round at most; our choice. */
const largestCohort = 10_000;

/**
 * What rounds with one server and no ledger will cost, with a cohort drawn from very many parties. Accelerators whose rate the needs do not
 * give leave time and energy open.
 */
export function predictCoordinated(needs: Needs, { traffic, time, from }: Factors): Prediction {
  const cohort = Math.min(needs.parties, largestCohort);
  const setting = settingOf({ ...needs, parties: cohort }, [], 'apart', 'clear');
  const { parameters, parties, present, rounds } = setting;
  const drawn = cohort < needs.parties ? `, of a cohort of ${cohort.toLocaleString('en')} a round` : '';
  const perParty = 8 * parameters * rounds * traffic;
  const bytes: Predicted = {
    low: perParty * present,
    high: perParty * parties,
    unit: 'bytes',
    basis: 'planning formula',
    how: `4 bytes per parameter, up and down${drawn}${traffic === 1 ? '' : `, ${traffic} times (${from})`}`,
  };
  if (needs.hardware?.accelerator === true && needs.hardware.gflopPerCore === undefined) return { bytes };
  const compute = computingTime(setting);
  const exchange = exchangeTime(setting) * traffic;
  const seconds: Predicted = {
    low: rounds * (compute.low + exchange) * time.low,
    high: rounds * (compute.high + exchange) * time.high,
    unit: 'seconds',
    basis: 'planning formula',
    how: `rounds x (6 FLOP per parameter and example / rate + update up and model down)${drawn}${
      time.high === 1 ? '' : `, ${time.low} to ${time.high} times (${from})`
    }`,
  };
  return { seconds, bytes, joules: predictEnergy(setting, seconds, bytes) };
}

function settingOf(
  needs: Needs,
  runs: readonly RunSample[],
  place: Place,
  aggregation: Aggregation,
): Setting {
  const { parties, model, rounds = defaultRounds, examplesPerParty = defaultExamples, hardware } = needs;
  const parameters = model?.parameters ?? 0;
  const machines = place === 'apart' ? parties : 1;
  // Machines compute all at once: 2 FLOP forward and 4 backward per parameter and example.
  const examples = (examplesPerParty * parties) / machines;
  return {
    place,
    runs,
    parties,
    machines,
    rounds,
    parameters,
    present: parties * (1 - (needs.dropouts ?? 0)),
    cores: hardware?.cores ?? 1,
    flop: examples * stepComputeFlop({ forwardFlop: 2 * parameters }),
    needs,
    aggregation,
  };
}

/** Seconds of computing in one round. */
function computingTime({ needs, cores, flop }: Setting): Span {
  const rate = (gflop: number) => gflop * 1e9 * cores;
  const given = needs.hardware?.gflopPerCore;
  return {
    low: computeSeconds({ flop, flopPerSecond: rate(given ?? gflopPerCore.high) }),
    high: computeSeconds({ flop, flopPerSecond: rate(given ?? gflopPerCore.low) }),
  };
}

/** Seconds of moving updates up and the model down in one round. */
function exchangeTime({ place, needs, parties, parameters }: Setting): number {
  if (place !== 'apart') return 0;
  const { uploadMbit, downloadMbit, latencyMilliseconds } = needs.links ?? defaultLinks;
  return starSeconds({
    parameters,
    bitsPerParameter: 32,
    returnedBitsPerParameter: 32,
    nodes: parties,
    uploadBitPerSecond: uploadMbit * 1e6,
    downloadBitPerSecond: downloadMbit * 1e6,
    serverBitPerSecond: 1e9,
    latencySeconds: latencyMilliseconds / 1000,
  });
}

/**
 * Seconds that the ledger adds to one round. Runs of few parties say what waiting for blocks takes;
 * more parties send more transactions, which no ledger takes all at once.
 */
function ledgerTime(setting: Setting): Calibration {
  const { runs, parties, present, aggregation } = setting;
  const each = movesPerParty[aggregation];
  const moves = each * present + movesPerRound;
  const blocks = movesPerRound + each - 1;
  const measured = calibrated(setting, (run) => run.ledgerSeconds / run.rounds, ['parties', 'rounds']);
  const atLeast = moves / transactionsPerSecond.fastest;
  if (measured === undefined) {
    return {
      low: blocks * inclusionSeconds.low + atLeast,
      high: blocks * inclusionSeconds.high + (each * parties + movesPerRound) / transactionsPerSecond.slowest,
      basis: 'planning formula',
      how: `${blocks} blocks of 10 ms to 12 s, and 42 to 2,000 transactions a second`,
    };
  }
  const fewest = Math.min(...runs.map((run) => run.parties));
  const low = Math.max(measured.low, atLeast);
  return { ...measured, low, high: Math.max(low, each * measured.high * Math.max(1, parties / fewest)) };
}

function predictTime(setting: Setting): { readonly seconds: Predicted; readonly computing: Predicted } {
  const { rounds } = setting;
  const compute = computingTime(setting);
  const exchange = exchangeTime(setting);
  const { how, basis, beyond, ...perRound } = ledgerTime(setting);
  const label = { basis, ...(beyond === undefined ? {} : { beyond }) };
  const seconds: Predicted = {
    low: rounds * (compute.low + exchange + perRound.low),
    high: rounds * (compute.high + exchange + perRound.high),
    unit: 'seconds',
    ...label,
    how: `rounds x (6 FLOP per parameter and example / rate + update up and model down + ledger); the ledger's part ${how}`,
  };
  const share = (work: number, rest: number) => work / (work + exchange + rest);
  const computing: Predicted = {
    low: share(compute.low, perRound.high),
    high: share(compute.high, perRound.low),
    unit: 'fraction',
    ...label,
    how: 'computing over computing, exchange and ledger, of one round',
  };
  return { seconds, computing };
}

/** So much per party and round, from runs, or between these limits where there are none. */
function predictPerParty(
  { present, parties, rounds }: Setting,
  calibration: Calibration | undefined,
  formula: Span & { readonly how: string },
  unit: string,
): Predicted {
  if (calibration === undefined) return { ...formula, unit, basis: 'planning formula' };
  const { low, high, ...label } = calibration;
  return { low: rounds * present * low, high: rounds * parties * high, unit, ...label };
}

function predictTraffic(setting: Setting): Predicted {
  const { parameters, parties, present, rounds } = setting;
  const perUpdate = calibrated(
    setting,
    (run) => (parameters * run.bytes) / (run.parameters * run.parties * run.rounds),
    ['parameters', 'parties', 'rounds'],
  );
  const update = parameters * rounds;
  const how =
    '4 bytes per parameter, up and down, and up to three times more to aggregator, watcher and second store';
  const formula = { low: update * present * 8, high: update * parties * 20, how };
  return predictPerParty(setting, perUpdate, formula, 'bytes');
}

function predictGas(setting: Setting): Predicted {
  const { parties, present, rounds, aggregation } = setting;
  const each = movesPerParty[aggregation];
  const perParty = calibrated(setting, (run) => (each * run.gas) / (run.parties * run.rounds), [
    'parties',
    'rounds',
  ]);
  const moves = (taking: number) => rounds * (each * taking + movesPerRound) + 2 * parties + 2;
  const { low, high } = gasPerTransaction;
  const own = each === 1 ? 'a commitment' : `${each} moves`;
  const how = `${own} per party and four moves per round, 21,000 to 120,000 gas each`;
  const formula = { low: moves(present) * low, high: moves(parties) * high, how };
  return predictPerParty(setting, perParty, formula, 'gas');
}

function predictEnergy(setting: Setting, seconds: Predicted, bytes: Predicted): Predicted {
  const { place, machines, cores, flop, rounds } = setting;
  const energy = (end: 'low' | 'high') =>
    machines *
    modelEnergy({
      seconds: seconds[end],
      cores,
      share: 1,
      flop: flop * rounds,
      networkBytes: place === 'apart' ? bytes[end] / machines : 0,
    }).joules[end];
  return {
    low: energy('low'),
    high: energy('high'),
    unit: 'joules',
    basis: 'planning formula',
    how: 'the energy model over all machines, with 0.002 to 0.06 kWh per GB of network',
  };
}
