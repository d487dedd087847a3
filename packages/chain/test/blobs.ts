/**
 * Blobs of docs/specs/update.md, written anew from the text, and leaves of them as a proof shows
 * them.
 */
import { type Address, addressOf, concatBytes, contentPath, fromHex, toHex, utf8 } from '@nonet/core';
import { type Domain, type Signer, typedDataDigest } from '@nonet/core/identity';
import type { ShownLeaf } from '@nonet/core/ports';

export interface MessageFields {
  readonly job: Address;
  readonly step: number;
  readonly participant: number;
  readonly model: Address;
  readonly entries: readonly number[];
}

const signatureAt = 152;

/** A message (§1), signed for `domain`. `change` may spoil the unsigned bytes first. */
export async function encodeMessage(
  { job, step, participant, model, entries }: MessageFields,
  domain: Domain,
  signer: Signer,
  change: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes,
): Promise<Uint8Array> {
  const numbers = new DataView(new ArrayBuffer(8));
  numbers.setUint32(0, step);
  numbers.setUint32(4, participant);
  const fields = [
    utf8('nonet update\0\0\0\x01'),
    fromHex(job),
    new Uint8Array(numbers.buffer),
    fromHex(model),
    // Dataset and salt.
    new Uint8Array(32).fill(0xda),
    new Uint8Array(32).fill(participant + 1),
    new Uint8Array(65 + 39),
  ];
  const data = new DataView(new ArrayBuffer(4 * entries.length));
  for (const [i, entry] of entries.entries()) data.setInt32(4 * i, entry, true);
  const bytes = change(concatBytes(...fields, new Uint8Array(data.buffer)));
  if (bytes.length < signatureAt + 65) return bytes;
  const body = addressOf(bytes);
  const type = {
    name: 'Update',
    fields: { job: 'bytes32', step: 'uint256', participant: 'uint256', body: 'bytes32' },
  } as const;
  const signature = await signer.sign(typedDataDigest(domain, type, { job, step, participant, body }));
  bytes.set(fromHex(signature), signatureAt);
  return bytes;
}

/** A model (§4.1) with a header of so many leaves of spaces. */
export function encodeModel(numbers: Float32Array, headerLeaves: number): Uint8Array {
  const data = new DataView(new ArrayBuffer(4 * numbers.length));
  for (const [i, number] of numbers.entries()) data.setFloat32(4 * i, number, true);
  return concatBytes(new Uint8Array(256 * headerLeaves).fill(0x20), new Uint8Array(data.buffer));
}

/** Partial sums (§4.4): by entry, then by group. */
export function encodePartials(sums: readonly (readonly bigint[])[]): Uint8Array {
  const all = sums.flat();
  const data = new DataView(new ArrayBuffer(8 * all.length));
  for (const [i, sum] of all.entries()) data.setBigInt64(8 * i, sum, true);
  return new Uint8Array(data.buffer);
}

/** A copy with one byte changed. */
export function flip(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at]! ^= 1;
  return copy;
}

export function showLeaf(bytes: Uint8Array, index: number): ShownLeaf {
  const { length, leaf, path } = contentPath(bytes, index);
  return { length, leaf: toHex(leaf), path: path as Address[] };
}

/** §4.3 */
export function averageOf(start: number, sum: number, weight: number): number {
  return Math.fround(start + Math.fround(sum / (2 ** 20 * weight)));
}
