/**
 * The operators that an import reads: by domain and name, each from the operator set versions where
 * its meaning changed.
 */
import type { ModelNode } from './model.ts';
import { arithmeticOperators } from './operators/arithmetic.ts';
import { attentionOperators } from './operators/attention.ts';
import { constants } from './operators/constants.ts';
import { control } from './operators/control.ts';
import { elementwise } from './operators/elementwise.ts';
import { gathers } from './operators/gathers.ts';
import { linear } from './operators/linear.ts';
import { losses } from './operators/losses.ts';
import { ml } from './operators/ml.ts';
import { normalisation } from './operators/normalisation.ts';
import { pooling } from './operators/pooling.ts';
import { quantised, quantisedByRuntime } from './operators/quantised.ts';
import { recurrent } from './operators/recurrent.ts';
import { reductions } from './operators/reductions.ts';
import { refusalOf } from './operators/refusals.ts';
import { resizing } from './operators/resize.ts';
import { scatters } from './operators/scatters.ts';
import { shapes } from './operators/shapes.ts';
import { slices } from './operators/slices.ts';
import { sorting } from './operators/sorting.ts';
import { supportVectors } from './operators/supportVectors.ts';
import { trees } from './operators/trees.ts';
import { type Operators, operatorName, type Read, refuseNode } from './reading.ts';

/** By family, as docs/onnx.md lists them. */
export const operatorFamilies: Readonly<Record<string, Operators>> = {
  'One tensor, element by element': elementwise,
  'Several tensors, element by element': arithmeticOperators,
  'Shapes and order': shapes,
  'Parts and padding': slices,
  'Reading at positions': gathers,
  'Writing at positions': scatters,
  Sorting: sorting,
  'Constants and casts': constants,
  'Matrices and convolutions': linear,
  Pools: pooling,
  'Resizing of images': resizing,
  'Reductions and softmax': reductions,
  Normalisation: normalisation,
  Attention: attentionOperators,
  'Recurrent layers': recurrent,
  Losses: losses,
  'Quantised arithmetic': quantised,
  'Quantised operators of ONNX Runtime (com.microsoft)': quantisedByRuntime,
  Branches: control,
  'Linear models, scalers and encoders (ai.onnx.ml)': ml,
  'Tree ensembles (ai.onnx.ml)': trees,
  'Support vector machines (ai.onnx.ml)': supportVectors,
};

const operators: Operators = Object.assign({}, ...Object.values(operatorFamilies)) as Operators;

/** The reading of a node's operator at an operator set version; throws `onnx.unsupported`. */
export function operatorNamed(node: ModelNode, opset: number): Read {
  const name = operatorName(node);
  const entry = Object.hasOwn(operators, name) ? operators[name] : undefined;
  const read = entry?.findLast(([since]) => since <= opset)?.[1];
  if (read !== undefined) return read;
  if (entry !== undefined) {
    return refuseNode(
      node,
      `operator set ${entry[0][0]} or newer`,
      `${opset}`,
      'Export at a newer operator set.',
    );
  }
  const refusal = refusalOf(name);
  return refuseNode(
    node,
    'an operator that the graph has',
    refusal === undefined ? name : `${name}: ${refusal.because}`,
    refusal?.hint,
  );
}
