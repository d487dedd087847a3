/**
 * One participant's part in a noised gradient step: a secret Poisson sample of its records, each
 * gradient clipped by itself, their sum as integers. docs/specs/dp.md §12.3. The noise is added by
 * the trainers that use it. Time does not depend on what was drawn: a static batch is filled up
 * with examples that weigh nothing.
 */
import { MisuseError, NonetError } from '@nonet/core';
import { drawPoissonSample, examplesAtOnce, type SecretWords } from '@nonet/privacy/dp';
import {
  arrangeParameters,
  attachExampleLosses,
  bind,
  createProgram,
  type Dataset,
  decodeParameters,
  decodeSafetensors,
  encodeSafetensors,
  exampleInputs,
  fillBatch,
  type Graph,
  leavesOf,
  type Parameters,
  type Program,
  parameterCount,
  runningStatistics,
} from '@nonet/tensor';
import { clippedGradientSum } from '@nonet/tensor/exampleGradients';

/** What of the parameters of `privacy.dp` the sum depends on. */
export interface SampledSumParameters {
  readonly clippingNorm: number;
  readonly scale: number;
  readonly samplingRate: number;
  readonly maximumBatch: number;
  readonly maximumRecords: number;
}

/** The sum of one sample, in grid steps, without noise: nothing that may leave the site. */
export interface SampledSum {
  /** In the order of the model's file: parameters by name. */
  readonly entries: Int32Array<ArrayBuffer>;
  /** Examples that added nothing because their gradient was not finite. */
  readonly notFinite: number;
  /** Whether the sample was cut to the batch. */
  readonly truncated: boolean;
}

/**
 * The step of a job whose records are protected: the clipped sum of `examplesAtOnce` gradients.
 * Throws `privacy.batchNorm` where the statistics of a batch let examples influence one another,
 * `privacy.dropout`, and `exampleGradients.unsupported` with the operation that mixes examples.
 */
export function deriveClippedStep(graph: Graph, clippingNorm: number): Graph {
  const [statistic] = runningStatistics(graph);
  if (statistic !== undefined) {
    throw new MisuseError({
      code: 'privacy.batchNorm',
      expected: 'a model whose examples do not influence one another in training',
      found: `${statistic.name}, which batch normalisation takes from the whole batch`,
      hint: 'Use layerNorm, or standardise by constants; or protect participants instead of records.',
    });
  }
  if (graph.nodes.some(({ kind }) => kind === 'dropout')) {
    throw new MisuseError({
      code: 'privacy.dropout',
      expected: 'a model without dropout: gradients are taken of the model as it predicts',
      found: 'dropout',
      hint: 'Leave it out; the noise keeps a model from learning its examples by heart.',
    });
  }
  const sum = clippedGradientSum(attachExampleLosses(graph), { clippingNorm, rigorous: true });
  return bind(sum, { B: examplesAtOnce });
}

/** The parameters of a model's file, without the state of a server step. Throws `parameters.mismatch`. */
export function parametersOfFile(graph: Graph, model: Uint8Array): Parameters {
  const names = new Set(leavesOf(graph, 'parameter').map(({ name }) => name));
  const { tensors } = decodeSafetensors(model);
  return decodeParameters(graph, encodeSafetensors(tensors.filter(({ name }) => names.has(name))));
}

/**
 * A sum that is compiled once, for many steps. Throws `privacy.records` where the dataset has more
 * records than the batch is planned for, and what `deriveClippedStep` throws.
 */
export async function createSampledSum(
  graph: Graph,
  dataset: Dataset,
  parameters: SampledSumParameters,
  words: SecretWords,
): Promise<(model: Parameters) => SampledSum> {
  const { clippingNorm, scale, samplingRate, maximumBatch, maximumRecords } = parameters;
  const records = dataset.labels.length;
  if (records > maximumRecords) {
    throw new NonetError({
      code: 'privacy.records',
      expected: `at most ${maximumRecords} records, for which this job's batches are planned`,
      found: `${records}`,
      hint: 'Take part with some of them, or ask for a job with larger batches.',
    });
  }
  const program = await createProgram(deriveClippedStep(graph, clippingNorm));
  const names = leavesOf(program.graph, 'parameter').map(({ name }) => name);
  // As in the file: a string comparison by code units, which names of parameters are.
  const ordered = names.toSorted((a, b) => (a < b ? -1 : 1));
  return (model) => {
    program.setParameters(arrangeParameters(program.graph, model));
    const sum = new Int32Array(parameterCount(graph));
    const { indices, truncated } = drawPoissonSample(records, samplingRate, maximumBatch, words);
    const isUsable = runChunk(program, dataset, []).norms.every(Number.isFinite);
    let notFinite = 0;
    for (let start = 0; start < maximumBatch; start += examplesAtOnce) {
      const chunk = indices.subarray(start, start + examplesAtOnce);
      const found = runFinite(program, dataset, chunk);
      // A model that yields no number for an example of zeros would turn padding into NaN.
      if (isUsable)
        addRounded(
          sum,
          ordered.map((name) => found.outputs[`d ${name}`]!),
          scale,
        );
      notFinite += isUsable ? found.notFinite : chunk.length;
    }
    indices.fill(0);
    return { entries: sum, notFinite, truncated };
  };
}

type Outputs = ReturnType<Program['run']>;

function runChunk(program: Program, dataset: Dataset, indices: ArrayLike<number>) {
  fillBatch(exampleInputs(program), dataset, indices);
  const outputs = program.run();
  return { outputs, norms: outputs.norms! };
}

/** One run; where norms are not finite, one more without those examples. */
function runFinite(
  program: Program,
  dataset: Dataset,
  chunk: Uint32Array,
): { readonly outputs: Outputs; readonly notFinite: number } {
  const { outputs, norms } = runChunk(program, dataset, chunk);
  const fine = chunk.filter((_, row) => Number.isFinite(norms[row]));
  if (fine.length === chunk.length) return { outputs, notFinite: 0 };
  return {
    outputs: runChunk(program, dataset, fine).outputs,
    notFinite: chunk.length - fine.length,
  };
}

/** Adds round(scale g) of each entry: exact in f64, since the scale is a power of two. */
function addRounded(sum: Int32Array, gradients: readonly (Float32Array | Int32Array)[], scale: number): void {
  let offset = 0;
  for (const gradient of gradients) {
    for (let i = 0; i < gradient.length; i++) sum[offset + i]! += Math.round(gradient[i]! * scale);
    offset += gradient.length;
  }
}
