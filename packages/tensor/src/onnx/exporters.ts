/**
 * What each operation becomes in ONNX at opset 17: one operator where there is one, else the steps
 * of its lowering in the same order, so that a file that is imported again gives the same bits.
 * What has no counterpart is listed with its reason.
 */
import { floatBits, floatOfBits } from '../graph/expression.ts';
import type { OperationNode, PrimitiveNode } from '../graph/graph.ts';
import type { OperationKind } from '../graph/operations.ts';
import type { PrimitiveKind } from '../graph/primitives.ts';
import { type Extent, equalShapes, type Shape } from '../graph/shape.ts';
import type { Attributes, WrittenType } from './write.ts';

/** The file under construction, seen from one operation. */
export interface Writing {
  /**
   * Names of the operands, as ONNX types of the graph's dtypes: positions and truths are cast to
   * int32 first.
   */
  readonly operands: readonly string[];
  readonly shapes: readonly Shape[];
  readonly out: Shape;
  /** Operand i in the type that ONNX gave it, or cast to the type wanted. */
  operand(i: number, type?: WrittenType): string;
  typeOf(i: number): WrittenType;
  /** Adds a node and names what it makes. */
  step(operator: string, inputs: readonly string[], attributes?: Attributes): string;
  /** Adds the node that makes the operation's own tensor. */
  finish(operator: string, inputs: readonly string[], attributes?: Attributes, type?: WrittenType): void;
  /** A constant f32 scalar. */
  number(value: number): string;
  /** A constant list of int64. */
  list(values: readonly number[]): string;
  /** A constant bool matrix; its function says whether (row, column) is true. */
  truths(rows: number, columns: number, of: (row: number, column: number) => boolean): string;
  refuse(found: string): never;
}

type Exporter<N> = (w: Writing, node: N) => void;
type Exporters = { readonly [K in OperationKind]: Exporter<Extract<OperationNode, { kind: K }>> | string };

const plain =
  (operator: string): Exporter<OperationNode> =>
  (w) =>
    w.finish(operator, w.operands);

const compares =
  (operator: string): Exporter<OperationNode> =>
  (w) =>
    w.finish(operator, w.operands, {}, 'bool');

/** Truths combined; integers bit by bit came with opset 18. */
const combines =
  (operator: string): Exporter<OperationNode> =>
  (w) => {
    if (w.typeOf(0) !== 'bool' || w.typeOf(1) !== 'bool') w.refuse(`${operator} of integers bit by bit`);
    w.finish(operator, [w.operand(0, 'bool'), w.operand(1, 'bool')], {}, 'bool');
  };

const reduces =
  (operator: string): Exporter<Extract<OperationNode, { kind: 'mean' | 'max' | 'min' }>> =>
  (w, { axes, keep }) =>
    w.finish(operator, w.operands, { axes, keepdims: keep ? 1 : 0 });

const positions =
  (operator: string): Exporter<Extract<OperationNode, { kind: 'argmaxAlong' | 'argmin' }>> =>
  (w, { axis, keep }) =>
    w.finish(operator, w.operands, { axis, keepdims: keep ? 1 : 0 }, 'i64');

/** x/2 (1 + f) */
function gate(w: Writing, f: string): void {
  const half = w.step('Mul', [w.number(0.5), w.operands[0]]);
  w.finish('Mul', [half, w.step('Add', [w.number(1), f])]);
}

const loss = 'a loss: ONNX has none with weights of examples';

const ends = [0, 0];

