/** The outputs that every classifier has. */
import type { Builder } from '../graph/builder.ts';
import type { TensorId } from '../graph/graph.ts';
import { argmax, softmax } from '../graph/operations/reductions.ts';

/** Logits (...,C), their softmax (...,C), and the class of the largest (...). */
export const addPredictions = (g: Builder, logits: TensorId) => ({
  logits,
  probabilities: softmax(g, logits),
  label: argmax(g, logits),
});
