/**
 * TensorProto -> a constant of the file: onnx.proto3, message TensorProto. Every element type that
 * has a place in the graph, as raw bytes, in typed fields, or as a range of a file beside the model
 * (external data). Sizes are compared with the bytes at hand before anything is allocated. Segments
 * are refused.
 */
import { NonetError } from '@nonet/core';
import '../files/byteOrder.ts';
import { bfloatToNumber, halfToNumber } from '../files/halfPrecision.ts';
import { type Extent, elementCount } from '../graph/shape.ts';
import { type ElementType, elementTypeOf, type NumberType } from './elementTypes.ts';
import { type Message, readMessage } from './protobuf.ts';

/**
 * Floats as f32; integers of up to 32 bits as they are, wider ones as numbers (exact to 2^53);
 * shapes may hold names of extents.
 */
type ConstantData =
  | Float32Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | readonly Extent[];

/** A tensor whose elements the file gives, or follow from it: row-major. */
export interface Constant {
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly data: ConstantData;
  /**
   * Weights have one: what an initialiser, or something computed from one, is called in the file.
   */
  readonly name?: string;
}

function malformed(expected: string, found: string): never {
  throw new NonetError({ code: 'onnx.malformed', expected, found });
}

function unsupported(expected: string, found: string, hint?: string): never {
  throw new NonetError({
    code: 'onnx.unsupported',
    expected,
    found,
    ...(hint === undefined ? {} : { hint }),
  });
}

/**
 * Fields of TensorProto that hold elements: float_data 4, int32_data 5, int64_data 7, raw_data 9,
 * double_data 10, uint64_data 11.
 */
const typedFields: Readonly<Record<NumberType, number>> = {
  float32: 4,
  uint8: 5,
  int8: 5,
  uint16: 5,
  int16: 5,
  int32: 5,
  bool: 5,
  float16: 5,
  bfloat16: 5,
  int64: 7,
  float64: 10,
  uint32: 11,
  uint64: 11,
};

const wide = (value: bigint) => Number(value);

function fromRaw(type: NumberType, bytes: Uint8Array<ArrayBuffer>): ConstantData {
  // A copy, so that views of two and more bytes are aligned; a Buffer's own slice would be none.
  const { buffer } = new Uint8Array(bytes);
  switch (type) {
    case 'float32':
      return new Float32Array(buffer);
    case 'float64':
      return Float32Array.from(new Float64Array(buffer));
    case 'float16':
      return Float32Array.from(new Uint16Array(buffer), halfToNumber);
    case 'bfloat16':
      return Float32Array.from(new Uint16Array(buffer), bfloatToNumber);
    case 'int8':
      return Int32Array.from(new Int8Array(buffer));
    case 'uint8':
      return Int32Array.from(new Uint8Array(buffer));
    case 'bool':
      return Int32Array.from(new Uint8Array(buffer), (value) => (value === 0 ? 0 : 1));
    case 'int16':
      return Int32Array.from(new Int16Array(buffer));
    case 'uint16':
      return Int32Array.from(new Uint16Array(buffer));
    case 'int32':
      return new Int32Array(buffer);
    case 'uint32':
      return Float64Array.from(new Uint32Array(buffer));
    case 'int64':
      return Float64Array.from({ length: buffer.byteLength / 8 }, at(new BigInt64Array(buffer)));
    case 'uint64':
      return Float64Array.from({ length: buffer.byteLength / 8 }, at(new BigUint64Array(buffer)));
  }
}

const at = (values: BigInt64Array | BigUint64Array) => (_: unknown, i: number) => wide(values[i]);

/** Typed fields keep small types as varints; what their width cannot hold is malformed. */
function fromIntegers(type: NumberType, values: readonly bigint[]): ConstantData {
  const fits = (low: number, high: number) =>
    Int32Array.from(values, (value) =>
      value >= low && value <= high
        ? Number(value)
        : malformed(`${type} between ${low} and ${high}`, `${value}`),
    );
  switch (type) {
    case 'int8':
      return fits(-128, 127);
    case 'uint8':
      return fits(0, 255);
    case 'bool':
      return fits(0, 1);
    case 'int16':
      return fits(-32_768, 32_767);
    case 'uint16':
      return fits(0, 65_535);
    case 'float16':
      return Float32Array.from(fits(0, 65_535), halfToNumber);
    case 'bfloat16':
      return Float32Array.from(fits(0, 65_535), bfloatToNumber);
    case 'int32':
      return fits(-(2 ** 31), 2 ** 31 - 1);
    case 'uint64':
    case 'uint32':
      return Float64Array.from(values, (value) => wide(BigInt.asUintN(64, value)));
    default:
      return Float64Array.from(values, wide);
  }
}

