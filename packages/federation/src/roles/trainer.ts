/** Port: what a participant runs on its own data. Models go in and out as safetensors files, which every framework reads. */
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
  readonly round: number;
  readonly participant: number;
  /** Of the job: with round and participant it fixes all public randomness. */
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
 * The public randomness of one participant's training in one round (update.md §3.4): Philox under the first 8 bytes, as two little-endian u32, of
 * SHA-256("nonet training" || seed), stream (participant, round).
 */
export function trainingRandom(seed: Hex, participant: number, round: number): RandomStream {
  const digest = new DataView(sha256(concatBytes(utf8('nonet training'), fromHex(seed))).buffer);
  return createRandomStream([digest.getUint32(0, true), digest.getUint32(4, true)], [participant, round]);
}
