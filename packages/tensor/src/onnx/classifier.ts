/**
 * A file as a classifier, in the form that `mlp` gives and `predict` takes: one input `x`
 * f32[B,...], the outputs `logits` f32[B,C], `probabilities` f32[B,C] and `label` i32[B]. The
 * logits are what a softmax among the file's outputs reads, or else its only matrix of scores.
 */
import { NonetError } from '@nonet/core';
import { copyNode, createBuilder } from '../graph/builder.ts';
import type { Graph, Node, TensorId } from '../graph/graph.ts';
import { argmax, softmax } from '../graph/operations/reductions.ts';
import { type ImportOnnxOptions, type ImportOnnxReturnType, importOnnx } from './import.ts';

function refuse(expected: string, found: string, hint?: string): never {
  throw new NonetError({
    code: 'onnx.unsupported',
    expected,
    found,
    ...(hint === undefined ? {} : { hint }),
  });
}

const isScores = ({ dtype, shape }: Node) => dtype === 'f32' && shape.length === 2;

/** Through views and copies that change nothing, the tensor that an output shows. */
function logitsOf({ nodes, outputs }: Graph): TensorId {
  for (const { tensor } of outputs) {
    const node = nodes[tensor];
    if (node.kind === 'softmax' && isScores(node)) return node.operands[0];
  }
  const matrices = outputs.filter(({ tensor }) => isScores(nodes[tensor]));
  const [only] = matrices;
  if (matrices.length === 1 && only !== undefined) return only.tensor;
  return refuse('one output of scores f32[B,C], or a softmax over them', `${matrices.length} of them`);
}

/**
 * Reads an ONNX file as a classifier. Throws what `importOnnx` throws, and `onnx.unsupported` on
 * other kinds of model.
 */
export function importClassifier(
  bytes: Uint8Array,
  options: Pick<ImportOnnxOptions, 'fixed'> = {},
): ImportOnnxReturnType {
  const imported = importOnnx(bytes, options);
  const { graph } = imported;
  const inputs = graph.nodes.filter((node) => node.kind === 'input');
  const [input] = inputs;
  if (input === undefined || inputs.length !== 1 || input.dtype !== 'f32' || input.shape.length < 2) {
    return refuse('a classifier with one input f32[B,...]', `${inputs.length} inputs`);
  }
  if (input.shape.filter((extent) => typeof extent === 'string').length !== 1 || input.shape[0] !== 'B') {
    return refuse(
      'a named batch as the first axis of the input and numbers as the others',
      `[${input.shape.join(',')}]`,
      'Export with a dynamic batch: dynamic_axes={"input": {0: "batch"}}.',
    );
  }
  const [check] = imported.checks;
  if (check !== undefined) {
    return refuse('a model with an answer for every row', `rows without one: ${check.because}`);
  }
  const g = createBuilder();
  for (const node of graph.nodes) {
    copyNode(g, node.kind === 'input' ? { ...node, name: 'x' } : node, (id) => id);
  }
  const logits = logitsOf(graph);
  const known = (kind: 'softmax' | 'argmax') => {
    const found = graph.nodes.findIndex((node) => node.kind === kind && node.operands[0] === logits);
    return found < 0 ? undefined : found;
  };
  g.output('logits', logits);
  g.output('probabilities', known('softmax') ?? softmax(g, logits));
  g.output('label', known('argmax') ?? argmax(g, logits));
  return { ...imported, graph: g.finish() };
}
