/**
 * What a quantised classifier lost, and where (docs/specs/quantise.md §8): accuracy in f32 and in
 * integers, how often both say the same, and for each tensor the error that it carries and the part
 * of it that arose there.
 */
import { MisuseError } from '@nonet/core';
import type { Dataset } from '../datasets/dataset.ts';
import { copyNode, createBuilder } from '../graph/builder.ts';
import { type Graph, outputNamed, type TensorId } from '../graph/graph.ts';
import { elementCount } from '../graph/shape.ts';
import { createProgram } from '../run/execute.ts';
import type { OutputValue, Program } from '../run/program.ts';
import { assertExamples } from '../training/classifier.ts';
import { bind, unboundExtents } from '../transform/bind.ts';
import { probe } from './calibrate.ts';
import { reach } from './prepare.ts';
import type { QuantisationDetails, Quantised } from './quantise.ts';
import type { IntegerScale } from './targets.ts';

/** A quantised classifier with the output `logits`, and labelled examples. */
export interface MeasureOptions {
  readonly quantised: Quantised;
  readonly dataset: Dataset;
}

/** One tensor of a quantised model. */
export interface TensorReport extends IntegerScale {
  /** `dense0`, or the operator and the number of its node. */
  readonly name: string;
  /** Fraction of its elements whose number lies beyond the range of its integers. */
  readonly saturated: number;
  /** Root mean square of its error, as a fraction of that of the tensor in f32. */
  readonly error: number;
  /**
   * The same of what arose here: against f32 from the integers that this tensor is made of. Squares
   * of independent errors add up.
   */
  readonly ownError: number;
}

/** A quantised classifier against its model. */
export interface QuantisationReport {
  /** Number of examples. */
  readonly count: number;
  /** Fractions of them. */
  readonly floatAccuracy: number;
  readonly quantisedAccuracy: number;
  readonly agreement: number;
  /** floatAccuracy - quantisedAccuracy; below 0 where integers happen to do better. */
  readonly accuracyLost: number;
  /** In the order in which they are computed. */
  readonly tensors: readonly TensorReport[];
}

const batch = 32;

/** The graph for so many rows. */
const boundTo = (graph: Graph, rows: number): Graph =>
  bind(graph, Object.fromEntries(unboundExtents(graph).map((name) => [name, rows])));

/**
 * The model in f32, each tensor from the tensors before it that have integers: input `x` as the
 * model has it, `i` and a number for such a tensor; output `o` and its number.
 */
function cutModel({ prepared, tensors }: QuantisationDetails): Graph {
  const { nodes } = prepared;
  const cuts = new Map(tensors.map(({ float }, i) => [float, i]));
  const g = createBuilder();
  /** What nodes after it read. */
  const read: TensorId[] = [];
  const needed = reach(nodes, [...cuts.keys()]);
  for (const [id, node] of nodes.entries()) {
    if (!needed.has(id)) continue;
    const made = copyNode(g, node, (at) => read[at]);
    const cut = cuts.get(id);
    read[id] = cut === undefined ? made : g.input(`i${cut}`, 'f32', node.shape);
    if (cut !== undefined) g.output(`o${cut}`, made);
  }
  return g.finish();
}

/** The first of the largest. */
function largest(row: OutputValue): number {
  let best = 0;
  for (const [i, value] of row.entries()) if (value > row[best]) best = i;
  return best;
}

/** Sums over the elements of one tensor. */
interface Sums {
  elements: number;
  squares: number;
  errors: number;
  ownErrors: number;
  saturated: number;
}

/**
 * Runs a quantised classifier beside its model. Throws `quantise.measure` unless it has the output
 * `logits` and one input, which examples fit, and `train.dataset` for an empty dataset.
 */
