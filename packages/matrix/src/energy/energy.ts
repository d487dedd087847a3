/**
 * Energy in three tiers, and which one a number comes from: *measured* by counters of the
 * processor, *modelled* by the formula below, or *declared* by the runner. A model's coefficients
 * are ranges (`coefficients.ts`), so its result is one.
 *
 *     E = P_idle * cores * seconds * share + E_work + e_dram * bytes + e_net * bytes
 *     E_work = P_busy * core seconds, where they were counted, else e_flop * FLOP
 *
 * It leaves out cooling, power supplies, the making of machines, and everything but processor,
 * memory and network.
 */
import { MisuseError } from '@nonet/core';
import { energyJoules } from '../planning/energy.ts';
import { energyCoefficients } from './coefficients.ts';

export type EnergyLabel = 'measured' | 'modelled' | 'declared';

export interface EnergyRange {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

export interface Energy {
  readonly label: EnergyLabel;
  readonly joules: EnergyRange;
  /** How the number came about, in a sentence without a full stop. */
  readonly how: string;
}

export interface EnergyModelInputs {
  readonly seconds: number;
  readonly cores: number;
  /** Share of the machine that was there for this, between 0 and 1. */
  readonly share: number;
  /** Busy core seconds, where they were counted. */
  readonly coreSeconds?: number;
  /** Used where core seconds were not counted. */
  readonly flop?: number;
  readonly dramBytes?: number;
  /** Bytes that crossed a network. */
  readonly networkBytes?: number;
}

export const energyFormula =
  'E = P_idle x cores x seconds x share + (P_busy x core seconds, or e_flop x FLOP) + e_dram x bytes + e_net x bytes';

function atEachEnd(of: (end: keyof EnergyRange) => number): EnergyRange {
  return { low: of('low'), middle: of('middle'), high: of('high') };
}

/** Throws `energy.inputs` on a negative or non-finite quantity, and on a share above 1. */
export function modelEnergy(inputs: EnergyModelInputs): Energy {
  for (const [name, value] of Object.entries(inputs)) {
    if (!(Number.isFinite(value) && value >= 0 && (name !== 'share' || value <= 1))) {
      throw new MisuseError({
        code: 'energy.inputs',
        expected: `${name} to be ${name === 'share' ? 'between 0 and 1' : 'finite and not negative'}`,
        found: String(value),
      });
    }
  }
  const { seconds, cores, share, coreSeconds, flop = 0, dramBytes = 0, networkBytes = 0 } = inputs;
  const joules = atEachEnd((end) => {
    const { idleWattsPerCore, busyWattsPerCore, joulesPerFlop, joulesPerDramByte, joulesPerNetworkByte } =
      energyCoefficients;
    const counted = coreSeconds === undefined ? 0 : busyWattsPerCore[end] * coreSeconds;
    const rest = energyJoules(
      { seconds, share, flop: coreSeconds === undefined ? flop : 0, memoryBytes: dramBytes, networkBytes },
      {
        idleWatts: idleWattsPerCore[end] * cores,
        joulePerFlop: joulesPerFlop[end],
        joulePerMemoryByte: joulesPerDramByte[end],
        joulePerNetworkByte: joulesPerNetworkByte[end],
      },
    );
    return counted + rest;
  });
  const work =
    coreSeconds === undefined ? `${scientific(flop)} FLOP` : `${scientific(coreSeconds)} busy core seconds`;
  return {
    label: 'modelled',
    joules,
    how: `${energyFormula}, with ${cores} cores, ${scientific(seconds)} s, share ${share}, ${work}, ${scientific(dramBytes)} bytes of memory traffic, ${scientific(networkBytes)} bytes over a network`,
  };
}

/**
 * What the same traffic would take between distant sites, whose network one does not see from here:
 * 0.002 to 0.06 kWh per GB.
 */
export function networkEnergy(bytes: number): EnergyRange {
  return atEachEnd((end) => energyCoefficients.joulesPerNetworkByte[end] * bytes);
}

export function measuredEnergy(joules: number, counter: string): Energy {
  return { label: 'measured', joules: { low: joules, middle: joules, high: joules }, how: counter };
}

/** From a meter or a data sheet, as declared. */
export function declaredEnergy(watts: number, seconds: number): Energy {
  const joules = watts * seconds;
  return {
    label: 'declared',
    joules: { low: joules, middle: joules, high: joules },
    how: `${scientific(watts)} W as declared, for ${scientific(seconds)} s`,
  };
}

/** Per unit of what was achieved; undefined where nothing was. */
export function energyPer({ joules }: Pick<Energy, 'joules'>, achieved: number): EnergyRange | undefined {
  if (!(achieved > 0)) return undefined;
  return { low: joules.low / achieved, middle: joules.middle / achieved, high: joules.high / achieved };
}

function scientific(value: number): string {
  return value !== 0 && (value >= 1e6 || value < 1e-3)
    ? value.toExponential(2)
    : String(Number(value.toPrecision(4)));
}

/**
 * Training a dense network takes about 6 FLOP per parameter and example: 2 forward, 4 backward
 * (Kaplan et al. 2020, section 2.1). Convolutions use a parameter many times, so for them this is a
 * lower bound.
 */
export function trainingFlop(parameters: number, examples: number): number {
  return 6 * parameters * examples;
}
