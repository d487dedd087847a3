/**
 * What the rest of Nonet changes about the limits. Privacy and verification cost computing;
 * federated learning reaches data that are on no web; a run that is attested throughout needs chips
 * that can attest.
 */
import { MisuseError } from '@nonet/core';
import type { Columns } from './simulate.ts';

export interface Coupling {
  /** Computing per useful FLOP under privacy and verification: 1 is none. */
  readonly overhead: number;
  /** Where the overhead is from: a measurement of this installation, or none. */
  readonly overheadFrom: string;
  /** Share of the world's private text that takes part. */
  readonly privateDataShare: number;
  /** Share of the chips with a trusted execution environment, if the run is to be attested. */
  readonly teeShare?: number;
}

export const uncoupled: Coupling = {
  overhead: 1,
  overheadFrom: 'none: no measured overhead was given, and nothing is deducted',
  privateDataShare: 0,
};

/**
 * Text on the indexed web, and with what is private: tokens (Epoch AI, 2024, section "Data
 * scarcity"). Six times the text.
 */
export const webTokens = 5e14;
export const webAndPrivateTokens = 3e15;

/** Whether it changes none of the four constraints. */
export function isUncoupled({ overhead, privateDataShare }: Coupling): boolean {
  return overhead === 1 && privateDataShare === 0;
}

/** Throws `limits.coupling`. */
export function checkCoupling({ overhead, privateDataShare, teeShare }: Coupling): void {
  const refuse = (expected: string, found: number) => {
    throw new MisuseError({ code: 'limits.coupling', expected, found: String(found) });
  };
  if (!(overhead >= 1 && overhead <= 1e9)) refuse('an overhead from 1 (none) to 1e9', overhead);
  if (!(privateDataShare >= 0 && privateDataShare <= 1)) {
    refuse('a share of the private data from 0 to 1', privateDataShare);
  }
  if (teeShare !== undefined && !(teeShare > 0 && teeShare <= 1)) {
    refuse('a share of attesting chips above 0 and up to 1', teeShare);
  }
}

/**
 * An overhead of X leaves 1/X of the run for useful work: power, chips and latency see a run that
 * is X times shorter. For latency that is the worst case, of checks that run one after the other.
 * Private text adds to the web's, growing with the share that takes part.
 */
export function coupleColumns(columns: Columns, { overhead, privateDataShare }: Coupling): Columns {
  const text = 1 + privateDataShare * (webAndPrivateTokens / webTokens - 1);
  return {
    ...columns,
    ...(overhead === 1 ? {} : { durationSeconds: columns.durationSeconds.map((value) => value / overhead) }),
    ...(text === 1 ? {} : { textTokens: columns.textTokens.map((value) => value * text) }),
  };
}
