/**
 * Port: what a participant runs on its own data. Models go in and out as safetensors files, which
 * every framework reads.
 */
import { type Hex, type RandomStream, seededStream } from '@nonet/core';

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
  /** Mean over the last epoch. */
  readonly loss: number;
}

/** Trains a model on a participant's data. */
export interface Trainer {
  train(request: TrainingRequest): Promise<TrainingResult>;
}

/**
 * The public randomness of one participant's training for one step (update.md §3.4): Philox under
 * the first 8 bytes, as two little-endian u32, of SHA-256("nonet training" || seed), stream
 * (participant, step).
 */
export function trainingRandom(seed: Hex, participant: number, step: number): RandomStream {
  return seededStream(seed, 'nonet training', [participant, step]);
}