/** How each readable operation is written, or why it is not. */
export const exporters: Exporters = {
  dense(w) {
    const [x, weight, bias] = w.operands;
    if (w.shapes[0].length === 2) w.finish('Gemm', [x, weight, bias]);
    else w.finish('Add', [w.step('MatMul', [x, weight]), bias]);
  },
  matmul: plain('MatMul'),
  conv2d(w, { stride, padding, dilation, groups }) {
    const kernel = w.shapes[1].slice(2) as readonly number[];
    const window = { kernel_shape: kernel, strides: stride, pads: padding, dilations: dilation };
    w.finish('Conv', w.operands, { ...window, group: groups });
  },
  convTranspose2d(w, { stride, padding, dilation, groups, outputPadding }) {
    const kernel = w.shapes[1].slice(2) as readonly number[];
    const window = { kernel_shape: kernel, strides: stride, pads: padding, dilations: dilation };
    w.finish('ConvTranspose', w.operands, { ...window, group: groups, output_padding: outputPadding });
  },
  maxPool: (w, { kernel, stride, padding, dilation }) =>
    w.finish('MaxPool', w.operands, {
      kernel_shape: kernel,
      strides: stride,
      pads: padding,
      dilations: dilation,
    }),
  averagePool: (w, { kernel, stride, padding, countPadding }) =>
    w.finish('AveragePool', w.operands, {
      kernel_shape: kernel,
      strides: stride,
      pads: padding,
      count_include_pad: countPadding ? 1 : 0,
    }),
  standardise: (w) => w.finish('Div', [w.step('Sub', w.operands.slice(0, 2)), w.operands[2]]),
  layerNorm: (w, { epsilon }) =>
    w.finish('LayerNormalization', w.operands, { axis: -w.shapes[1].length, epsilon: { float: epsilon } }),
  rmsNorm(w, { epsilon }) {
    const [x, scale] = w.operands;
    const rank = w.shapes[0].length;
    const axes = Array.from({ length: w.shapes[1].length }, (_, i) => rank - w.shapes[1].length + i);
    const mean = w.step('ReduceMean', [w.step('Mul', [x, x])], { axes, keepdims: 1 });
    const root = w.step('Sqrt', [w.step('Add', [mean, w.number(epsilon)])]);
    w.finish('Mul', [w.step('Mul', [x, w.step('Reciprocal', [root])]), scale]);
  },
  batchNorm(w, { epsilon, momentum }) {
    const [x, mean, variance, scale, shift] = w.operands;
    // ONNX keeps this fraction of the old statistics, the graph moves by the rest.
    const kept = { float: 1 - momentum };
    w.finish('BatchNormalization', [x, scale, shift, mean, variance], {
      epsilon: { float: epsilon },
      momentum: kept,
    });
  },
  attention(w, { heads, causal }) {
    const [query, key, value, mask] = w.operands;
    const [, [, keys], [, , depth]] = w.shapes;
    const width = (w.shapes[0][2] as number) / heads;
    const split = (x: string, size: number, axes: readonly number[]) =>
      w.step('Transpose', [w.step('Reshape', [x, w.list([...ends, heads, size])])], { perm: axes });
    const q = split(query, width, [0, 2, 1, 3]);
    const k = split(key, width, [0, 2, 3, 1]);
    const v = split(value, (depth as number) / heads, [0, 2, 1, 3]);
    let scores = w.step('Mul', [w.step('MatMul', [q, k]), w.number(1 / Math.sqrt(width))]);
    const hidden = w.number(-1e30);
    if (causal) {
      const queries = w.shapes[0][1] as number;
      const ahead = (keys as number) - queries;
      const later = w.truths(queries, keys as number, (row, column) => row + ahead < column);
      scores = w.step('Where', [later, hidden, scores]);
    }
    if (mask !== undefined) {
      const row = w.step('Unsqueeze', [mask, w.list([1, 2])]);
      scores = w.step('Where', [w.step('Equal', [row, w.number(0)]), hidden, scores]);
    }
    const mixed = w.step('MatMul', [w.step('Softmax', [scores], { axis: -1 }), v]);
    const joined = w.step('Transpose', [mixed], { perm: [0, 2, 1, 3] });
    w.finish('Reshape', [joined, w.list([...ends, depth as number])]);
  },
  relu: plain('Relu'),
  silu: (w) => w.finish('Mul', [w.operands[0], w.step('Sigmoid', w.operands)]),
  sigmoid: plain('Sigmoid'),
  softplus: plain('Softplus'),
  tanh: plain('Tanh'),
  exp: plain('Exp'),
  log: plain('Log'),
  sqrt: plain('Sqrt'),
  erf: plain('Erf'),
  abs: plain('Abs'),
  neg: plain('Neg'),
  reciprocal: plain('Reciprocal'),
  leakyRelu: (w, { slope }) => w.finish('LeakyRelu', w.operands, { alpha: { float: slope } }),
  elu: (w, { alpha }) => w.finish('Elu', w.operands, { alpha: { float: alpha } }),
  gelu(w, { approximation }) {
    const [x] = w.operands;
    if (approximation === 'erf') {
      gate(w, w.step('Erf', [w.step('Mul', [x, w.number(Math.SQRT1_2)])]));
      return;
    }
    const cube = w.step('Mul', [w.step('Mul', [x, x]), x]);
    const inner = w.step('Add', [x, w.step('Mul', [w.number(0.044715), cube])]);
    gate(w, w.step('Tanh', [w.step('Mul', [w.number(Math.sqrt(2 / Math.PI)), inner])]));
  },
  clip(w, { low, high }) {
    const bounds = [low === Number.NEGATIVE_INFINITY ? '' : w.number(low)];
    if (high !== Number.POSITIVE_INFINITY) bounds.push(w.number(high));
    w.finish('Clip', [...w.operands, ...bounds]);
  },
  power: (w, { exponent }) => w.finish('Pow', [...w.operands, w.number(exponent)]),
  cast: (w, { to }) => w.finish('Cast', [w.operand(0, w.typeOf(0))], { to: to === 'f32' ? 1 : 6 }),
  add: plain('Add'),
  sub: plain('Sub'),
  mul: plain('Mul'),
  div: plain('Div'),
  maximum: plain('Max'),
  minimum: plain('Min'),
  equal: compares('Equal'),
  less: compares('Less'),
  greater: compares('Greater'),
  lessOrEqual: compares('LessOrEqual'),
  greaterOrEqual: compares('GreaterOrEqual'),
  and: combines('And'),
  or: combines('Or'),
  xor: combines('Xor'),
  not: (w) => w.finish('Not', [w.operand(0, 'bool')], {}, 'bool'),
  where: (w) => w.finish('Where', [w.operand(0, 'bool'), w.operands[1], w.operands[2]]),
  broadcast(w, { to }) {
    const [shape] = w.shapes;
    const target = to.map((extent, axis) => {
      if (typeof extent === 'number') return extent;
      // Expand keeps the larger of two extents; a named one must be there already.
      const own = shape[axis - to.length + shape.length];
      return own === extent ? 1 : w.refuse(`a tensor repeated along the named extent ${extent}`);
    });
    w.finish('Expand', [...w.operands, w.list(target)]);
  },
  sum: (w, { axes, keep }) =>
    w.finish('ReduceSum', [...w.operands, w.list(axes)], { keepdims: keep ? 1 : 0 }),
  mean: reduces('ReduceMean'),
  max: reduces('ReduceMax'),
  min: reduces('ReduceMin'),
  argmaxAlong: positions('ArgMax'),
  argmin: positions('ArgMin'),
  argmax: (w) => w.finish('ArgMax', w.operands, { axis: -1, keepdims: 0 }, 'i64'),
  softmax: (w) => w.finish('Softmax', w.operands, { axis: -1 }),
  softmaxAlong: (w, { axis }) => w.finish('Softmax', w.operands, { axis }),
  logSoftmax: (w, { axis }) => w.finish('LogSoftmax', w.operands, { axis }),
  flatten: (w) => w.finish('Flatten', w.operands, { axis: 1 }),
  transpose: (w, { axes }) => w.finish('Transpose', w.operands, { perm: axes }),
  slice(w, { starts, counts, steps }) {
    const axes = counts.flatMap((count, axis) => (count === 0 ? [] : [axis]));
    // Below zero an end would count from the end of the axis: far below is before its start.
    const last = axes.map((axis) => starts[axis] + steps[axis] * counts[axis]);
    const stops = last.map((end) => (end < 0 ? -(2 ** 31) : end));
    const lists = [axes.map((axis) => starts[axis]), stops, axes, axes.map((axis) => steps[axis])];
    w.finish('Slice', [...w.operands, ...lists.map((values) => w.list(values))]);
  },
  crossEntropy: loss,
  exampleCrossEntropy: loss,
  binaryCrossEntropy: loss,
  meanSquaredError: loss,
  huber: loss,
  dropout: plain('Identity'),
  randomDropout: 'the random form of dropout: a model is exported for inference',
};

