/**
 * Port: what a participant runs on its own data. Models go in and out as safetensors files, which every
 * framework reads.
 */
import {
  concatBytes,
  createRandomStream,
  fromHex,
  type Hex,
  type RandomStream,
  sha256,
  utf8,
} from '@nonet/core';

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

export interface TrainingResult {
  /** The trained model, with the same tensors. */
  readonly model: Uint8Array;
  readonly examples: number;
  /** Mean over the last epoch. */
  readonly loss: number;
}

export interface Trainer {
  train(request: TrainingRequest): Promise<TrainingResult>;
}

/**
 * The public randomness of one participant's training for one step (update.md §3.4): Philox under the
 * first 8 bytes, as two little-endian u32, of SHA-256("nonet training" || seed), stream (participant, step).
 */
export function trainingRandom(seed: Hex, participant: number, step: number): RandomStream {
  const digest = new DataView(sha256(concatBytes(utf8('nonet training'), fromHex(seed))).buffer);
  return createRandomStream([digest.getUint32(0, true), digest.getUint32(4, true)], [participant, step]);
}
