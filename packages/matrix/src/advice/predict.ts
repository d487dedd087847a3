/**
 * What a set of mechanisms will cost, before it is run: time, bytes, gas, energy, accuracy. Where
 * this installation has run something like it, its receipts give the ratios and their range; else
 * the planning formulas do, with wide limits and a label. A quantity that neither gives is left
 * open.
 */
import { modelEnergy } from '../energy/index.ts';
import { computeSeconds, starSeconds, stepComputeFlop } from '../planning/index.ts';
import type { Needs } from './needs.ts';

export type Basis = 'measured here' | 'planning formula' | 'no measurement yet';

export interface Predicted {
  readonly low: number;
  readonly high: number;
  readonly unit: string;
  readonly basis: Basis;
  /** Of what, or by which formula. */
  readonly how: string;
}

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
export const defaultRounds = 10;

/** Intrinsic gas of a transaction, and what one with a few storage writes takes. */
const gasPerTransaction = { low: 21_000, high: 120_000 };
/**
 * Seconds until a transaction is in a block: of an embedded ledger, and of a public one with a
 * block in 12 seconds.
 */
const inclusionSeconds = { low: 0.01, high: 12 };

/**
 * A ratio over past runs, from the least to the greatest; half and double of it where there is only
 * one.
 */
function calibrated(
  runs: readonly RunSample[],
  ratio: (run: RunSample) => number,
): { low: number; high: number; how: string } | undefined {
  if (runs.length === 0) return undefined;
  const ratios = runs.map(ratio);
  const spread = runs.length === 1 ? 2 : 1;
  return {
    low: Math.min(...ratios) / spread,
    high: Math.max(...ratios) * spread,
    how: `scaled from ${runs.length === 1 ? `the run ${runs[0]!.run}, halved and doubled` : `${runs.length} runs here`}`,
  };
}

/**
 * Each party on a machine of its own, or all of them on one: a rehearsal, whose traffic crosses no
 * network.
 */
export type Place = 'apart' | 'on one machine';

export function predictFederated(
  needs: Needs,
  runs: readonly RunSample[],
  place: Place = 'apart',
): Prediction {
  const { parties, model, rounds = defaultRounds, examplesPerParty = defaultExamples, hardware } = needs;
  const { uploadMbit, downloadMbit, latencyMilliseconds } = needs.links ?? defaultLinks;
  const parameters = model?.parameters ?? 0;
  const present = parties * (1 - (needs.dropouts ?? 0));
  const cores = hardware?.cores ?? 1;

  const machines = place === 'apart' ? parties : 1;
  // Machines compute all at once: 2 FLOP forward and 4 backward per parameter and example.
  const examples = (examplesPerParty * parties) / machines;
  const flop = examples * stepComputeFlop({ forwardFlop: 2 * parameters });
  const rate = (gflop: number) => gflop * 1e9 * cores;
  const given = hardware?.gflopPerCore;
  const compute = {
    low: computeSeconds({ flop, flopPerSecond: rate(given ?? gflopPerCore.high) }),
    high: computeSeconds({ flop, flopPerSecond: rate(given ?? gflopPerCore.low) }),
  };
  const overNetwork = () =>
    starSeconds({
      parameters,
      bitsPerParameter: 32,
      returnedBitsPerParameter: 32,
      nodes: parties,
      uploadBitPerSecond: uploadMbit * 1e6,
      downloadBitPerSecond: downloadMbit * 1e6,
      serverBitPerSecond: 1e9,
      latencySeconds: latencyMilliseconds / 1000,
    });
  const exchange = place === 'apart' ? overNetwork() : 0;
  const ledger = calibrated(runs, ({ ledgerSeconds, rounds: r }) => ledgerSeconds / r);
  const perRound = ledger ?? { low: 4 * inclusionSeconds.low, high: 4 * inclusionSeconds.high };
  const seconds: Predicted = {
    low: rounds * (compute.low + exchange + perRound.low),
    high: rounds * (compute.high + exchange + perRound.high),
    unit: 'seconds',
    basis: ledger === undefined ? 'planning formula' : 'measured here',
    how: `rounds x (6 FLOP per parameter and example / rate + update up and model down + ledger); the ledger's part ${ledger?.how ?? 'four blocks of 10 ms to 12 s'}`,
  };

  const share = (work: number, rest: number) => work / (work + exchange + rest);
  const computing: Predicted = {
    low: share(compute.low, perRound.high),
    high: share(compute.high, perRound.low),
    unit: 'fraction',
    basis: seconds.basis,
    how: 'computing over computing, exchange and ledger, of one round',
  };

  const traffic = calibrated(runs, (run) => run.bytes / (run.parameters * run.parties * run.rounds));
  const unit = parameters * present * rounds;
  const bytes: Predicted = {
    low: unit * (traffic?.low ?? 8),
    high: unit * (traffic?.high ?? 20),
    unit: 'bytes',
    basis: traffic === undefined ? 'planning formula' : 'measured here',
    how:
      traffic?.how ??
      '4 bytes per parameter, up and down, and up to three times more to aggregator, watcher and second store',
  };

  const work = calibrated(runs, (run) => run.gas / (run.parties * run.rounds));
  const moves = rounds * (present + 4) + 2 * parties + 2;
  const gas: Predicted = {
    low: work === undefined ? moves * gasPerTransaction.low : work.low * present * rounds,
    high: work === undefined ? moves * gasPerTransaction.high : work.high * present * rounds,
    unit: 'gas',
    basis: work === undefined ? 'planning formula' : 'measured here',
    how: work?.how ?? 'a commitment per party and four moves per round, 21,000 to 120,000 gas each',
  };

  const energy = (duration: number, end: 'low' | 'high', moved: number) =>
    machines *
    modelEnergy({
      seconds: duration,
      cores,
      share: 1,
      flop: flop * rounds,
      networkBytes: place === 'apart' ? moved / machines : 0,
    }).joules[end];
  const joules: Predicted = {
    low: energy(seconds.low, 'low', bytes.low),
    high: energy(seconds.high, 'high', bytes.high),
    unit: 'joules',
    basis: 'planning formula',
    how: 'the energy model over all machines, with 0.002 to 0.06 kWh per GB of network',
  };
  return { seconds, computing, bytes, gas, joules };
}
