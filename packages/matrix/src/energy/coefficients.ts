/**
 * What the energy model multiplies with: each a range with its source. A range is printed as a
 * range, because authors and machines differ that much.
 */
import { joulePerByte } from '../planning/energy.ts';

export interface Coefficient {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
  readonly unit: string;
  readonly source: string;
  readonly pin: string;
  /** As in citations: of publication, or when it was read. */
  readonly date: string;
}

const cloud = {
  source: 'Cloud Carbon Footprint, averages over server processors from SPECpower',
  pin: 'packages/aws/src/domain/AwsFootprintEstimationConstants.ts at 0656d555',
  date: '2026-11-27',
} as const;

export const energyCoefficients = {
  /** A core that waits. Low and high: third-generation EPYC and Coffee Lake in the same tables. */
  idleWattsPerCore: { low: 0.45, middle: 0.74, high: 1.14, unit: 'watts per core', ...cloud },
  /** A busy core, beyond what it takes waiting: 3.5 - 0.74 on average. */
  busyWattsPerCore: { low: 1.22, middle: 2.76, high: 4.28, unit: 'watts per core', ...cloud },
  /**
   * Busy watts over what a core of ours achieves: 40 GFLOP/s in large matrix products, 7 in small
   * convolutions, 20 between.
   */
  joulesPerFlop: {
    low: 1.22 / 40e9,
    middle: 2.76 / 20e9,
    high: 4.28 / 7e9,
    unit: 'joules per FLOP',
    source: 'busy watts above, divided by the FLOP/s of this kernel on one core',
    pin: 'derived',
    date: '2026-11-27',
  },
  /** 1.3 to 2.6 nJ for 64 bits. */
  joulesPerDramByte: {
    low: 1.3e-9 / 8,
    middle: 1.95e-9 / 8,
    high: 2.6e-9 / 8,
    unit: 'joules per byte',
    source: "Horowitz, Computing's Energy Problem (and what we can do about it)",
    pin: 'ISSCC 2014, figure 1.1.9',
    date: '2014-02-01',
  },
  /**
   * 0.002 to 0.06 kWh per GB: the figure of the source for 2015, and what is left of it in 2025 if
   * it went on halving every two years, as the source found; 0.007 for 2020 is between. Networks
   * take most of their power whether there is traffic or not, so this shares out what is used, and
   * does not say what would be saved.
   */
  joulesPerNetworkByte: {
    low: joulePerByte(0.002),
    middle: joulePerByte(0.007),
    high: joulePerByte(0.06),
    unit: 'joules per byte',
    source: 'Aslan, Mayers, Koomey, France, Electricity Intensity of Internet Data Transmission',
    pin: 'Journal of Industrial Ecology 22(4)',
    date: '2018-08-01',
  },
} as const satisfies Readonly<Record<string, Coefficient>>;
