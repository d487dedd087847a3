/**
 * Port: what a participant runs on its own data. Models go in and out as safetensors files, which
 * every framework reads.
 */
import { type Hex, type RandomStream, seededStream } from '@nonet/core';
import type { HeldOut } from '../update/heldOut.ts';

/** One participant's part in one step. */
export interface TrainingRequest {
  /** The round's model: a safetensors file. */
  readonly model: Uint8Array;
  /** Which step the round is to make (round.md §1.2): a repeated attempt trains alike. */
  readonly step: number;
  readonly participant: number;
  /** Of the job: with step and participant it fixes all public randomness. */
  readonly seed: Hex;
  readonly signal: AbortSignal;
}

/** What training gave. */
export interface TrainingResult {
  /** The trained model, with the same tensors. */
  readonly model: Uint8Array;
  readonly examples: number;
  /** Mean over the last epoch; left out where that would tell what noise is to hide. */
  readonly loss?: number;
  /**
   * How the model that training began with does on examples that it never trains on; left out where
   * the job asks for none, or the site has too few.
   */
  readonly heldOut?: HeldOut;
}

/** Trains a model on a participant's data. */
export interface Trainer {
  train(request: TrainingRequest): Promise<TrainingResult>;
}

/**
 * What a participant adds to the sum of a step under differential privacy: integers with its share
 * of the noise in them.
 */
export interface PrivateContribution {
  /** One for each entry of an update, in the order of the model's file: what is masked and sent. */
  readonly entries: Int32Array<ArrayBuffer>;
  /** For the site alone, since no noise hides it. */
  readonly site: {
    /** Examples that went through the model, those that fill up a batch among them. */
    readonly examples: number;
    /** Units that added nothing because their gradient or update was not finite. */
    readonly notFinite: number;
    /** Whether more records were drawn than the batch holds (dp.md §7.4). */
    readonly truncated: boolean;
  };
}

/** Makes a participant's contribution. Two calls for one step never draw the same noise. */
export interface PrivateTrainer {
  contribute(request: TrainingRequest): Promise<PrivateContribution>;
}

/**
 * The public randomness of one participant's training for one step (update.md §3.4): Philox under
 * the first 8 bytes, as two little-endian u32, of SHA-256("nonet training" || seed), stream
 * (participant, step).
 */
export function trainingRandom(seed: Hex, participant: number, step: number): RandomStream {
  return seededStream(seed, 'nonet training', [participant, step]);
}