/** A reshape keeps named extents by copying them (0), or takes the only one that is left (-1). */
function reshapeTarget(w: Writing): readonly number[] {
  const [shape] = w.shapes;
  const open = w.out.filter((extent, axis) => typeof extent === 'string' && shape[axis] !== extent);
  if (open.length > 1) return w.refuse(`a reshape that moves the named extents ${open.join(' and ')}`);
  return w.out.map((extent: Extent, axis) => {
    if (typeof extent === 'number') return extent;
    return shape[axis] === extent ? 0 : -1;
  });
}

/** Primitives that models are written in as they are. */
export const primitiveExporters: {
  readonly [K in PrimitiveKind]?: Exporter<Extract<PrimitiveNode, { kind: K }>>;
} = {
  reshape(w) {
    if (equalShapes(w.shapes[0], w.out)) w.finish('Identity', w.operands);
    else w.finish('Reshape', [...w.operands, w.list(reshapeTarget(w))]);
  },
  concat: (w, { axis }) => w.finish('Concat', w.operands, { axis }),
  gather: (w, { axis }) => w.finish('Gather', w.operands, { axis }),
  pad(w, { low, high, interior, valueBits, dtype }) {
    if (interior.some((gap) => gap > 0)) w.refuse('padding between elements');
    if (dtype === 'i32' && valueBits !== 0) w.refuse('integers padded with other values than 0');
    const value = dtype === 'f32' && valueBits !== floatBits(0) ? [w.number(floatOfBits(valueBits))] : [];
    w.finish('Pad', [...w.operands, w.list([...low, ...high]), ...value]);
  },
};
