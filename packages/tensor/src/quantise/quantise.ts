/**
 * Post-training quantisation (docs/specs/quantise.md): from a model in f32 and rows of data to a
 * graph of integers, graph -> graph. Activations and weights have 8 bits, sums 32; a sum becomes an
 * activation by a shift, to whose power of two the scales of weights are chosen, channel by channel.
 * What is neither a sum nor a clamp is a table.
 *
 * The same model, parameters and rows give the same graph everywhere: minima and maxima are those of
 * exact runs, and what is computed from them are sums, products, quotients and roundings of
 * binary64.
 */
import { type Address, addressOf } from '@nonet/core';
import { encodeCanonical } from '@nonet/core/codec';
import { encodeParameters } from '../files/parameters.ts';
import { graphAddress } from '../graph/encode.ts';
import type { Graph, TensorId } from '../graph/graph.ts';
import { assertNoWrap, babyBearLimit } from '../graph/ranges.ts';
import type { ParameterisedGraph } from '../transform/fix.ts';
import { countRows, findExtremes, type Rows } from './calibrate.ts';
import { emitIntegers, type QuantisedTensor } from './emit.ts';
import { type Entries, findEntries, makeEncoder } from './encoder.ts';
import { planQuantisation } from './plan.ts';
import { type Prepared, prepareModel } from './prepare.ts';
import { createTargets, type IntegerScale, wholeInputs } from './targets.ts';

/** A model, rows to calibrate it with, and what of it to keep. */
export interface QuantiseOptions extends ParameterisedGraph {
  /** The data of calibration: some hundred rows like those that the model will meet. */
  readonly rows: Rows;
  /** Outputs to keep; all, but for softmaxes over others, if left out. */
  readonly outputs?: readonly string[];
}

/** What a quantised model was made from: content addresses. */
export interface Parents {
  /** Of the graph in f32. */
  readonly model: Address;
  /** Of its parameters, as a canonical safetensors file. */
  readonly parameters: Address;
  /** Of the rows of calibration: CBOR of [[name, bytes], ...], f32 little-endian. */
  readonly rows: Address;
}

/** A quantised model. */
export interface Quantised {
  /** Integers in, integers out. Weights are constants, so its address names all of the model. */
  readonly graph: Graph;
  /**
   * From the inputs of the model, f32, to those of `graph`, i32: what the model does first with each
   * input, such as standardising, then its rounding.
   */
  readonly encoder: Graph;
  /** Of the outputs that were f32; positions, such as labels, are themselves. */
  readonly scales: Readonly<Record<string, IntegerScale>>;
  readonly parents: Parents;
  /** What `measureQuantised` looks into. */
  readonly details: QuantisationDetails;
}

/** The steps of a quantisation, for reports. */
export interface QuantisationDetails {
  /** The model in primitives. */
  readonly prepared: Prepared;
  /** Tensors of it that come in as integers, by input. */
  readonly entries: Entries;
  /** Tensors of it that have integers of their own, in order. */
  readonly tensors: readonly QuantisedTensor[];
  /** `graph` with the integers of tensor i as the output `t` and i, as well. */
  readonly probe: Graph;
}

/**
 * Quantises a model. Throws `quantise.unsupported` with node, operator and what to do where a part
 * of it has no integers, `ranges.wrap` where sums could leave the field BabyBear, `quantise.rows`
 * and `quantise.notFinite` for rows that do not fit, `graph.noOutput` and `parameters.mismatch`.
 *
 *     const { graph, encoder } = await quantise({ ...trained, rows: { x: some.features } });
 *     const { x } = (await createProgram(bind(encoder, { B: 1 }))).run({ x: image });
 *     const { label } = (await createProgram(bind(graph, { B: 1 }))).run({ x });
 */
export async function quantise({ graph, parameters, rows, outputs }: QuantiseOptions): Promise<Quantised> {
  countRows(graph, rows);
  const prepared = await prepareModel({ graph, parameters }, outputs);
  const entries = findEntries(prepared);
  const plan = planQuantisation(prepared, new Set(entries.values()));
  const extremes = await findExtremes(prepared, calibrated(prepared, entries), rows);
  const targets = createTargets(prepared, plan, extremes, wholeInputs(prepared, entries, rows));
  const { integers, probe, tensors, scales } = await emitIntegers(prepared, plan, entries, targets);
  assertNoWrap(integers, babyBearLimit);
  return {
    graph: integers,
    encoder: makeEncoder(prepared, entries, targets),
    scales,
    parents: {
      model: graphAddress(graph),
      parameters: addressOf(encodeParameters(parameters)),
      rows: addressOf(encodeRows(rows)),
    },
    details: { prepared, entries, tensors, probe },
  };
}

function encodeRows(rows: Rows): Uint8Array<ArrayBuffer> {
  const named = Object.entries(rows).sort(([a], [b]) => (a < b ? -1 : 1));
  return encodeCanonical(
    named.map(([name, values]) => [name, new Uint8Array(Float32Array.from(values).buffer)]),
  );
}

/** The tensors whose extremes are wanted: of f32, that are not only other ones moved about. */
function calibrated({ nodes, isData, users, outputs }: Prepared, entries: Entries): readonly TensorId[] {
  const kept = new Set(outputs.map(({ tensor }) => tensor));
  const inside = new Set(entries.values());
  return [...nodes.keys()].filter((id) => {
    const { kind, dtype } = nodes[id];
    const isUsed = users[id].length > 0 || kept.has(id);
    const isMoved = kind === 'pad' || kind === 'view';
    return isData[id] && isUsed && dtype === 'f32' && (!isMoved || inside.has(id));
  });
}
