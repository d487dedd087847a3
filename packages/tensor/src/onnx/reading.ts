/**
 * What an operator's reading sees: the node with its inputs and attributes, the graph under
 * construction, and one way to refuse.
 *
 * A value is a tensor of the graph or still a constant of the file. Constants are placed in the
 * graph only when a tensor needs them: float32 initialisers of one axis and more, and what is
 * computed from them alone, become parameters; everything else becomes a constant of the graph.
 * Every attribute and input must have been asked for by the end of a reading, or the node is
 * refused: what no reading looked at might change the answer.
 */
import { NonetError } from '@nonet/core';
import type { Builder } from '../graph/builder.ts';
import type { TensorId } from '../graph/graph.ts';
import type { Extent, Shape } from '../graph/shape.ts';
import { dtypeOf, type ElementType } from './elementTypes.ts';
import type { FoldingBudget } from './fold.ts';
import type { ModelNode } from './model.ts';
import { type Message, readMessage } from './protobuf.ts';
import { type Constant, readTensor } from './tensors.ts';

/** What a name of the file stands for. */
export type Value =
  | {
      readonly kind: 'tensor';
      readonly tensor: TensorId;
      readonly type: ElementType;
      /** Texts that its elements are the positions of. */
      readonly labels?: readonly string[];
    }
  | { readonly kind: 'constant'; readonly constant: Constant };

/** Puts a constant into a graph: as a parameter, or as a constant of the graph. */
export type Place = (g: Builder, constant: Constant, node: ModelNode) => TensorId;

/**
 * A node as its reading sees it. What is asked for and is not there, or not of that form, refuses
 * the node.
 */
export interface NodeReader {
  readonly g: Builder;
  readonly node: ModelNode;
  /** The version of the operator set that the node's domain is read at. */
  readonly opset: number;
  readonly budget: FoldingBudget;
  /** Whether input i is given. */
  has(i: number): boolean;
  value(i: number): Value;
  /** All given inputs of a variadic operator. */
  values(): readonly Value[];
  /** Inputs as they are, undefined where one is left out; looking does not count as reading. */
  given(): readonly (Value | undefined)[];
  /** The number of inputs that the node lists. */
  readonly inputCount: number;
  tensor(i: number): TensorId;
  place(value: Value): TensorId;
  type(i: number): ElementType;
  shape(i: number): Shape;
  /** Input i as a constant, where the graph needs to know it. */
  constant(i: number): Constant;
  /** The elements of a constant input of integers; `preset` if it is left out. */
  integers(i: number, preset?: readonly number[]): readonly number[];
  /** As `integers`, but names of extents may be among them. */
  extents(i: number): readonly Extent[];
  /** The one element of a constant input. */
  scalar(i: number, preset?: number): number;
  integer(name: string, preset?: number): number;
  /** An integer that is 0 or 1: of others readers differ in whether they count as true. */
  flag(name: string, preset: boolean): boolean;
  integerList(name: string, preset?: readonly number[]): readonly number[];
  float(name: string, preset?: number): number;
  floatList(name: string, preset?: readonly number[]): readonly number[];
  text(name: string, preset?: string): string;
  textList(name: string, preset?: readonly string[]): readonly string[];
  tensorAttribute(name: string): Constant | undefined;
  hasAttribute(name: string): boolean;
  /** Reads the branch that an attribute holds and gives its outputs. */
  branch(name: string): readonly Value[];
  /** Says that an attribute has no influence here. */
  ignore(...names: readonly string[]): void;
  /** The position of a text among those that the file knows. */
  codeOf(text: string): number;
  /** Where a run makes an element of `tensor` other than 0, its row has no answer, because ... */
  check(tensor: TensorId, because: string): void;
  /** Says something that a reader of the import must know. */
  note(text: string): void;
  /** Throws `onnx.unsupported` with node and operator. */
  refuse(expected: string, found: string, hint?: string): never;
  /** Throws unless every given input and attribute was asked for. */
  assertAllRead(): void;
}

/** What a node makes, output by output. */
export type Read = (n: NodeReader) => Value | readonly Value[];

/** Readings by domain and operator, each from the version of the operator set on which it holds. */
export type Operators = Readonly<Record<string, readonly (readonly [since: number, read: Read])[]>>;

/** An operator as messages and the table name it: with its domain, unless that is ONNX's own. */
export function operatorName({ domain, operator }: Pick<ModelNode, 'domain' | 'operator'>): string {
  return domain === '' ? operator : `${domain}.${operator}`;
}

