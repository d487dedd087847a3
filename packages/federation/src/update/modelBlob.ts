/**
 * Models as blobs: the parameters, and the state of the server step where it has any, as one
 * canonical safetensors file (docs/specs/update.md §4.1), and as one flat vector in the order of
 * the file's data. The header is padded so that the data begin with a leaf of their own: a number
 * of a model is shown to a ledger by one leaf.
 */
import { type Address, addressOf, contentLeafBytes, equalBytes, NonetError } from '@nonet/core';
import type { AverageRule, BlobStore, CallOptions } from '@nonet/core/ports';
import { decodeSafetensors, encodeSafetensors } from '@nonet/tensor';

/** The tensors of a safetensors file, as one vector of f32. */
export interface Model {
  /** In the order of the file: by name. */
  readonly tensors: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** All numbers, finite, in the order of the file's data. */
  readonly flat: Float32Array<ArrayBuffer>;
}

/** How many numbers a model holds. */
export interface ModelSize {
  readonly entries: number;
  /** Where the ledger looks for them: leaves in front of the first one, by the job's rule. */
  readonly headerLeaves?: number;
}

/** Names and shapes take this much at most. */
const maximumHeaderBytes = 2 ** 20;

/** The largest file of a model of so many numbers. */
export function maximumModelBytes({ entries }: ModelSize): number {
  return 4 * entries + maximumHeaderBytes;
}

/**
 * Throws `model.malformed` on anything but the canonical file of `entries` finite f32 numbers,
 * which begin where the job's rule says: of a model with another layout, a ledger would take a
 * right step for a lie.
 */
export function decodeModel(bytes: Uint8Array, size: ModelSize): Model {
  const model = readModel(bytes, size);
  if (!equalBytes(encodeModel(model), bytes)) {
    throw malformed(
      'the canonical file: tensors by name, no metadata, data at a multiple of 256 bytes',
      'another file of the same numbers',
    );
  }
  const { headerLeaves } = layoutOf(model);
  if (size.headerLeaves === undefined || size.headerLeaves === headerLeaves) return model;
  throw malformed(`${size.headerLeaves} leaves in front of the numbers`, String(headerLeaves));
}

/** The model in any safetensors file of `entries` finite f32 numbers. Throws `model.malformed`. */
export function readModel(bytes: Uint8Array, { entries }: ModelSize): Model {
  const flat = new Float32Array(entries);
  let offset = 0;
  const tensors = readTensors(bytes).map(({ name, shape, data, stored }) => {
    if (!(data instanceof Float32Array) || stored !== undefined) {
      throw malformed(`F32 numbers in ${name}`, stored ?? data.constructor.name);
    }
    if (offset + data.length > entries) throw malformed(`${entries} numbers`, `more, in ${name}`);
    flat.set(data, offset);
    offset += data.length;
    return { name, shape };
  });
  if (offset !== entries) throw malformed(`${entries} numbers`, `${offset}`);
  const wrong = findNotFinite(flat);
  if (wrong >= 0) throw malformed('finite numbers', `${flat[wrong]} at ${wrong}`);
  return { tensors, flat };
}

/** In the order of the canonical file, by name. */
function readTensors(bytes: Uint8Array): ReturnType<typeof decodeSafetensors>['tensors'][number][] {
  try {
    return decodeSafetensors(bytes).tensors.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch (cause) {
    if (cause instanceof NonetError) throw malformed(cause.expected, cause.found, cause);
    throw cause;
  }
}

function malformed(expected: string, found: string, cause?: unknown): NonetError {
  return new NonetError({ code: 'model.malformed', expected, found, cause });
}

/** The first number that is NaN or infinite, or -1. */
export function findNotFinite(numbers: Float32Array): number {
  // v - v is NaN for NaN and for infinities, 0 otherwise.
  for (let i = 0; i < numbers.length; i++) if (numbers[i]! - numbers[i]! !== 0) return i;
  return -1;
}

/** The one file of a model. */
export function encodeModel({ tensors, flat }: Model): Uint8Array<ArrayBuffer> {
  let offset = 0;
  const file = encodeSafetensors(
    tensors.map(({ name, shape }) => {
      const length = shape.reduce((count, extent) => count * extent, 1);
      const data = flat.subarray(offset, offset + length);
      offset += length;
      return { name, shape, data };
    }),
  );
  return alignData(file);
}

/**
 * The same safetensors file with spaces after its header, so that the data begin at a multiple of
 * 256.
 */
function alignData(file: Uint8Array): Uint8Array<ArrayBuffer> {
  const before = 8 + Number(new DataView(file.buffer).getBigUint64(0, true));
  const start = Math.ceil(before / contentLeafBytes) * contentLeafBytes;
  const aligned = new Uint8Array(start + file.length - before).fill(0x20, before, start);
  aligned.set(file.subarray(0, before));
  new DataView(aligned.buffer).setBigUint64(0, BigInt(start - 8), true);
  aligned.set(file.subarray(before), start);
  return aligned;
}

/** What the terms of a job say of its models: where in the file the numbers lie (round.md §1.3). */
export function layoutOf(model: Model): AverageRule {
  const entries = model.flat.length;
  return { entries, headerLeaves: (encodeModel(model).length - 4 * entries) / contentLeafBytes };
}

/** Fetches and decodes; throws what the store and `decodeModel` throw. */
export async function fetchModel(
  store: BlobStore,
  address: Address,
  size: ModelSize,
  options: CallOptions = {},
): Promise<Model> {
  const { bytes } = await store.get(address, { ...options, maximumBytes: maximumModelBytes(size) });
  return decodeModel(bytes, size);
}

/** The model's content address. */
export function addressOfModel(model: Model): Address {
  return addressOf(encodeModel(model));
}
