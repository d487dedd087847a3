/**
 * How well the probes do on a sample that was labelled by hand: precision (of what it says yes to,
 * how much is so), how often a no is right, and recall (of what is so, how much it says yes to).
 */
import { type Share, wilson } from '../evaluation/backtest.ts';
import { type ProbeId, probeDefinitions } from './probe.ts';

/** An answer of a probe that a person checked. */
export interface LabelledCase {
  readonly probe: ProbeId;
  /** What was probed: a repository and commit, or a contract. */
  readonly subject: string;
  /** What the probe said. */
  readonly said: boolean;
  /** What a person found. */
  readonly is: boolean;
  /** Where they differ: why. */
  readonly because?: string;
}

/** How often a probe is right, as shares with 95 % intervals. */
export interface ProbePrecision {
  readonly probe: ProbeId;
  readonly cases: number;
  readonly precision: Share;
  /** How often a no is right. */
  readonly whenNo: Share;
  readonly recall: Share;
}

/** Precision and recall of each probe that the sample has. */
export function precisionOf(sample: readonly LabelledCase[]): readonly ProbePrecision[] {
  return probeDefinitions.flatMap(({ id }) => {
    const own = sample.filter(({ probe }) => probe === id);
    if (own.length === 0) return [];
    const both = own.filter(({ said, is }) => said && is).length;
    return [
      {
        probe: id,
        cases: own.length,
        precision: wilson(both, own.filter(({ said }) => said).length),
        whenNo: wilson(
          own.filter(({ said, is }) => !said && !is).length,
          own.filter(({ said }) => !said).length,
        ),
        recall: wilson(both, own.filter(({ is }) => is).length),
      },
    ];
  });
}
