/**
 * ONNX import: from a file to a graph and its parameters. Each operator is one function of the
 * table in operators.ts, and is read at the file's own version of the operator set, 1 to 27. The
 * graph keeps the names of the file's inputs and outputs, as far as they are names here, and its
 * named extents as capital letters (`batch` becomes B). Element types follow elementTypes.ts.
 *
 * Anything else is refused by node and operator, never approximated.
 */
import { MisuseError, NonetError } from '@nonet/core';
import { assertParameters, type Parameter, type Parameters } from '../files/parameters.ts';
import { type Builder, createBuilder } from '../graph/builder.ts';
import { type Graph, type Initialiser, initialisers, leavesOf, type TensorId } from '../graph/graph.ts';
import type { Extent } from '../graph/shape.ts';
import { findTables, fixParameters } from '../transform/fix.ts';
import { dtypeOf, type ElementType, elementTypeOf, textCode } from './elementTypes.ts';
import { type FoldingBudget, foldable, foldByTwin, foldLists } from './fold.ts';
import { type Model, type ModelNode, type ModelValue, readGraph, readModel } from './model.ts';
import { operatorNamed } from './operators.ts';
import type { Message } from './protobuf.ts';
import {
  createNodeReader,
  fixingHint,
  operatorName,
  type Place,
  type Read,
  refuseNode,
  type Value,
} from './reading.ts';
import type { Constant, ExternalFiles } from './tensors.ts';

/** How a file is read. */
export interface ImportOnnxOptions {
  /**
   * Numbers for extents of the inputs that the file leaves open, by their names there,
   * `{ batch: 1 }`, or by input and axis, `{ 'x.2': 224 }`. First axes without a name are `batch`.
   */
  readonly extents?: Readonly<Record<string, number>>;
  /**
   * Names of parameters that become constants, so that training leaves them as they are. By
   * default what is no weight of a layer, such as position tables and masks (`notes` names them),
   * but not what `exportOnnx` wrote as a parameter; `[]` leaves every initialiser to be trained.
   */
  readonly fixed?: readonly string[];
  /**
   * Inputs that are fixed, by their names in the file, with their elements: they become constants,
   * and what depends on them alone (a branch, a shape) is decided here.
   */
  readonly values?: Readonly<Record<string, number | ArrayLike<number>>>;
  /** Files beside the model that hold its weights, by their paths as the model names them. */
  readonly externalFiles?: ExternalFiles;
}

/** An input or output: its name in the graph, its name and element type in the file. */
export interface OnnxPort {
  readonly name: string;
  readonly fileName: string;
  readonly type: ElementType;
  /**
   * Texts of the file that the elements are the positions of; an input has -1 for any other text.
   */
  readonly labels?: readonly string[];
}

/** An output of the graph that is none of the file: where it is not 0, its row has no answer. */
export interface OnnxCheck {
  readonly name: string;
  /** What was found there, as a clause: 'it has a category that ... does not know'. */
  readonly because: string;
}

