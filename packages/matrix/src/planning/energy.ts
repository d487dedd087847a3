/**
 * Energy from what was done: E = P_idle t share + e_flop FLOP + e_dram bytes + e_net bytes. A
 * model, not a measurement; the coefficients are the caller's, with their own source, because they
 * differ by two orders of magnitude between machines and between authors.
 */

export interface EnergyCoefficients {
  readonly idleWatts: number;
  readonly joulePerFlop: number;
  readonly joulePerMemoryByte: number;
  readonly joulePerNetworkByte: number;
}

export interface EnergyUse {
  readonly seconds: number;
  /** Share of the idle machine that this work is charged with. */
  readonly share: number;
  readonly flop: number;
  readonly memoryBytes: number;
  readonly networkBytes: number;
}

export function energyJoules(use: EnergyUse, coefficients: EnergyCoefficients): number {
  return (
    coefficients.idleWatts * use.seconds * use.share +
    coefficients.joulePerFlop * use.flop +
    coefficients.joulePerMemoryByte * use.memoryBytes +
    coefficients.joulePerNetworkByte * use.networkBytes
  );
}

/** Network energy is published in kWh per GB: 1 kWh/GB = 3.6e6 J / 1e9 B. */
export function joulePerByte(kilowattHoursPerGigabyte: number): number {
  return (kilowattHoursPerGigabyte * 3.6e6) / 1e9;
}