export async function measureQuantised({ quantised, dataset }: MeasureOptions): Promise<QuantisationReport> {
  const { details, encoder } = quantised;
  const { prepared, entries, tensors } = details;
  const logits = prepared.outputs.find(({ name }) => name === 'logits')?.tensor;
  const [input] = entries.keys();
  const { features, labels, shape, vocabulary } = dataset;
  const width = elementCount(shape);
  assertExamples(labels.length);
  if (logits === undefined || entries.size !== 1)
    throw unmeasurable('a classifier with one input and the output logits');
  outputNamed(quantised.graph, 'logits');
  const wanted = [...new Set([...tensors.map(({ float }) => float), logits])];
  const programs = await Promise.all(
    [probe(prepared, wanted), encoder, details.probe, cutModel(details)].map((graph) =>
      createProgram(boundTo(graph, batch)),
    ),
  );
  const [float, encode, integers, cut] = programs;
  if (float.input(input).length !== batch * width || !fitsLabels(integers, vocabulary.length)) {
    throw unmeasurable(`examples of [${shape.join(',')}] with ${vocabulary.length} labels`);
  }
  const sums = tensors.map((): Sums => ({ elements: 0, squares: 0, errors: 0, ownErrors: 0, saturated: 0 }));
  const right = { float: 0, quantised: 0, both: 0 };
  const x = new Float32Array(batch * width);
  for (let start = 0; start < labels.length; start += batch) {
    const count = Math.min(batch, labels.length - start);
    x.fill(0).set(features.subarray(start * width, (start + count) * width));
    const inFloat = float.run({ [input]: x });
    const inIntegers = integers.run(encode.run({ [input]: x }));
    const dequantised = tensors.map(({ scale }, i) =>
      Float32Array.from(inIntegers[`t${i}`], (value) => value * scale),
    );
    const inputs = Object.fromEntries(dequantised.map((values, i) => [`i${i}`, values] as const));
    const again = cut.run({ ...pick(cut, inputs), ...pick(cut, { [input]: x }) });
    for (const [i, tensor] of tensors.entries()) {
      const used = (dequantised[i].length / batch) * count;
      addErrors(sums[i], tensor, dequantised[i], inFloat[`t${tensor.float}`], again[`o${i}`], used);
    }
    const classes = inIntegers.logits.length / batch;
    for (let row = 0; row < count; row++) {
      const [a, b] = [inFloat[`t${logits}`], inIntegers.logits].map((values) =>
        largest(values.subarray(row * classes, (row + 1) * classes) as OutputValue),
      );
      const truth = labels[start + row];
      right.float += a === truth ? 1 : 0;
      right.quantised += b === truth ? 1 : 0;
      right.both += a === b ? 1 : 0;
    }
  }
  const count = labels.length;
  return {
    count,
    floatAccuracy: right.float / count,
    quantisedAccuracy: right.quantised / count,
    agreement: right.both / count,
    accuracyLost: (right.float - right.quantised) / count,
    tensors: tensors.map(({ name, scale, low, high }, i) => {
      const { elements, squares, errors, ownErrors, saturated } = sums[i];
      const fraction = (of: number) => (squares === 0 ? 0 : Math.sqrt(of / squares));
      return {
        name,
        scale,
        low,
        high,
        saturated: saturated / elements,
        error: fraction(errors),
        ownError: fraction(ownErrors),
      };
    }),
  };
}

/** The inputs that a program has. */
function pick(program: Program, values: Readonly<Record<string, Float32Array>>) {
  const names = new Set(program.graph.nodes.flatMap((node) => (node.kind === 'input' ? [node.name] : [])));
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.has(name)));
}

const fitsLabels = ({ graph }: Program, classes: number) =>
  graph.nodes[outputNamed(graph, 'logits')].shape.at(-1) === classes;

function unmeasurable(expected: string): MisuseError {
  return new MisuseError({
    code: 'quantise.measure',
    expected,
    found: 'another model, or data of another one',
    hint: 'Measure a classifier on examples of the data that it was trained for.',
  });
}

function addErrors(
  sums: Sums,
  { scale, low, high }: IntegerScale,
  dequantised: Float32Array,
  float: OutputValue,
  again: OutputValue,
  count: number,
): void {
  for (let e = 0; e < count; e++) {
    sums.squares += float[e] ** 2;
    sums.errors += (dequantised[e] - float[e]) ** 2;
    sums.ownErrors += (dequantised[e] - again[e]) ** 2;
    if (float[e] > (high + 0.5) * scale || float[e] < (low - 0.5) * scale) sums.saturated++;
  }
  sums.elements += count;
}
