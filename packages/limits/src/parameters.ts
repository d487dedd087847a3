/**
 * The quantities of the model: what each is, in which unit, within which bounds a scenario may put
 * it, and how fast knowledge of it ages. Stocks and rates hold at the start of the scenario's base
 * year. Values are in `scenarios/`; the formulas that use them are
 * in `constraints.ts`.
 */
import type { Link } from './metalog.ts';

/** The four constraints, in the order in which they are shown. */
export const constraintIds = ['power', 'chips', 'data', 'latency'] as const;
/** One of `constraintIds`. */
export type ConstraintId = (typeof constraintIds)[number];

/** A quantity that the model draws from an estimate. */
export interface Parameter {
  readonly about: string;
  /** `''` for a plain number. */
  readonly unit: string;
  readonly link: Link;
  /** What a scenario may say, both included. */
  readonly bounds: readonly [number, number];
  /** Years after which half of what is known of it is out of date. */
  readonly halfLifeYears: number;
  /**
   * Constraints that it loosens, and that it tightens, as it grows, in 2030 and later. Others do
   * not depend on it.
   */
  readonly raises: readonly ConstraintId[];
  readonly lowers: readonly ConstraintId[];
}

const positive: Link = { type: 'log', lowest: 0 };
const growing: Link = { type: 'log', lowest: 1 };
const share: Link = { type: 'logit' };

type Entry = Omit<Parameter, 'raises' | 'lowers'> & Partial<Pick<Parameter, 'raises' | 'lowers'>>;

/** Positive quantity. */
const quantity = (about: string, unit: string, bounds: Parameter['bounds'], rest: Partial<Entry>) =>
  define({ about, unit, link: positive, bounds, halfLifeYears: 2, ...rest });
/** Factor per year. Nothing that the model grows has grown tenfold a year for years. */
const growth = (about: string, rest: Partial<Entry>) =>
  define({ about, unit: 'per year', link: growing, bounds: [1, 10], halfLifeYears: 1, ...rest });
const fraction = (about: string, rest: Partial<Entry>) =>
  define({ about, unit: 'fraction', link: share, bounds: [0, 1], halfLifeYears: 2, ...rest });

function define(entry: Entry): Parameter {
  return { raises: [], lowers: [], ...entry };
}

