/**
 * Models as blobs: the parameters as one canonical safetensors file (docs/specs/update.md §4.1), and as one flat vector in the order of the
 * file's data. Updates are in that order, whatever graph the parameters belong to.
 */
import { type Address, addressOf, equalBytes, NonetError } from '@nonet/core';
import type { BlobStore } from '@nonet/core/ports';
import type { VectorSpecification } from '@nonet/core/records';
import { decodeSafetensors, encodeSafetensors } from '@nonet/tensor';

export interface Model {
  readonly tensors: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** All entries, finite, in the order of the file's data. */
  readonly flat: Float32Array<ArrayBuffer>;
}

/** Names and shapes take this much at most. */
const headerBytes = 2 ** 20;

export function maximumModelBytes({ entries }: VectorSpecification): number {
  return 4 * entries + headerBytes;
}

/** Throws `model.malformed` on anything but the canonical file of `entries` finite f32 numbers. */
export function decodeModel(bytes: Uint8Array, { entries }: VectorSpecification): Model {
  const refuse = (expected: string, found: string, cause?: unknown) =>
    new NonetError({ code: 'model.malformed', expected, found, cause });
  let tensors: ReturnType<typeof decodeSafetensors>['tensors'];
  try {
    tensors = decodeSafetensors(bytes).tensors;
  } catch (cause) {
    if (cause instanceof NonetError) throw refuse(cause.expected, cause.found, cause);
    throw cause;
  }
  const flat = new Float32Array(entries);
  let offset = 0;
  for (const { name, data, stored } of tensors) {
    if (!(data instanceof Float32Array) || stored !== undefined) {
      throw refuse(`F32 entries in ${name}`, stored ?? data.constructor.name);
    }
    if (offset + data.length > entries) throw refuse(`${entries} entries`, `more, in ${name}`);
    flat.set(data, offset);
    offset += data.length;
  }
  if (offset !== entries) throw refuse(`${entries} entries`, `${offset}`);
  for (let i = 0; i < entries; i++) {
    // v - v is NaN for NaN and for infinities, 0 otherwise.
    if (flat[i]! - flat[i]! !== 0) throw refuse('finite parameters', `${flat[i]} at entry ${i}`);
  }
  const model = { tensors: tensors.map(({ name, shape }) => ({ name, shape })), flat };
  if (!equalBytes(encodeModel(model), bytes)) throw refuse('the canonical file', 'another file of it');
  return model;
}

/** The one file of a model. */
export function encodeModel({ tensors, flat }: Model): Uint8Array<ArrayBuffer> {
  let offset = 0;
  return encodeSafetensors(
    tensors.map(({ name, shape }) => {
      const length = shape.reduce((count, extent) => count * extent, 1);
      const data = flat.subarray(offset, offset + length);
      offset += length;
      return { name, shape, data };
    }),
  );
}

/** Fetches and decodes; throws what the store and `decodeModel` throw. */
export async function fetchModel(
  store: BlobStore,
  address: Address,
  vector: VectorSpecification,
  signal?: AbortSignal,
): Promise<Model> {
  const maximumBytes = maximumModelBytes(vector);
  return decodeModel(
    await store.get(address, { maximumBytes, ...(signal === undefined ? {} : { signal }) }),
    vector,
  );
}

/** The model's content address. */
export function addressOfModel(model: Model): Address {
  return addressOf(encodeModel(model));
}
