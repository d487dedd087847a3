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
import { readMessage } from './protobuf.ts';
import { type Constant, readTensor } from './tensors.ts';

export type Value =
  | { readonly kind: 'tensor'; readonly tensor: TensorId; readonly type: ElementType }
  | { readonly kind: 'constant'; readonly constant: Constant };

/** Puts a constant into a graph: as a parameter, or as a constant of the graph. */
export type Place = (g: Builder, constant: Constant, node: ModelNode) => TensorId;

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
  /** Says that an attribute has no influence here. */
  ignore(...names: readonly string[]): void;
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

export function operatorName({ domain, operator }: Pick<ModelNode, 'domain' | 'operator'>): string {
  return domain === '' ? operator : `${domain}.${operator}`;
}

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

/** AttributeProto.type: FLOAT 1, INT 2, STRING 3, TENSOR 4, FLOATS 6, INTS 7, STRINGS 8. */
const attributeTypes = {
  float: 1,
  integer: 2,
  text: 3,
  tensor: 4,
  floats: 6,
  integers: 7,
  texts: 8,
} as const;

const floatsOf = (bytes: Uint8Array<ArrayBuffer>): readonly number[] => [
  ...new Float32Array(bytes.buffer, 0, bytes.length >> 2),
];

export function createNodeReader(
  g: Builder,
  node: ModelNode,
  opset: number,
  inputs: readonly (Value | undefined)[],
  put: Place,
  note: (text: string) => void,
  budget: FoldingBudget,
): NodeReader {
  const readInputs = new Set<number>();
  const readAttributes = new Set<string>();
  const refuse = (expected: string, found: string, hint?: string) => refuseNode(node, expected, found, hint);

  const value = (i: number): Value => {
    readInputs.add(i);
    return inputs[i] ?? refuse(`input ${i}`, 'none');
  };
  const place = (given: Value): TensorId =>
    given.kind === 'tensor' ? given.tensor : put(g, given.constant, node);
  const constant = (i: number): Constant => {
    const given = value(i);
    if (given.kind === 'constant') return given.constant;
    return refuse(
      `a constant as input ${i}`,
      `${node.inputs[i]}, which is computed while the model runs`,
      'A graph is static: export the model with fixed shapes, or fold its constants first (onnxsim, onnxruntime offline).',
    );
  };
  const extents = (i: number): readonly Extent[] => {
    const { data, shape, type } = constant(i);
    if (dtypeOf(type) !== 'i32' || shape.length > 1) {
      return refuse(`a list of integers as input ${i}`, `${type}[${shape.join(',')}]`);
    }
    return [...data];
  };
  const numbers = (list: readonly Extent[], what: string): readonly number[] =>
    list.map((extent) =>
      typeof extent === 'number'
        ? extent
        : refuse(
            `numbers as ${what}`,
            `the extent ${extent} of the model's input`,
            'Fix the extent when importing: importOnnx(bytes, { extents: { NAME: 1 } }).',
          ),
    );
  const attribute = <T>(
    name: string,
    type: keyof typeof attributeTypes,
    read: (message: ReturnType<typeof readMessage>) => T,
    preset: T | undefined,
  ): T => {
    readAttributes.add(name);
    const found = node.attributes.get(name);
    if (found === undefined) return preset ?? refuse(`the attribute ${name}`, 'none');
    // Old writers leave the type out (0); an attribute that a function would fill in has no value
    // of its own.
    if (found.type !== attributeTypes[type] && found.type !== 0) {
      return refuse(`${type} as the attribute ${name}`, `attribute type ${found.type}`);
    }
    return read(found.message);
  };

  return {
    g,
    node,
    opset,
    value,
    place,
    constant,
    extents,
    refuse,
    note,
    budget,
    has: (i) => inputs[i] !== undefined,
    inputCount: inputs.length,
    values: () => inputs.map((_, i) => value(i)),
    given: () => inputs,
    tensor: (i) => place(value(i)),
    type(i) {
      const given = value(i);
      return given.kind === 'tensor' ? given.type : given.constant.type;
    },
    shape(i) {
      const given = value(i);
      return given.kind === 'tensor' ? g.nodes[given.tensor].shape : given.constant.shape;
    },
    integers(i, preset) {
      if (inputs[i] === undefined && preset !== undefined) return preset;
      return numbers(extents(i), `input ${i}`);
    },
    scalar(i, preset) {
      if (inputs[i] === undefined && preset !== undefined) return preset;
      const { data, shape } = constant(i);
      if (data.length !== 1) return refuse(`one number as input ${i}`, `[${shape.join(',')}]`);
      return numbers([data[0]], `input ${i}`)[0];
    },
    integer: (name, preset) => attribute(name, 'integer', (message) => message.integer(3), preset),
    flag(name, preset) {
      const given = attribute(name, 'integer', (message) => message.integer(3), preset ? 1 : 0);
      return given === 0 || given === 1 ? given === 1 : refuse(`0 or 1 as the attribute ${name}`, `${given}`);
    },
    integerList: (name, preset) => attribute(name, 'integers', (message) => message.integers(8), preset),
    float: (name, preset) =>
      attribute(name, 'float', (message) => floatsOf(message.fixed(2)).at(-1) ?? 0, preset),
    floatList: (name, preset) => attribute(name, 'floats', (message) => floatsOf(message.fixed(7)), preset),
    text: (name, preset) => attribute(name, 'text', (message) => message.text(4), preset),
    textList: (name, preset) =>
      attribute(
        name,
        'texts',
        (message) => message.all(9).map((bytes) => new TextDecoder().decode(bytes)),
        preset,
      ),
    tensorAttribute(name) {
      readAttributes.add(name);
      if (!node.attributes.has(name)) return undefined;
      return attribute(
        name,
        'tensor',
        (message) => {
          const { name: _, ...tensor } = readTensor(
            readMessage(message.all(5).at(-1) ?? new Uint8Array()),
            `the attribute ${name} of node ${node.name}`,
          );
          return tensor;
        },
        undefined,
      );
    },
    hasAttribute: (name) => node.attributes.has(name),
    ignore(...names) {
      for (const name of names) readAttributes.add(name);
    },
    assertAllRead() {
      for (const name of node.attributes.keys()) {
        if (!readAttributes.has(name)) refuse('only attributes that the operator has at this opset', name);
      }
      for (const i of inputs.keys()) {
        if (inputs[i] !== undefined && !readInputs.has(i)) refuse(`no input ${i}`, `${node.inputs[i]}`);
      }
    },
  };
}
