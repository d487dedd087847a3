/**
 * The energy of this machine while something runs: read from the processor's counters where they
 * exist and may be read (RAPL through Linux' powercap), else modelled (`@nonet/matrix/energy`).
 * Counters are of the whole machine, whatever else it does; virtual machines seldom have them, and
 * reading them needs root since Linux 5.10.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { quantityText } from '@nonet/core/receipt';
import type { FigureDeclaration } from '@nonet/core/records';
import {
  declaredEnergy,
  type Energy,
  type EnergyModelInputs,
  type EnergyRange,
  measuredEnergy,
  modelEnergy,
} from '@nonet/matrix/energy';

/** Measures from its start to its one stop. */
export interface EnergyMeter {
  /** Joules since the start, or undefined where they cannot be measured; the meter ends. */
  stop(): number | undefined;
}

const powercap = '/sys/class/powercap';
/**
 * A counter of 2^38 microjoules wraps in ten minutes at 400 W; looking this often misses no turn.
 */
const sampleMilliseconds = 30_000;

interface Counter {
  readonly file: string;
  /** Where it starts again from 0. */
  readonly rangeMicrojoules: number;
}

/** Whole packages only (intel-rapl:0): their parts are in them. */
function findCounters(folder: string): Counter[] {
  return globSync('intel-rapl:*', { cwd: folder })
    .filter((name) => /^intel-rapl:\d+$/.test(name))
    .flatMap((name) => {
      const file = join(folder, name, 'energy_uj');
      const range = join(folder, name, 'max_energy_range_uj');
      if (!existsSync(file) || !existsSync(range)) return [];
      return [{ file, rangeMicrojoules: readNumber(range) }];
    });
}

function readNumber(file: string): number {
  return Number(readFileSync(file, 'utf8').trim());
}

/** Begins to measure. Where that is not possible or not allowed, `stop` gives undefined. */
export function startEnergyMeter(folder = powercap): EnergyMeter {
  try {
    const counters = findCounters(folder).map((counter) => ({ ...counter, last: readNumber(counter.file) }));
    if (counters.length === 0) return { stop: () => undefined };
    let microjoules = 0;
    const sample = () => {
      for (const counter of counters) {
        const now = readNumber(counter.file);
        microjoules +=
          now >= counter.last ? now - counter.last : now + counter.rangeMicrojoules - counter.last;
        counter.last = now;
      }
    };
    let broken = false;
    const timer = setInterval(() => {
      try {
        sample();
      } catch {
        broken = true;
      }
    }, sampleMilliseconds).unref();
    return {
      stop() {
        clearInterval(timer);
        try {
          sample();
        } catch {
          return undefined;
        }
        return broken || !Number.isFinite(microjoules) ? undefined : microjoules / 1e6;
      },
    };
  } catch {
    // Not readable for this user.
    return { stop: () => undefined };
  }
}

/**
 * Measured if the meter could, declared if the caller said how many watts it draws, else modelled.
 */
export function energyOf(
  joules: number | undefined,
  declaredWatts: number | undefined,
  inputs: Omit<EnergyModelInputs, 'cores'>,
): Energy {
  if (joules !== undefined)
    return measuredEnergy(joules, 'RAPL counters of the processor packages, of the whole machine');
  if (declaredWatts !== undefined) return declaredEnergy(declaredWatts, inputs.seconds);
  return modelEnergy({ cores: cpus().length, ...inputs });
}

/** The range of a model as samples of a figure, its three evaluations; a single number as one. */
export function samplesOf(
  figure: FigureDeclaration,
  { low, middle, high }: EnergyRange,
): [FigureDeclaration, number | number[]] {
  return [figure, low === high ? middle : [low, middle, high]];
}

/** `390 joules, between 170 and 1,100`: two digits, because no model of this kind has more. */
export function energyText({ low, middle, high }: EnergyRange): string {
  const rounded = (value: number) => Number(value.toPrecision(2));
  const text = quantityText(rounded(middle), 'joules');
  return low === high
    ? text
    : `${text}, between ${quantityText(rounded(low), '')} and ${quantityText(rounded(high), '')}`;
}

/** For `--json`. */
export function energyJson({ label, joules, how }: Energy) {
  return { label, joules: joules.middle, min: joules.low, max: joules.high, how };
}