const table = {
  // All constraints of a rate
  durationSeconds: quantity('duration of the run', 'seconds', [86_400, 3.2e8], {
    raises: ['power', 'chips', 'latency'],
  }),
  trainingShare: fraction('share of the power and of the chips that goes into the largest run', {
    raises: ['power', 'chips'],
  }),
  peakFlopPerSecond: quantity('peak rate of one H100 equivalent, 8-bit', 'FLOP/s', [1e14, 1e17], {
    raises: ['power', 'chips', 'latency'],
  }),
  utilisation: fraction('share of the peak rate that training sustains', {
    raises: ['power', 'chips', 'latency'],
  }),
  // Power
  gpuWatts: quantity('power per H100 equivalent with server and cooling', 'W', [10, 1e5], {
    lowers: ['power'],
  }),
  efficiencyGrowth: growth('growth of FLOP per joule', { raises: ['power'] }),
  usDataCentreWatts: quantity('power of all US data centres', 'W', [1e9, 1e12], {
    raises: ['power'],
  }),
  usAiWatts: quantity('power of US data centres for AI', 'W', [1e8, 1e11], {
    raises: ['power'],
  }),
  usTotalWatts: quantity('power of the whole US grid, which data centres cannot exceed', 'W', [1e11, 1e13], {
    halfLifeYears: 10,
    raises: ['power'],
  }),
  campusWatts: quantity('largest campus in 2030', 'W', [1e7, 1e12], { halfLifeYears: 1, raises: ['power'] }),
  dataCentreGrowth: growth('growth of the power of US data centres', { raises: ['power'] }),
  otherGrowth: growth('growth of the part that is not AI; at most the growth of all', { lowers: ['power'] }),
  loopKilometres: quantity('length of the network that joins the data centres', 'km', [1, 2e5], {
    halfLifeYears: 10,
    lowers: ['power'],
  }),
  batchTokens: quantity('largest useful batch of a run on several campuses', 'tokens', [1e5, 1e11], {
    raises: ['power'],
  }),
  linkBitPerSecond: quantity('bandwidth between two data centres', 'bit/s', [1e12, 1e18], {
    raises: ['power'],
  }),
  linkGrowth: growth('growth of that bandwidth', { raises: ['power'] }),
  // Chips
  flopGrowth: growth('growth of FLOP/s per GPU', { raises: ['chips', 'latency'] }),
  gpuStock: quantity('GPUs for AI', 'H100e', [1e4, 1e9], {
    halfLifeYears: 1,
    raises: ['chips'],
  }),
  gpuProduction: quantity('GPUs per year that packaging allows', 'H100e', [1e4, 1e9], {
    halfLifeYears: 1,
    raises: ['chips'],
  }),
  productionGrowth: growth('growth of packaging', { raises: ['chips'] }),
  memoryProduction: quantity('GPUs per year that high-bandwidth memory allows', 'H100e', [1e4, 1e9], {
    halfLifeYears: 1,
    raises: ['chips'],
  }),
  memoryGrowth: growth('growth of high-bandwidth memory', { raises: ['chips'] }),
  wafersPerMonth: quantity('wafers below 7 nm at TSMC', 'per month', [1e3, 1e7], {
    raises: ['chips'],
  }),
  capexGrowth: growth('growth of TSMC’s capital expenditure', { raises: ['chips'] }),
  waferResponse: fraction('growth of wafers per growth of capital expenditure', { raises: ['chips'] }),
  diesPerWafer: quantity('good dies per wafer', '', [1, 1000], { raises: ['chips'] }),
  // Data
  textTokens: quantity('text on the indexed web', 'tokens', [1e12, 1e18], { raises: ['data'] }),
  images: quantity('images on the web', 'images', [1e10, 1e16], { raises: ['data'] }),
  videoSeconds: quantity('video on the web', 'seconds', [1e10, 1e17], { raises: ['data'] }),
  audioSeconds: quantity('audio on the web', 'seconds', [1e9, 1e16], { raises: ['data'] }),
  dataGrowth: growth('growth of these stocks', { raises: ['data'] }),
  epochs: quantity('times that data are used with effect', '', [1, 1000], { raises: ['data'] }),
  quality: fraction('share of the data that is good enough', { raises: ['data'] }),
  tokensPerFrame: quantity('tokens per image or second of video', 'tokens', [0.01, 1e5], {
    raises: ['data'],
  }),
  tokensPerAudioSecond: quantity('tokens per second of audio', 'tokens', [0.01, 1e5], { raises: ['data'] }),
  // Latency
  layerExponent: fraction('growth of the layers with the parameters: L ~ N^x', { lowers: ['latency'] }),
  batchExponent: fraction('growth of the batch with the parameters: B ~ N^x', { raises: ['latency'] }),
  kernelSeconds: quantity('start of one kernel', 'seconds', [1e-8, 1e-3], { lowers: ['latency'] }),
  exchangeSeconds: quantity('start of one exchange between GPUs', 'seconds', [1e-8, 1e-3], {
    lowers: ['latency'],
  }),
  nodeHopSeconds: quantity('one rank further inside a server', 'seconds', [1e-9, 1e-3], {
    lowers: ['latency'],
  }),
  networkHopSeconds: quantity('one level further in the network', 'seconds', [1e-8, 1e-3], {
    lowers: ['latency'],
  }),
  rankTokens: quantity('smallest batch that keeps a GPU busy', 'tokens', [1, 1e6], { lowers: ['latency'] }),
} satisfies Record<string, Parameter>;

/** The name of a parameter, as in scenario files. */
export type ParameterId = keyof typeof table;
/** All parameters of the model, by name. */
export const parameters: Readonly<Record<ParameterId, Parameter>> = table;
/** The names of all parameters, in the order of the table. */
export const parameterIds = Object.keys(table) as readonly ParameterId[];

/** One value of each parameter. */
export type Inputs = Readonly<Record<ParameterId, number>>;
