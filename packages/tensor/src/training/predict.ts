/** What a classifier says of examples without labels. */
import { MisuseError } from '@nonet/core';
import type { Parameters } from '../files/parameters.ts';
import { type Graph, outputNamed } from '../graph/graph.ts';
import { createProgram } from '../run/execute.ts';
import { bind } from '../transform/bind.ts';

/** Examples of one run when nothing is learned from them. */
export const inferenceBatch = 128;

/** A classifier, and N examples. */
export interface PredictOptions {
  /** A classifier: input x (B, ...features), outputs probabilities (B,C) and label (B). */
  readonly graph: Graph;
  readonly parameters: Parameters;
  /** (N, ...features), row-major. */
  readonly features: Float32Array | Uint8Array;
}

/** What `predict` says of N examples and C classes. */
export interface PredictReturnType {
  /** (N,C) */
  readonly probabilities: Float32Array<ArrayBuffer>;
  /** (N), the most probable class of each. */
  readonly labels: Int32Array<ArrayBuffer>;
}

/**
 * Probabilities and labels of N examples. Throws `train.dataset` unless `features` holds a whole
 * number of examples, and `parameters.mismatch`.
 */
export async function predict({ graph, parameters, features }: PredictOptions): Promise<PredictReturnType> {
  const classes = graph.nodes[outputNamed(graph, 'probabilities')].shape[1] as number;
  const program = await createProgram(bind(graph, { B: inferenceBatch }));
  program.setParameters(parameters);
  const x = program.input('x');
  const width = x.length / inferenceBatch;
  const count = features.length / width;
  if (!Number.isInteger(count)) {
    throw new MisuseError({
      code: 'train.dataset',
      expected: `examples of ${width} features each`,
      found: `${features.length} features`,
    });
  }
  const probabilities = new Float32Array(count * classes);
  const labels = new Int32Array(count);
  for (let start = 0; start < count; start += inferenceBatch) {
    const rows = Math.min(inferenceBatch, count - start);
    x.fill(0).set(features.subarray(start * width, (start + rows) * width));
    const output = program.run();
    probabilities.set((output.probabilities as Float32Array).subarray(0, rows * classes), start * classes);
    labels.set(output.label.subarray(0, rows), start);
  }
  return { probabilities, labels };
}