/** Files beside a model, by their paths as the model names them. */
export type ExternalFiles = ReadonlyMap<string, Uint8Array>;

/** A range of a file: external_data 13 with the keys location, offset and length. */
interface ExternalRange {
  readonly location: string;
  readonly offset: number;
  /** To the end of the file if left out. */
  readonly length: number | undefined;
}

/**
 * Where the data of a tensor lie outside the file; undefined if they lie inside. external_data 13:
 * StringStringEntryProto (key 1, value 2); data_location 14. Throws `onnx.malformed` on a path that
 * is absolute or leaves the folder of the model, and on a range that is none.
 */
export function readExternalLocation(tensor: Message): ExternalRange | undefined {
  if (tensor.integer(14) === 0 && !tensor.has(13)) return undefined;
  const called = tensor.text(8) || 'a tensor';
  const entries = tensor.all(13).map((bytes) => {
    const entry = readMessage(bytes);
    return [entry.text(1), entry.text(2)] as const;
  });
  const given = new Map(entries);
  const location = given.get('location');
  const parts = location?.split('/') ?? [];
  const inside = parts.length > 0 && parts.every((part) => part !== '' && part !== '..');
  if (location === undefined || !inside || /[\\\0:]/.test(location)) {
    return malformed(`a path inside the folder of the model for ${called}`, JSON.stringify(location));
  }
  const count = (key: string) => {
    const text = given.get(key);
    const number = Number(text);
    if (text === undefined || (/^\d+$/.test(text) && Number.isSafeInteger(number))) return text && number;
    return malformed(`a number of bytes as ${key} of ${called}`, text.slice(0, 40));
  };
  return { location, offset: count('offset') || 0, length: count('length') || undefined };
}

/** The bytes of a tensor that lie in a file beside the model. */
function externalBytes(
  { location, offset, length }: ExternalRange,
  files: ExternalFiles,
  called: string,
  wanted: number,
): Uint8Array<ArrayBuffer> {
  const file = files.get(location);
  if (file === undefined) {
    return unsupported(
      `the file ${location} with the data of ${called}`,
      files.size === 0 ? 'the model alone' : `only ${[...files.keys()].slice(0, 8).join(', ')}`,
      'Give it too: importOnnx(model, { externalFiles: new Map([[NAME, bytes]]) }).',
    );
  }
  const end = length === undefined ? file.length : offset + length;
  if (offset > file.length || end > file.length || end - offset !== wanted) {
    return malformed(
      `${wanted} bytes of ${called} within the ${file.length} bytes of ${location}`,
      `${offset} to ${end}`,
    );
  }
  return file.subarray(offset, end) as Uint8Array<ArrayBuffer>;
}

/**
 * dims 1, data_type 2, segment 3, name 8, external_data 13, data_location 14. `owner` is for
 * messages about unnamed tensors.
 */
export function readTensor(
  tensor: Message,
  owner = 'a tensor',
  files: ExternalFiles = new Map(),
): Constant & { readonly name: string } {
  const name = tensor.text(8);
  const called = name === '' ? owner : name;
  const element = elementTypeOf(tensor.integer(2));
  if (typeof element === 'string') {
    return unsupported(
      `numbers in ${called}`,
      element,
      'The graph computes in f32 and i32. Convert the model to float32 and integers first.',
    );
  }
  const external = readExternalLocation(tensor);
  if (tensor.has(3)) return unsupported(`the whole of ${called}`, 'a segment');
  const { type, bytes } = element;
  const shape = tensor.integers(1);
  const count = elementCount(shape);
  const refuse = (found: string) => malformed(`${type}[${shape.join(',')}] in ${called}`, found);
  if (shape.some((extent) => extent < 0)) refuse('a negative extent');
  let data: ConstantData;
  if (external !== undefined) {
    data = fromRaw(type, externalBytes(external, files, called, count * bytes));
  } else if (tensor.has(9) || ['float32', 'float64'].includes(type)) {
    if (tensor.all(9).length > 1) refuse('raw data twice');
    const raw = tensor.fixed(tensor.has(9) ? 9 : typedFields[type]);
    if (raw.length !== count * bytes) refuse(`${raw.length} bytes`);
    data = fromRaw(type, raw);
  } else {
    const values = tensor.bigints(typedFields[type]);
    if (values.length !== count) refuse(`${values.length} values`);
    data = fromIntegers(type, values);
  }
  return { name, type, shape, data };
}
