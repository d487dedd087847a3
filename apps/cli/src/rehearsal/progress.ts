/**
 * How far a run is, and whom that is shown to: what the coordinator says of it, whatever draws it.
 * Types only.
 */
import type { RoundFailure } from '@nonet/core/ports';

export interface RoundProgress {
  readonly round: number;
  /** Which of the wanted steps it is to make, from 0: a void round is repeated. */
  readonly step: number;
  readonly phase: string;
  readonly failure?: RoundFailure;
  readonly committed: number;
  readonly size: number;
  readonly accepted?: number;
  readonly accuracy?: number;
  /** Accuracy of the model before, on what the sites hold out. */
  readonly heldOutAccuracy?: number;
  /** Labels of test examples that the model never gives; with `accuracy`. */
  readonly neverPredicted?: number;
  readonly seconds?: number;
  /**
   * Nothing more is to be learned of it: it is void, or has stepped and its model was evaluated if
   * there is a test set.
   */
  readonly settled: boolean;
}

export interface Progress {
  readonly title: string;
  readonly wanted: number;
  readonly rounds: readonly RoundProgress[];
  /** What happens right now. */
  readonly activity: string;
  /** Where the run as a whole is; changes a handful of times. */
  readonly milestone: string;
  readonly seconds: number;
}

export interface View {
  show(progress: Progress): void;
  /** Something that stays: a drop-out, a refusal, a restart. */
  tell(text: string): void;
  end(): void;
}