/** What helps against an extent that is a name. */
export const fixingHint = 'Fix the extent when importing: importOnnx(bytes, { extents: { NAME: 1 } }).';

/** Throws `onnx.unsupported` about a node. */
export function refuseNode(
  node: ModelNode,
  expected: string,
  found: string,
  hint = 'Change that part of the model before exporting it, or train the model as an opaque one.',
  cause?: unknown,
): never {
  throw new NonetError({
    code: 'onnx.unsupported',
    expected: `${expected} in node ${node.name} (${operatorName(node)})`,
    found,
    hint,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** AttributeProto.type: FLOAT 1, INT 2, STRING 3, TENSOR 4, GRAPH 5, FLOATS 6, INTS 7, STRINGS 8. */
const attributeTypes = {
  float: 1,
  integer: 2,
  text: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  integers: 7,
  texts: 8,
} as const;

/** A node, and what its reading may use. */
export interface NodeReaderParameters {
  readonly g: Builder;
  readonly node: ModelNode;
  readonly opset: number;
  /** By position, undefined where one is left out. */
  readonly inputs: readonly (Value | undefined)[];
  readonly place: Place;
  readonly codeOf: (text: string) => number;
  readonly check: (tensor: TensorId, because: string) => void;
  readonly note: (text: string) => void;
  readonly budget: FoldingBudget;
  /** Reads a branch into the graph. */
  readonly branch: (graph: Message) => readonly Value[];
}

/** A node, and what of it has been asked for. */
interface Reading extends NodeReaderParameters {
  readonly readInputs: Set<number>;
  readonly readAttributes: Set<string>;
}

/** A reader of one node, which has asked for nothing yet. */
export function createNodeReader(parameters: NodeReaderParameters): NodeReader {
  const r: Reading = { ...parameters, readInputs: new Set(), readAttributes: new Set() };
  const { g, node, opset, inputs, codeOf, check, note, budget } = parameters;
  return {
    g,
    node,
    opset,
    budget,
    codeOf,
    check,
    note,
    inputCount: inputs.length,
    has: (i) => inputs[i] !== undefined,
    given: () => inputs,
    value: (i) => readInput(r, i),
    values: () => inputs.map((_, i) => readInput(r, i)),
    place: (value) => placeValue(r, value),
    tensor: (i) => placeValue(r, readInput(r, i)),
    type: (i) => typeOfInput(r, i),
    shape: (i) => shapeOfInput(r, i),
    constant: (i) => readConstant(r, i),
    extents: (i) => readExtents(r, i),
    integers: (i, preset) => readIntegers(r, i, preset),
    scalar: (i, preset) => readScalar(r, i, preset),
    integer: (name, preset) => readAttribute(r, name, 'integer', integerOf, preset),
    flag: (name, preset) => readFlag(r, name, preset),
    integerList: (name, preset) => readAttribute(r, name, 'integers', integersOf, preset),
    float: (name, preset) => readAttribute(r, name, 'float', floatOf, preset),
    floatList: (name, preset) => readAttribute(r, name, 'floats', floatsOf, preset),
    text: (name, preset) => readAttribute(r, name, 'text', textOf, preset),
    textList: (name, preset) => readAttribute(r, name, 'texts', textsOf, preset),
    tensorAttribute: (name) => readTensorAttribute(r, name),
    hasAttribute: (name) => node.attributes.has(name),
    branch: (name) => parameters.branch(readAttribute(r, name, 'graph', graphOf, undefined)),
    ignore(...names) {
      for (const name of names) r.readAttributes.add(name);
    },
    refuse: (expected, found, hint) => refuseNode(node, expected, found, hint),
    assertAllRead: () => assertAllRead(r),
  };
}

// Inputs

function readInput({ node, inputs, readInputs }: Reading, i: number): Value {
  readInputs.add(i);
  return inputs[i] ?? refuseNode(node, `input ${i}`, 'none');
}

function placeValue({ g, node, place }: Reading, value: Value): TensorId {
  return value.kind === 'tensor' ? value.tensor : place(g, value.constant, node);
}

function typeOfInput(r: Reading, i: number): ElementType {
  const value = readInput(r, i);
  return value.kind === 'tensor' ? value.type : value.constant.type;
}

function shapeOfInput(r: Reading, i: number): Shape {
  const value = readInput(r, i);
  return value.kind === 'tensor' ? r.g.nodes[value.tensor].shape : value.constant.shape;
}

function readConstant(r: Reading, i: number): Constant {
  const value = readInput(r, i);
  if (value.kind === 'constant') return value.constant;
  return refuseNode(
    r.node,
    `a constant as input ${i}`,
    `${r.node.inputs[i]}, which is computed while the model runs`,
    'A graph is static: export the model with fixed shapes, or fold its constants first (onnxsim, onnxruntime offline).',
  );
}

function readExtents(r: Reading, i: number): readonly Extent[] {
  const { data, shape, type } = readConstant(r, i);
  if (dtypeOf(type) !== 'i32' || shape.length > 1) {
    return refuseNode(r.node, `a list of integers as input ${i}`, `${type}[${shape.join(',')}]`);
  }
  return [...data];
}

function readIntegers(r: Reading, i: number, preset?: readonly number[]): readonly number[] {
  if (r.inputs[i] === undefined && preset !== undefined) return preset;
  return numbersOf(r, readExtents(r, i), i);
}

function readScalar(r: Reading, i: number, preset?: number): number {
  if (r.inputs[i] === undefined && preset !== undefined) return preset;
  const { data, shape } = readConstant(r, i);
  if (data.length !== 1) return refuseNode(r.node, `one number as input ${i}`, `[${shape.join(',')}]`);
  return numbersOf(r, [data[0]], i)[0];
}

/** The extents of input i, none of which may be a name. */
function numbersOf({ node }: Reading, extents: readonly Extent[], i: number): readonly number[] {
  return extents.map((extent) =>
    typeof extent === 'number'
      ? extent
      : refuseNode(node, `numbers as input ${i}`, `the extent ${extent} of the model's input`, fixingHint),
  );
}

// Attributes

const integerOf = (message: Message) => message.integer(3);
const integersOf = (message: Message): readonly number[] => message.integers(8);
const floatOf = (message: Message) => floatsIn(message.fixed(2)).at(-1) ?? 0;
const floatsOf = (message: Message) => floatsIn(message.fixed(7));
const graphOf = (message: Message) => readMessage(message.all(6).at(-1) ?? new Uint8Array());
const textOf = (message: Message) => message.text(4);
const textsOf = (message: Message): readonly string[] =>
  message.all(9).map((bytes) => new TextDecoder().decode(bytes));

function floatsIn(bytes: Uint8Array<ArrayBuffer>): readonly number[] {
  return [...new Float32Array(bytes.buffer, 0, bytes.length >> 2)];
}

function readAttribute<T>(
  { node, readAttributes }: Reading,
  name: string,
  type: keyof typeof attributeTypes,
  read: (message: Message) => T,
  preset: T | undefined,
): T {
  readAttributes.add(name);
  const found = node.attributes.get(name);
  if (found === undefined) return preset ?? refuseNode(node, `the attribute ${name}`, 'none');
  // Old writers leave the type out (0); an attribute that a function would fill in has no value
  // of its own.
  if (found.type !== attributeTypes[type] && found.type !== 0) {
    return refuseNode(node, `${type} as the attribute ${name}`, `attribute type ${found.type}`);
  }
  return read(found.message);
}

function readFlag(r: Reading, name: string, preset: boolean): boolean {
  const given = readAttribute(r, name, 'integer', integerOf, preset ? 1 : 0);
  if (given === 0 || given === 1) return given === 1;
  return refuseNode(r.node, `0 or 1 as the attribute ${name}`, `${given}`);
}

function readTensorAttribute(r: Reading, name: string): Constant | undefined {
  r.readAttributes.add(name);
  if (!r.node.attributes.has(name)) return undefined;
  const where = `the attribute ${name} of node ${r.node.name}`;
  const read = (message: Message) =>
    readTensor(readMessage(message.all(5).at(-1) ?? new Uint8Array()), where);
  const { name: _, ...tensor } = readAttribute(r, name, 'tensor', read, undefined);
  return tensor;
}

/** Until operator set 6 writers noted which inputs an operator may overwrite. */
const withoutMeaning = ['consumed_inputs'];

function assertAllRead({ node, inputs, readInputs, readAttributes }: Reading): void {
  for (const name of node.attributes.keys()) {
    if (!readAttributes.has(name) && !withoutMeaning.includes(name)) {
      refuseNode(node, 'only attributes that the operator has at this opset', name);
    }
  }
  for (const i of inputs.keys()) {
    if (inputs[i] !== undefined && !readInputs.has(i)) refuseNode(node, `no input ${i}`, `${node.inputs[i]}`);
  }
}
