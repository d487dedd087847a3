/**
 * From a model in f32 to one that can be proven: quantised (docs/specs/quantise.md), compiled, and
 * sized. All who have the model, its parameters and the rows of calibration get the same model, and
 * so the same modelId.
 */
import type { Address } from '@nonet/core';
import { bind, createProgram, type Graph, leavesOf, type Parameters, unboundExtents } from '@nonet/tensor';
import { type Quantised, quantise, type Rows } from '@nonet/tensor/quantise';
import { commitColumns } from '../commitment/proveCommitment.ts';
import { createWorkspace } from '../hash/hashKernels.ts';
import { checkProgram } from './checkProgram.ts';
import { type CompiledProgram, compileProgram } from './compileProgram.ts';
import { analyseProgram, type Program } from './program.ts';
import { weightValues } from './proveWitness.ts';
import { registrationRelations } from './relations.ts';
import { relationLayouts } from './shape.ts';
import { modelIdOf } from './statement.ts';
import { withBatch } from './withBatch.ts';

/** A model in f32 with one input, and what of it is to be proven. */
export interface IntegerModelOptions {
  readonly graph: Graph;
  readonly parameters: Parameters;
  /** Of calibration, by the name of the input. */
  readonly rows: Rows;
  /** The output: scores, one for each position. */
  readonly output: string;
  /** Whether a statement says all scores, or the position of the largest. */
  readonly answer: Program['output'];
  /** Rows of one proof; as many as can be proven, up to 256, if left out. */
  readonly maximumBatch?: number;
}

/** A model that can be proven. */
export interface IntegerModel extends CompiledProgram {
  readonly quantised: Quantised;
  /** What one unit of a score stands for. */
  readonly scale: number;
}

/**
 * Quantises and compiles a model, and compares both on a row. Throws what `quantise` throws,
 * `proof.unsupported`, `program.*` where the batch cannot be proven, and `proof.miscompiled`.
 */
export async function makeIntegerModel({
  graph,
  parameters,
  rows,
  output,
  answer,
  maximumBatch,
}: IntegerModelOptions): Promise<IntegerModel> {
  const quantised = await quantise({ graph, parameters, rows, outputs: [output] });
  const compiled = compileProgram({ graph: quantised.graph, output, maximumBatch: 1 });
  const { weights } = compiled;
  const program = withBatch({ ...compiled.program, output: answer }, maximumBatch);
  const asCompiled = { program: { ...program, output: compiled.program.output }, weights };
  await checkProgram({ compiled: asCompiled, graph: quantised.graph, output });
  return { program, weights, quantised, scale: quantised.scales[output].scale };
}

/** The modelId of a model, without registering it. Throws `program.*`. */
export function identifyModel({ program, weights }: CompiledProgram): Address {
  const workspace = createWorkspace();
  const ranges = analyseProgram(program);
  const [layout] = relationLayouts(registrationRelations(program, ranges));
  const columns = weightValues(program, ranges, weights);
  const { root } = commitColumns(
    workspace,
    layout,
    columns.map((values) => ({ kind: 'integers', values })),
  );
  return modelIdOf(program, root);
}

/** Rows that the encoder is bound to. */
const encodedTogether = 64;

/** The integers that a quantised model reads, for rows of the model's one input. */
export async function encodeInputs(
  { encoder }: Pick<Quantised, 'encoder'>,
  features: ArrayLike<number>,
): Promise<Int32Array<ArrayBuffer>> {
  const [{ name, shape }] = leavesOf(encoder, 'input');
  const width = shape.slice(1).reduce<number>((product, extent) => product * Number(extent), 1);
  const count = features.length / width;
  const batch = Math.min(encodedTogether, count);
  const program = await createProgram(
    bind(encoder, Object.fromEntries(unboundExtents(encoder).map((extent) => [extent, batch]))),
  );
  const memory = program.input(name);
  const integers = new Int32Array(features.length);
  const all = Float32Array.from(features);
  for (let start = 0; start < count; start += batch) {
    const rows = Math.min(batch, count - start);
    memory.fill(0).set(all.subarray(start * width, (start + rows) * width));
    const values = program.run()[name] as Int32Array;
    integers.set(values.subarray(0, rows * width), start * width);
  }
  return integers;
}