/** What a file holds, as a graph, and what its reader should know. */
export interface ImportOnnxReturnType {
  readonly graph: Graph;
  readonly parameters: Parameters;
  /** Those that the graph takes: an input that nothing depends on is left out. */
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
  readonly checks: readonly OnnxCheck[];
  /** Which extent of the file each capital letter stands for. */
  readonly extents: Readonly<Record<string, string>>;
  /** What a user should know: conversions of element types, outputs that changed their form. */
  readonly notes: readonly string[];
  /** `metadata_props`: what its writer put there, such as `nonet.labels`. Untrusted text. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Terms that constant folding may evaluate in all, about a second. */
const foldingWork = 2 ** 22;

/** Elements of inputs that folding may copy: 64 MiB in all. */
const foldingCopies = 2 ** 24;

/**
 * Elements of constants that a file may describe (a ConstantOfShape) and not hold: 256 MiB in all.
 */
const describedElements = 2 ** 25;

/** Steps of recurrent layers, and nodes of branches, that a file may be unrolled to in all. */
const unrolledSteps = 2 ** 14;

/**
 * The newest operator set that the table was written against: ONNX 1.22. A newer one may change
 * what an operator means.
 */
const newestOpset = 27;
const newestMlOpset = 5;

function refuse(code: 'unsupported' | 'malformed', expected: string, found: string, hint?: string): never {
  throw new NonetError({ code: `onnx.${code}`, expected, found, ...(hint === undefined ? {} : { hint }) });
}

function assertOpset(version: number | undefined, newest = newestOpset): void {
  if (version !== undefined && version >= 1 && version <= newest) return;
  refuse(
    'unsupported',
    `an operator set up to ${newest}`,
    version === undefined ? 'none' : `${version}`,
    'Export at operator set 17 to 23.',
  );
}

/** Names that a graph accepts, each used once. */
function createNames() {
  const given = new Set<string>();
  const numbers = new Map<string, number>();
  return (wanted: string): string => {
    const plain = wanted.replaceAll(/[^A-Za-z0-9_.]/g, '_').replace(/^[^A-Za-z]+/, '');
    const base = (plain === '' ? 'tensor' : plain).slice(0, 56);
    let name = base;
    // From the last number on: a file may hold 100,000 names that all become the same name here.
    let next = numbers.get(base) ?? 1;
    while (given.has(name)) name = `${base}_${next++}`;
    numbers.set(base, next);
    given.add(name);
    return name;
  };
}

/**
 * Capital letters for named extents: the first axis of an input is B, others take their initial or
 * the next free letter.
 */
function createExtents(bound: Readonly<Record<string, number>>) {
  const letters = new Map<string, string>();
  const taken = new Set<string>();
  const used = new Set<string>();
  const letterOf = (name: string, wanted: string): string => {
    const known = letters.get(name);
    if (known !== undefined) return known;
    const alphabet = ['B', ...'TSHWCDEFGIJKLMNOPQRUVXYZA'];
    const letter = [wanted.toUpperCase(), ...alphabet].find(
      (candidate) => /^[A-Z]$/.test(candidate) && !taken.has(candidate),
    );
    if (letter === undefined) return refuse('unsupported', 'at most 26 named extents', name);
    letters.set(name, letter);
    taken.add(letter);
    return letter;
  };
  return {
    extentOf(extent: number | string | undefined, axis: number, input: string): Extent {
      if (typeof extent === 'number') return extent;
      const place = `${input}.${axis}`;
      const name = extent ?? (axis === 0 ? 'batch' : place);
      for (const given of [place, name]) {
        if (!Object.hasOwn(bound, given)) continue;
        used.add(given);
        return bound[given];
      }
      return letterOf(name, axis === 0 ? 'B' : name.slice(0, 1));
    },
    names: () => Object.fromEntries([...letters].map(([name, letter]) => [letter, name])),
    assertAllUsed() {
      const unknown = Object.keys(bound).find((name) => !used.has(name));
      if (unknown === undefined) return;
      throw new MisuseError({
        code: 'onnx.extent',
        expected: `one of the named extents ${[...used, ...letters.keys()].join(', ') || '(none)'}`,
        found: unknown,
      });
    },
  };
}

/**
 * How parameters would start afresh, as `exportOnnx` notes it; foreign files: biases at zero,
 * weights by He.
 */
function initialiserOf(notes: Readonly<Record<string, unknown>>, name: string, rank: number): Initialiser {
  const noted = notes[name];
  const known = initialisers.find((initialiser) => initialiser === noted);
  return known ?? (rank < 2 ? 'zeros' : 'heUniform');
}

function notedInitialisers({ metadata }: Model): Readonly<Record<string, unknown>> {
  try {
    const notes: unknown = JSON.parse(metadata['nonet.initialisers'] ?? '{}');
    return notes !== null && typeof notes === 'object' ? (notes as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Places constants in the one graph, each once. */
function createPlace(model: Model, weights: Map<TensorId, Float32Array<ArrayBuffer>>): Place {
  const name = createNames();
  const noted = notedInitialisers(model);
  const placed = new Map<Constant, TensorId>();
  return (g, constant, node) => {
    const known = placed.get(constant);
    if (known !== undefined) return known;
    const { shape, data } = constant;
    let tensor: TensorId;
    // A mask of -Infinity is no weight: parameters are finite.
    const finite = data instanceof Float32Array && data.every(Number.isFinite);
    if (finite && constant.name !== undefined && shape.length > 0) {
      const own = name(constant.name);
      tensor = g.parameter(own, shape, initialiserOf(noted, own, shape.length));
      weights.set(tensor, data as Float32Array<ArrayBuffer>);
    } else {
      tensor = placeConstant(g, constant, node);
    }
    placed.set(constant, tensor);
    return tensor;
  };
}

function placeConstant(g: Builder, { type, shape, data }: Constant, node: ModelNode): TensorId {
  if (data instanceof Float32Array || data instanceof Int32Array) return g.constant(data, shape);
  const integers = Int32Array.from(data as readonly Extent[], (item) => {
    if (typeof item === 'string') {
      return refuseNode(node, 'numbers', `the named extent ${item}`, fixingHint);
    }
    return (item | 0) === item ? item : refuseNode(node, `${type} values that fit 32 bits`, String(item));
  });
  return g.constant(integers, shape);
}

/** What the names of a graph stand for; a branch also sees those around it. */
interface Scope {
  readonly values: Map<string, Value>;
  readonly outer?: Scope;
}

function valueNamed({ values, outer }: Scope, name: string): Value | undefined {
  return values.get(name) ?? (outer && valueNamed(outer, name));
}

interface Import {
  readonly model: Model;
  readonly files: ExternalFiles;
  readonly g: Builder;
  readonly scope: Scope;
  readonly place: Place;
  /** Texts that the file knows, in order of their positions. */
  readonly texts: Map<string, number>;
  readonly checks: { readonly tensor: TensorId; readonly because: string }[];
  readonly note: (text: string) => void;
  readonly budget: FoldingBudget;
}

/** Operators that move elements about, or compare them with texts of the file. */
const textOperators = new Set([
  'Concat',
  'Expand',
  'Flatten',
  'Gather',
  'Identity',
  'Reshape',
  'Shape',
  'Slice',
  'Split',
  'Squeeze',
  'Transpose',
  'Unsqueeze',
  'ai.onnx.ml.ArrayFeatureExtractor',
  'ai.onnx.ml.LabelEncoder',
  'ai.onnx.ml.OneHotEncoder',
]);

function assertTextOperator(node: ModelNode): void {
  if (textOperators.has(operatorName(node))) return;
  refuseNode(node, 'numbers', 'texts', 'Encode texts before the model, or with OneHotEncoder.');
}

/** The opset that a node's domain is read at, and how its operator is read. */
function readingOf({ model }: Import, node: ModelNode): { read: Read; opset: number } {
  const name = operatorName(node);
  if (model.functions.has(`${node.domain}:${node.operator}`)) {
    return refuseNode(
      node,
      'an operator of ONNX',
      `the function ${name} of the file itself`,
      'Inline the functions: onnx.inliner.inline_local_functions(model).',
    );
  }
  const opset = model.opsets.get(node.domain);
  if (opset === undefined) {
    return refuse('malformed', `an operator set for node ${node.name} (${name})`, 'none');
  }
  return { read: operatorNamed(node, opset), opset };
}

/** Reads one node and keeps what it makes. */
function readNode(reading: Import, node: ModelNode): void {
  const { g, scope, place, texts, checks, note, budget } = reading;
  const { read, opset } = readingOf(reading, node);
  const inputs = node.inputs.map((name) => {
    if (name === '') return undefined;
    return (
      valueNamed(scope, name) ??
      refuse(
        'malformed',
        `an input of node ${node.name} (${operatorName(node)}) that something before it makes`,
        name,
      )
    );
  });
  while (inputs.length > 0 && inputs.at(-1) === undefined) inputs.pop();
  if (inputs.some((value) => value?.kind === 'tensor' && value.type === 'string')) assertTextOperator(node);
  const readInto = (builder: Builder, placing: Place): readonly Value[] => {
    const branch = (graph: Message) => readBranch(reading, graph);
    const reader = createNodeReader({
      g: builder,
      node,
      opset,
      inputs,
      place: placing,
      codeOf(text) {
        const known = texts.get(text) ?? texts.size;
        texts.set(text, known);
        return known;
      },
      check(tensor, because) {
        if (builder !== g) refuseNode(node, 'an input that is computed', 'a constant');
        checks.push({ tensor, because });
      },
      note,
      budget,
      branch,
    });
    const list = foldLists(reader);
    if (list !== undefined) return [list];
    const result = read(reader);
    reader.assertAllRead();
    return Array.isArray(result) ? (result as readonly Value[]) : [result as Value];
  };
  const weight = inputs.some((value) => value?.kind === 'constant' && value.constant.name !== undefined);
  // A branch is read into the one graph, and sees more than the inputs of its node.
  const branches = [...node.attributes.values()].some(({ message }) => message.has(6));
  const folded =
    !branches && inputs.length > 0 && foldable(inputs, budget)
      ? foldByTwin(
          (scratch) => readInto(scratch, (_, constant) => placeConstant(scratch, constant, node)),
          weight ? node.outputs[0] : undefined,
          budget,
        )
      : undefined;
  const results = folded ?? readInto(g, place);
  for (const [i, name] of node.outputs.entries()) {
    if (name === '') continue;
    const result = results[i];
    if (result === undefined) {
      refuseNode(node, `at most ${results.length} outputs`, `output ${i}, ${name}`);
    }
    if (scope.values.has(name)) refuse('malformed', 'each value made once', `${name} twice`);
    scope.values.set(name, result);
  }
}

const readNodes = (reading: Import, nodes: readonly ModelNode[]) => {
  for (const node of nodes) named(`node ${node.name} (${operatorName(node)})`, () => readNode(reading, node));
};

/** The outputs of a branch, which sees what is around it. */
function readBranch(reading: Import, message: Message): readonly Value[] {
  const { nodes, initialisers, outputs } = readGraph(message, reading.files);
  reading.budget.unrolled -= nodes.length;
  if (reading.budget.unrolled < 0) refuse('unsupported', 'smaller branches', `${nodes.length} nodes more`);
  const scope: Scope = { values: new Map(), outer: reading.scope };
  for (const constant of initialisers) scope.values.set(constant.name, { kind: 'constant', constant });
  readNodes({ ...reading, scope }, nodes);
  return outputs.map(
    ({ name }) => valueNamed(scope, name) ?? refuse('malformed', `a node that makes output ${name}`, 'none'),
  );
}

function elementTypeNamed({ name, elementType }: ModelValue): ElementType {
  if (elementType === undefined) {
    return refuse('unsupported', `a tensor as input ${name}`, 'a sequence, a map or an optional value');
  }
  const facts = elementTypeOf(elementType);
  if (typeof facts !== 'string') return facts.type;
  return elementType === textCode ? 'string' : refuse('unsupported', `numbers as input ${name}`, facts);
}

/** The elements that the caller gives for an input, as a constant of the file. */
function fixedInput(input: ModelValue, given: number | ArrayLike<number>): Constant {
  const type = elementTypeNamed(input);
  if (type === 'string') refuse('unsupported', `numbers for input ${input.name}`, 'texts');
  const values = typeof given === 'number' ? [given] : Array.from(given);
  const misfit = (expected: string): never => {
    throw new MisuseError({
      code: 'onnx.value',
      expected,
      found: `${values.length} values for ${input.name}`,
    });
  };
  const shape = input.shape ?? misfit('an input with a shape');
  const known = shape.reduce<number>(
    (count, extent) => (typeof extent === 'number' ? count * extent : count),
    1,
  );
  const open = shape.filter((extent) => typeof extent !== 'number').length;
  const left = values.length / known;
  if (open > 1 || !Number.isInteger(left) || (open === 0 && left !== 1)) {
    misfit(`as many values as [${shape.map((extent) => extent ?? '?').join(',')}] has`);
  }
  const extents = shape.map((extent) => (typeof extent === 'number' ? extent : left));
  const data = dtypeOf(type) === 'f32' ? Float32Array.from(values) : values;
  return { type, shape: extents, data };
}

/** Adds the inputs of the file to the graph, but for those whose values are given. */
function readInputs({ model, g, scope, note }: Import, options: ImportOnnxOptions) {
  const inputName = createNames();
  const extents = createExtents(options.extents ?? {});
  const given = options.values ?? {};
  const ports = model.inputs
    .filter(({ name }) => !scope.values.has(name) || Object.hasOwn(given, name))
    .flatMap((input): OnnxPort[] => {
      if (Object.hasOwn(given, input.name)) {
        scope.values.set(input.name, { kind: 'constant', constant: fixedInput(input, given[input.name]) });
        return [];
      }
      const type = elementTypeNamed(input);
      if (input.shape === undefined) return refuse('unsupported', `a shape of input ${input.name}`, 'none');
      const shape = input.shape.map((extent, axis) => extents.extentOf(extent, axis, input.name));
      const name = inputName(input.name);
      const tensor = named(`input ${input.name}`, () => g.input(name, dtypeOf(type), shape));
      scope.values.set(input.name, { kind: 'tensor', tensor, type });
      noteType(note, 'input', input.name, type);
      return [{ name, fileName: input.name, type }];
    });
  extents.assertAllUsed();
  const unknown = Object.keys(given).find((name) => !model.inputs.some((input) => input.name === name));
  if (unknown !== undefined) {
    throw new MisuseError({
      code: 'onnx.value',
      expected: `one of the inputs ${model.inputs.map(({ name }) => name).join(', ')}`,
      found: unknown,
    });
  }
  return { ports, extents: extents.names() };
}

/** Adds the outputs of the file to the graph. */
function readOutputs({ model, g, scope, place, checks, note }: Import) {
  const makers = new Map(model.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const outputName = createNames();
  const outputs = model.outputs.map((output): OnnxPort => {
    const value =
      scope.values.get(output.name) ?? refuse('malformed', `a node that makes output ${output.name}`, 'none');
    const name = outputName(output.name);
    named(`output ${output.name}`, () => {
      const tensor =
        value.kind === 'tensor'
          ? value.tensor
          : place(g, value.constant, makers.get(output.name) ?? anonymous(output.name));
      g.output(name, tensor);
    });
    const type = value.kind === 'tensor' ? value.type : value.constant.type;
    if (type === 'string') refuse('unsupported', `numbers or labels as output ${output.name}`, 'texts');
    noteType(note, 'output', output.name, type);
    const labels = value.kind === 'tensor' ? value.labels : undefined;
    return { name, fileName: output.name, type, ...(labels === undefined ? {} : { labels }) };
  });
  if (outputs.length === 0) refuse('malformed', 'at least one output', 'none');
  const checked = checks.map(({ tensor, because }): OnnxCheck => {
    const name = outputName('check');
    g.output(name, tensor);
    return { name, because };
  });
  return { outputs, checks: checked };
}

/**
 * Reads an ONNX file. Throws `onnx.malformed` on a damaged file, `onnx.unsupported` on what the
 * graph cannot express, `onnx.extent` and `onnx.value` on options that the file has no place for.
 */
export function importOnnx(bytes: Uint8Array, options: ImportOnnxOptions = {}): ImportOnnxReturnType {
  const files = options.externalFiles ?? new Map();
  const model = readModel(bytes, files);
  if (model.nodes.some(({ domain }) => domain === '')) assertOpset(model.opsets.get(''));
  if (model.opsets.has('ai.onnx.ml')) assertOpset(model.opsets.get('ai.onnx.ml'), newestMlOpset);
  const g = createBuilder();
  const notes = new Set<string>();
  const weights = new Map<TensorId, Float32Array<ArrayBuffer>>();
  const reading: Import = {
    model,
    files,
    g,
    scope: { values: new Map() },
    place: createPlace(model, weights),
    texts: new Map(),
    checks: [],
    note: (text) => notes.add(text),
    budget: {
      work: foldingWork,
      copies: foldingCopies,
      described: describedElements,
      unrolled: unrolledSteps,
    },
  };
  for (const constant of model.initialisers) {
    reading.scope.values.set(constant.name, { kind: 'constant', constant });
  }
  noteConversions(model, reading.note);
  const { ports, extents } = readInputs(reading, options);
  const { outputs, checks } = withNamesOf(extents, () => {
    readNodes(reading, model.nodes);
    return readOutputs(reading);
  });
  const datas = new Map([...weights].map(([id, data]) => [(g.nodes[id] as { name: string }).name, data]));
  const read = g.finish();
  const all = leavesOf(read, 'parameter').map(
    ({ name, shape }): Parameter => ({ name, shape, data: datas.get(name)! }),
  );
  const fixed = options.fixed ?? tablesIn(read, model);
  const { graph, parameters } = fixParameters({ graph: read, parameters: all }, fixed);
  if (fixed.length > 0) reading.note(`training leaves as they are: ${shorten(fixed)}`);
  named('the weights', () => assertParameters(graph, parameters));
  const taken = new Set(leavesOf(graph, 'input').map(({ name }) => name));
  const labels = [...reading.texts.keys()];
  const inputs = ports
    .filter(({ name }) => taken.has(name))
    .map((port) => (port.type === 'string' ? { ...port, labels } : port));
  for (const { name, fileName } of ports) {
    if (!taken.has(name)) reading.note(`input ${fileName} is left out: no output depends on it`);
  }
  return { graph, parameters, inputs, outputs, checks, extents, notes: [...notes], metadata: model.metadata };
}

/** What is no weight of a layer, nor a parameter by the word of `exportOnnx`. */
function tablesIn(graph: Graph, model: Model): readonly string[] {
  const noted = notedInitialisers(model);
  return findTables(graph).filter((name) => !Object.hasOwn(noted, name));
}

const shownNames = 5;
const shorten = (names: readonly string[]) =>
  names.slice(0, shownNames).join(', ') +
  (names.length > shownNames ? ` and ${names.length - shownNames} more` : '');

/** A refusal of an open extent says what the file calls the letters. */
function withNamesOf<T>(extents: Readonly<Record<string, string>>, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof NonetError) || error.hint !== fixingHint) throw error;
    const names = Object.entries(extents).map(([letter, name]) => `${letter} is ${JSON.stringify(name)}`);
    const { code, expected, found } = error;
    throw new NonetError({ code, expected, found, hint: `${fixingHint} ${names.join(', ')}.`, cause: error });
  }
}

/** Stands for an initialiser that is an output. */
const anonymous = (name: string): ModelNode => ({
  name,
  operator: 'initialiser',
  domain: '',
  inputs: [],
  outputs: [name],
  attributes: new Map(),
});

function noteConversions({ initialisers: tensors }: Model, note: (text: string) => void): void {
  for (const type of ['float64', 'float16', 'bfloat16'] as const) {
    const count = tensors.filter((tensor) => tensor.type === type).length;
    if (count === 0) continue;
    const how = type === 'float64' ? 'rounded' : 'widened';
    note(`${count} ${type} ${count === 1 ? 'initialiser was' : 'initialisers were'} ${how} to float32`);
  }
}

function noteType(note: (text: string) => void, what: string, name: string, type: ElementType): void {
  const held = dtypeOf(type) === 'f32' ? 'float32' : 'int32';
  if (type === 'string')
    note(`${what} ${name} holds texts in the file, and here their positions among known ones`);
  else if (type !== held) note(`${what} ${name} is ${type} in the file and ${held} here`);
}

/**
 * What is misuse in a program that builds a graph, or an index out of range while folding, is an
 * unsupported file here; the message says where. A file may also hold what no reading foresaw:
 * that is reported as an error of the file as well.
 */
function named<T>(where: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof NonetError)) {
      const found = cause instanceof Error ? cause.message.slice(0, 120) : String(cause);
      const parts = { code: 'onnx.malformed', expected: `something that can be read at ${where}`, found };
      throw new NonetError({ ...parts, cause });
    }
    if (cause.code.startsWith('onnx.')) throw cause;
    throw new NonetError({
      code: 'onnx.unsupported',
      expected: `${cause.expected} at ${where}`,
      found: cause.found,
      ...(cause.hint === undefined ? {} : { hint: cause.hint }),
      cause,
    });
  }
}
