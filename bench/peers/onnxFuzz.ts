/**
 * `node bench/peers/onnxFuzz.ts [MODELS] [SEED]`: models of one node, invented from a seed, in
 * ONNX Runtime and here on the same inputs: operators, operator sets, attributes, shapes, element
 * types, and values with NaN, infinities and zeros of both signs among them. 100,000 unless said
 * otherwise.
 *
 * Prints what agreed, what either refused, and each kind of difference with who is right
 * (onnxDifferences.ts); exits 1 on a difference that has no such line. Needs `npm run bench:peers`
 * once.
 */
import { createRandomStream, NonetError, type RandomStream } from '@nonet/core';
import { createProgram, type InputValue } from '@nonet/tensor';
import { importOnnx } from '@nonet/tensor/onnx';
import {
  type Attributes,
  listFields,
  tensorFields,
  writeModel,
} from '../../packages/tensor/src/onnx/write.ts';
import { explain } from './onnxDifferences.ts';

type Type = 'f32' | 'i32' | 'i64' | 'bool';

interface Tensor {
  readonly type: Type;
  readonly shape: readonly number[];
  readonly data: readonly number[];
  /** Known when the file is read: an initialiser. */
  readonly fixed?: boolean;
}

/** A model of one node. */
export interface Invented {
  readonly operator: string;
  readonly opset: number;
  readonly attributes: Attributes;
  readonly inputs: readonly (Tensor | undefined)[];
  readonly outputs: number;
}

type Draw = ReturnType<typeof createDraw>;

/** What inventing takes from a stream of random words. */
function createDraw(random: RandomStream) {
  const below = (n: number) => random.u32() % n;
  const between = (low: number, high: number) => low + below(high - low + 1);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;
  const chance = (p: number) => random.uniform() < p;
  const shape = (low = 1, high = 4, most = 4) =>
    Array.from({ length: between(low, high) }, () => between(1, most));
  const specials = [
    Number.NaN,
    Infinity,
    -Infinity,
    0,
    -0,
    1e-30,
    -1e-30,
    1e30,
    3e38,
    1,
    -1,
    0.5,
    -0.5,
    1.5,
    2.5,
  ];
  const float = (
    shape: readonly number[],
    mode = pick(['plain', 'plain', 'plain', 'whole', 'wide', 'special']),
  ): Tensor => {
    const value = () => {
      if (mode === 'whole') return between(-3, 3);
      if (mode === 'wide') return (random.uniform() - 0.5) * 10 ** between(-8, 8);
      if (mode === 'special' && chance(0.4)) return pick(specials);
      return 6 * random.uniform() - 3;
    };
    const count = shape.reduce((a, b) => a * b, 1);
    return { type: 'f32', shape, data: Array.from({ length: count }, () => Math.fround(value())) };
  };
  const whole = (type: 'i32' | 'i64' | 'bool', shape: readonly number[], low = -5, high = 5): Tensor => {
    const count = shape.reduce((a, b) => a * b, 1);
    const [from, to] = type === 'bool' ? [0, 1] : [low, high];
    return { type, shape, data: Array.from({ length: count }, () => between(from, to)) };
  };
  const list = (...data: readonly number[]): Tensor => ({
    type: 'i64',
    shape: [data.length],
    data,
    fixed: true,
  });
  const number = (type: Type, value: number): Tensor => ({ type, shape: [], data: [value], fixed: true });
  const axis = (rank: number) => between(-rank, rank - 1);
  const axes = (rank: number) =>
    [...Array(rank).keys()].filter(() => chance(0.5)).map((a) => (chance(0.3) ? a - rank : a));
  /** Shapes that broadcast to one another. */
  const pair = () => {
    const whole = shape(0, 3);
    const part = () => whole.slice(below(whole.length + 1)).map((extent) => (chance(0.3) ? 1 : extent));
    return chance(0.5) ? [whole, part()] : [part(), whole];
  };
  const flag = (): number => below(2);
  return {
    below,
    between,
    pick,
    chance,
    shape,
    float,
    whole,
    list,
    number,
    axis,
    axes,
    pair,
    flag,
    uniform: () => random.uniform(),
  };
}

type Make = (
  d: Draw,
  opset: number,
) => Omit<Invented, 'operator' | 'opset' | 'outputs'> & { readonly outputs?: number };

const unary =
  (attributes: (d: Draw) => Attributes = () => ({})): Make =>
  (d) => ({ attributes: attributes(d), inputs: [d.float(d.shape(0, 3))] });

const f = (float: number) => ({ float: Math.fround(float) });
const alpha = (d: Draw): Attributes => (d.chance(0.5) ? { alpha: f(d.uniform() * 2) } : {});

/** Two numbers of one type; wide integers seldom. */
const arithmetic: Make = (d) => {
  const [a, b] = d.pair();
  const type = d.pick(['f32', 'f32', 'i32', 'i64'] as const);
  if (type === 'f32') return { attributes: {}, inputs: [d.float(a!), d.float(b!)] };
  const most = d.pick([5, 5, 1000, 100_000]);
  return { attributes: {}, inputs: [d.whole(type, a!, -most, most), d.whole(type, b!, -most, most)] };
};

const comparison: Make = (d) => {
  const [a, b] = d.pair();
  const type = d.pick(['f32', 'i32', 'i64'] as const);
  if (type === 'f32')
    return { attributes: {}, inputs: [d.float(a!, d.pick(['whole', 'special'])), d.float(b!, 'whole')] };
  return { attributes: {}, inputs: [d.whole(type, a!), d.whole(type, b!)] };
};

const truths: Make = (d) => {
  const [a, b] = d.pair();
  return { attributes: {}, inputs: [d.whole('bool', a!), d.whole('bool', b!)] };
};

/** Division by zero is left out for integers: it ends the process of ONNX Runtime. */
const division: Make = (d, opset) => {
  const made = arithmetic(d, opset);
  const [a, b] = made.inputs;
  if (b!.type === 'f32') return made;
  return { ...made, inputs: [a, { ...b!, data: b!.data.map((value) => (value === 0 ? 3 : value)) }] };
};

const reduction =
  (since: number, integers = false): Make =>
  (d, opset) => {
    const shape = d.shape(1, 4);
    const axes = d.axes(shape.length);
    const x =
      integers && d.chance(0.3) ? d.whole(d.pick(['i32', 'i64'] as const), shape, -100, 100) : d.float(shape);
    const keepdims = d.flag();
    if (opset < since) return { attributes: { keepdims, ...(axes.length > 0 ? { axes } : {}) }, inputs: [x] };
    const noop = d.chance(0.2) ? { noop_with_empty_axes: d.flag() } : {};
    return { attributes: { keepdims, ...noop }, inputs: [x, axes.length > 0 ? d.list(...axes) : undefined] };
  };

const extremum: Make = (d, opset) => {
  const shape = d.shape(1, 4);
  const last = opset >= 12 && d.chance(0.3) ? { select_last_index: d.flag() } : {};
  const x = d.float(shape, d.pick(['plain', 'whole']));
  return {
    attributes: {
      axis: opset >= 11 ? d.axis(shape.length) : d.below(shape.length),
      keepdims: d.flag(),
      ...last,
    },
    inputs: [x],
  };
};

const softmax: Make = (d, opset) => {
  const shape = d.shape(1, 4);
  const axis = opset >= 11 ? d.axis(shape.length) : d.below(shape.length);
  return { attributes: { axis }, inputs: [d.float(shape, d.pick(['plain', 'wide']))] };
};

/** An image, a kernel, and attributes that fit them. */
const window = (d: Draw, spatial: number, kernelMost = 3) => {
  const kernel = Array.from({ length: spatial }, () => d.between(1, kernelMost));
  const strides = kernel.map(() => d.between(1, 3));
  const dilations = kernel.map(() => d.pick([1, 1, 2]));
  const pads = [...kernel, ...kernel].map((k) => d.below(k));
  const size = kernel.map((k, i) => (k - 1) * dilations[i]! + d.between(1, 5));
  return { kernel, strides, dilations, pads, size };
};

const convolution: Make = (d) => {
  const spatial = d.between(1, 3);
  const { kernel, strides, dilations, pads, size } = window(d, spatial);
  const group = d.pick([1, 1, 2, 3]);
  const [inside, out] = [d.between(1, 3), d.between(1, 3)];
  const auto = d.chance(0.2) ? { auto_pad: d.pick(['SAME_UPPER', 'SAME_LOWER', 'VALID']) } : { pads };
  const plain = 'auto_pad' in auto ? {} : { dilations };
  const x = d.float([d.between(1, 2), inside * group, ...size], 'plain');
  const w = d.float([out * group, inside, ...kernel], 'plain');
  const b = d.chance(0.5) ? d.float([out * group], 'plain') : undefined;
  return { attributes: { kernel_shape: kernel, strides, group, ...plain, ...auto }, inputs: [x, w, b] };
};

const transposed: Make = (d) => {
  const spatial = d.between(1, 2);
  const { kernel, strides, dilations, pads, size } = window(d, spatial);
  const group = d.pick([1, 1, 2]);
  const [inside, out] = [d.between(1, 3), d.between(1, 3)];
  const output_padding = strides.map((stride, i) => d.below(Math.min(stride, dilations[i]!) + 1) % stride);
  const x = d.float([1, inside * group, ...size], 'plain');
  const w = d.float([inside * group, out, ...kernel], 'plain');
  return {
    attributes: { kernel_shape: kernel, strides, dilations, pads, group, output_padding },
    inputs: [x, w, d.chance(0.5) ? d.float([out * group], 'plain') : undefined],
  };
};

const pool =
  (average: boolean): Make =>
  (d, opset) => {
    const { kernel, strides, dilations, pads, size } = window(d, d.between(1, 3));
    const ceil = opset >= 10 && d.chance(0.3) ? { ceil_mode: d.flag() } : {};
    const own = average
      ? d.chance(0.3)
        ? { count_include_pad: d.flag() }
        : {}
      : opset >= 10
        ? { dilations }
        : {};
    return {
      attributes: { kernel_shape: kernel, strides, pads, ...ceil, ...own },
      inputs: [d.float([d.between(1, 2), d.between(1, 3), ...size], d.pick(['plain', 'wide']))],
    };
  };

const spatial: Make = (d) => ({ attributes: {}, inputs: [d.float([1, ...d.shape(2, 4)], 'plain')] });

const matrices: Make = (d) => {
  const [m, k, n] = [d.between(1, 5), d.between(1, 6), d.between(1, 5)];
  const lead = d.shape(0, 2, 3);
  const part = d.chance(0.5) ? [] : lead.map((extent) => (d.chance(0.3) ? 1 : extent));
  const type = d.pick(['f32', 'f32', 'f32', 'i32', 'i64'] as const);
  const of = (shape: readonly number[]) => (type === 'f32' ? d.float(shape, 'plain') : d.whole(type, shape));
  if (d.chance(0.1)) return { attributes: {}, inputs: [of([k]), of([k, n])] };
  return { attributes: {}, inputs: [of([...lead, m, k]), of([...part, k, n])] };
};

const gemm: Make = (d) => {
  const [m, k, n] = [d.between(1, 5), d.between(1, 6), d.between(1, 5)];
  const [transA, transB] = [d.flag(), d.flag()];
  const c = d.pick([undefined, [n], [1], [m, n], [m, 1], [1, n], []]);
  const scales = d.chance(0.5) ? { alpha: f(d.uniform()), beta: f(d.uniform()) } : {};
  return {
    attributes: { transA, transB, ...scales },
    inputs: [
      d.float(transA ? [k, m] : [m, k], 'plain'),
      d.float(transB ? [n, k] : [k, n], 'plain'),
      c && d.float(c, 'plain'),
    ],
  };
};

const slice: Make = (d, opset) => {
  const shape = d.shape(1, 4, 6);
  const axes = [...shape.keys()].filter(() => d.chance(0.6));
  const chosen = axes.length === 0 ? [0] : axes;
  const steps = chosen.map(() => (opset < 10 ? 1 : d.pick([1, 1, 2, -1, -2])));
  const ends = chosen.map((axis, i) =>
    steps[i]! > 0
      ? d.pick([shape[axis]!, 1000, -1 < -shape[axis]! + 1 ? 1000 : d.between(1, shape[axis]!)])
      : d.pick([-1000, -shape[axis]! - 1]),
  );
  const starts = chosen.map((axis, i) =>
    steps[i]! > 0 ? d.pick([0, 0, -shape[axis]!]) : d.pick([-1, 1000]),
  );
  const x = d.float(shape, 'plain');
  if (opset < 10) return { attributes: { starts, ends, axes: chosen }, inputs: [x] };
  return {
    attributes: {},
    inputs: [x, d.list(...starts), d.list(...ends), d.list(...chosen), d.list(...steps)],
  };
};

const padding: Make = (d, opset) => {
  const shape = d.shape(1, 4, 4);
  const mode = d.pick(['constant', 'constant', 'edge', 'reflect']);
  const pads = [...shape, ...shape].map((extent) => d.below(mode === 'reflect' ? extent : 3));
  const x = d.float(shape, 'plain');
  if (opset < 11) return { attributes: { mode, pads, value: f(1.5) }, inputs: [x] };
  const value = mode === 'constant' && d.chance(0.5) ? d.number('f32', 1.5) : undefined;
  return { attributes: { mode }, inputs: [x, d.list(...pads), value] };
};

const split: Make = (d, opset) => {
  const shape = d.shape(1, 3, 6);
  const axis = d.below(shape.length);
  const first = d.between(1, shape[axis]!);
  const sizes = first === shape[axis] ? [first] : [first, shape[axis]! - first];
  const x = d.float(shape, 'plain');
  if (opset < 13) return { attributes: { axis, split: sizes }, inputs: [x], outputs: sizes.length };
  return { attributes: { axis }, inputs: [x, d.list(...sizes)], outputs: sizes.length };
};

const gather: Make = (d, opset) => {
  const shape = d.shape(1, 3);
  const axis = d.below(shape.length);
  const low = opset >= 11 ? -shape[axis]! : 0;
  return {
    attributes: { axis },
    inputs: [d.float(shape), d.whole(d.pick(['i32', 'i64'] as const), d.shape(0, 2), low, shape[axis]! - 1)],
  };
};

const gatherElements: Make = (d) => {
  const shape = d.shape(1, 3);
  const axis = d.below(shape.length);
  const own = shape.map((extent, i) => (i === axis ? d.between(1, 5) : d.between(1, extent)));
  return {
    attributes: { axis },
    inputs: [d.float(shape), d.whole('i64', own, -shape[axis]!, shape[axis]! - 1)],
  };
};

const gatherNd: Make = (d) => {
  const shape = d.shape(1, 3);
  const depth = d.between(1, shape.length);
  const most = Math.min(...shape.slice(0, depth));
  return {
    attributes: {},
    inputs: [d.float(shape), d.whole('i64', [...d.shape(0, 2), depth], -most, most - 1)],
  };
};

const scatterElements: Make = (d, opset) => {
  const shape = d.shape(1, 3);
  const axis = d.below(shape.length);
  const own = shape.map((extent) => d.between(1, extent));
  const reduction = opset >= 18 ? { reduction: d.pick(['none', 'add', 'mul', 'max', 'min']) } : {};
  const indices = { ...d.whole('i64', own, -shape[axis]!, shape[axis]! - 1), fixed: d.chance(0.7) };
  return {
    attributes: { axis, ...reduction },
    inputs: [d.float(shape, 'plain'), indices, d.float(own, 'plain')],
  };
};

const scatterNd: Make = (d, opset) => {
  const shape = d.shape(1, 3);
  const depth = d.between(1, shape.length);
  const most = Math.min(...shape.slice(0, depth));
  const lead = d.shape(0, 2, 3);
  const reduction = opset >= 18 ? { reduction: d.pick(['none', 'add', 'mul', 'max', 'min']) } : {};
  const indices = { ...d.whole('i64', [...lead, depth], 0, most - 1), fixed: d.chance(0.7) };
  return {
    attributes: reduction,
    inputs: [d.float(shape, 'plain'), indices, d.float([...lead, ...shape.slice(depth)], 'plain')],
  };
};

const topK: Make = (d, opset) => {
  const shape = d.shape(1, 3, 9);
  const axis = d.below(shape.length);
  const k = d.between(1, shape[axis]!);
  const x = d.float(shape, d.pick(['plain', 'whole']));
  if (opset < 10) return { attributes: { axis, k }, inputs: [x], outputs: 2 };
  const order = opset >= 11 ? { largest: d.flag(), sorted: 1 } : {};
  return { attributes: { axis, ...order }, inputs: [x, d.list(k)], outputs: 2 };
};

const resize: Make = (d, opset) => {
  const mode = d.pick(['nearest', 'linear', 'linear', 'cubic']);
  const x = d.float([1, d.between(1, 2), d.between(1, 7), d.between(1, 7)], 'plain');
  const scale = () => Math.fround(d.pick([0.5, 0.6, 0.75, 1, 1.3, 1.5, 2, 2.7, 3]));
  const scales =
    mode === 'nearest' && d.chance(0.3) ? [1, scale(), scale(), scale()] : [1, 1, scale(), scale()];
  const sizes = x.shape.map((extent, i) => Math.floor(Math.fround(extent * scales[i]!)));
  const safe = scales.map((value, i) => (sizes[i]! < 1 ? 1 : value));
  const given: Tensor = { type: 'f32', shape: [4], data: safe, fixed: true };
  if (opset === 10) return { attributes: { mode: mode === 'cubic' ? 'linear' : mode }, inputs: [x, given] };
  const transforms = ['half_pixel', 'pytorch_half_pixel', 'align_corners', 'asymmetric'];
  const coordinate_transformation_mode = d.pick(
    opset >= 19 ? [...transforms, 'half_pixel_symmetric'] : transforms,
  );
  const nearest =
    mode === 'nearest'
      ? { nearest_mode: d.pick(['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil']) }
      : {};
  const own = mode === 'cubic' && d.chance(0.3) ? { exclude_outside: 1 } : {};
  const none: Tensor = { type: 'f32', shape: [0], data: [], fixed: true };
  const attributes = { mode, coordinate_transformation_mode, ...nearest, ...own };
  if (d.chance(0.6)) return { attributes, inputs: [x, opset < 13 ? none : undefined, given] };
  const wanted = d.list(...x.shape.map((extent, i) => (i < 2 ? extent : d.between(1, 9))));
  return { attributes, inputs: [x, opset < 13 ? none : undefined, opset < 13 ? none : undefined, wanted] };
};

const recurrent =
  (gates: number): Make =>
  (d) => {
    const direction = d.pick(['forward', 'reverse', 'bidirectional']);
    const directions = direction === 'bidirectional' ? 2 : 1;
    const [steps, batch, features, hidden] = [
      d.between(1, 4),
      d.between(1, 3),
      d.between(1, 3),
      d.between(1, 4),
    ];
    const of = (...shape: readonly number[]): Tensor => d.float(shape, 'plain');
    const lengths: Tensor | undefined = d.chance(0.3) ? d.whole('i32', [batch], 1, steps) : undefined;
    const state = d.chance(0.4) ? of(directions, batch, hidden) : undefined;
    const before = gates === 3 ? { linear_before_reset: d.flag() } : {};
    return {
      attributes: { hidden_size: hidden, direction, ...before },
      inputs: [
        of(steps, batch, features),
        { ...of(directions, gates * hidden, features), fixed: true },
        { ...of(directions, gates * hidden, hidden), fixed: true },
        d.chance(0.6) ? { ...of(directions, 2 * gates * hidden), fixed: true } : undefined,
        lengths,
        state,
      ],
      outputs: gates === 4 ? 3 : 2,
    };
  };

const equations = [
  'ij,jk->ik',
  'bij,bjk->bik',
  'ij->ji',
  'ii->i',
  'ij->',
  'i,j->ij',
  'ij,ij->i',
  'bhid,bhjd->bhij',
  'ij,jk,kl->il',
  'i,i,i->i',
];
const einsum: Make = (d) => {
  const equation = d.pick(equations);
  const extents = new Map([...'ijklbhd'].map((letter) => [letter, d.between(1, 4)]));
  const terms = equation.split('->')[0]!.split(',');
  return {
    attributes: { equation },
    inputs: terms.map((term) =>
      d.float(
        [...term].map((letter) => extents.get(letter)!),
        'plain',
      ),
    ),
  };
};

const normalised =
  (make: (d: Draw, channels: number) => { attributes: Attributes; more: readonly Tensor[] }): Make =>
  (d) => {
    const channels = d.between(1, 4);
    const x = d.float([d.between(1, 3), channels, ...d.shape(1, 2)], 'plain');
    const { attributes, more } = make(d, channels);
    return { attributes, inputs: [x, ...more] };
  };

const cast: Make = (d) => {
  const from = d.pick(['f32', 'i32', 'i64', 'bool'] as const);
  const to = d.pick([1, 6, 7, 9]);
  const shape = d.shape(0, 3);
  return {
    attributes: { to },
    inputs: [from === 'f32' ? d.float(shape, d.pick(['plain', 'wide'])) : d.whole(from, shape)],
  };
};

const quantise: Make = (d) => {
  const scale: Tensor = { type: 'f32', shape: [], data: [Math.fround(0.01 + d.uniform())], fixed: true };
  return { attributes: {}, inputs: [d.float(d.shape(1, 3), d.pick(['plain', 'wide'])), scale] };
};

/** What is invented for each operator, from which operator set on. */
const makers: Readonly<Record<string, readonly [since: number, make: Make]>> = {
  ...Object.fromEntries(
    [
      'Abs',
      'Neg',
      'Relu',
      'Exp',
      'Log',
      'Sqrt',
      'Tanh',
      'Reciprocal',
      'Sigmoid',
      'Softplus',
      'Softsign',
      'Floor',
      'Ceil',
      'Sin',
      'Cos',
      'Tan',
    ].map((name) => [name, [7, unary()] as const]),
  ),
  Erf: [9, unary()],
  Sign: [9, unary()],
  IsNaN: [9, unary()],
  Round: [11, unary()],
  HardSwish: [14, unary()],
  Mish: [18, unary()],
  Atanh: [
    9,
    (d) => ({
      attributes: {},
      inputs: [{ ...d.float([5]), data: Array.from({ length: 5 }, () => Math.fround(2 * d.uniform() - 1)) }],
    }),
  ],
  LeakyRelu: [7, unary(alpha)],
  Elu: [7, unary(alpha)],
  Selu: [7, unary()],
  Celu: [12, unary((d) => ({ alpha: f(0.2 + d.uniform()) }))],
  ThresholdedRelu: [10, unary(alpha)],
  HardSigmoid: [7, unary(alpha)],
  Shrink: [9, unary((d) => ({ lambd: f(d.uniform()), bias: f(d.uniform()) }))],
  IsInf: [10, unary((d) => ({ detect_negative: d.flag(), detect_positive: d.flag() }))],
  Gelu: [20, unary((d) => ({ approximate: d.pick(['none', 'tanh']) }))],
  Not: [7, (d) => ({ attributes: {}, inputs: [d.whole('bool', d.shape(0, 3))] })],
  Clip: [
    7,
    (d, opset) =>
      opset < 11
        ? { attributes: { min: f(-1), max: f(d.uniform() * 2) }, inputs: [d.float(d.shape(0, 3))] }
        : {
            attributes: {},
            inputs: [
              d.float(d.shape(0, 3)),
              d.chance(0.7) ? d.number('f32', -1) : undefined,
              d.chance(0.7) ? d.number('f32', 1) : undefined,
            ],
          },
  ],
  Add: [7, arithmetic],
  Sub: [7, arithmetic],
  Mul: [7, arithmetic],
  Div: [7, division],
  Mod: [
    10,
    (d, opset) => {
      const made = division(d, opset);
      return made.inputs[1]!.type === 'f32'
        ? { ...made, attributes: { fmod: 1 } }
        : { ...made, attributes: { fmod: d.flag() } };
    },
  ],
  Pow: [
    12,
    (d) => {
      const [a, b] = d.pair();
      const exponent = d.chance(0.5)
        ? { ...d.float([], 'whole'), fixed: true }
        : d.float(b!, d.pick(['plain', 'whole', 'special']));
      return { attributes: {}, inputs: [d.float(a!, d.pick(['plain', 'special', 'whole'])), exponent] };
    },
  ],
  Max: [12, arithmetic],
  Min: [12, arithmetic],
  Sum: [8, (d) => ({ attributes: {}, inputs: d.pair().map((shape) => d.float(shape)) })],
  Mean: [8, (d) => ({ attributes: {}, inputs: d.pair().map((shape) => d.float(shape)) })],
  PRelu: [
    9,
    (d) => {
      const shape = d.shape(1, 3);
      return {
        attributes: {},
        inputs: [d.float(shape), d.float(shape.slice(d.below(shape.length)), 'plain')],
      };
    },
  ],
  Equal: [11, comparison],
  Less: [9, comparison],
  Greater: [9, comparison],
  LessOrEqual: [12, comparison],
  GreaterOrEqual: [12, comparison],
  And: [7, truths],
  Or: [7, truths],
  Xor: [7, truths],
  Where: [
    9,
    (d) => {
      const [a, b] = d.pair();
      return { attributes: {}, inputs: [d.whole('bool', b!), d.float(a!), d.float(b!)] };
    },
  ],
  ReduceSum: [7, reduction(13, true)],
  ReduceMean: [7, reduction(18)],
  ReduceMax: [7, reduction(18, true)],
  ReduceMin: [7, reduction(18, true)],
  ReduceProd: [7, reduction(18)],
  ReduceL1: [7, reduction(18)],
  ReduceL2: [7, reduction(18)],
  ReduceSumSquare: [7, reduction(18)],
  ReduceLogSum: [7, reduction(18)],
  ReduceLogSumExp: [7, reduction(18)],
  ArgMax: [7, extremum],
  ArgMin: [7, extremum],
  Softmax: [7, softmax],
  LogSoftmax: [7, softmax],
  Hardmax: [7, softmax],
  CumSum: [
    11,
    (d) => {
      const shape = d.shape(1, 3, 6);
      const x = d.pick([d.float(shape, 'plain'), d.whole('i32', shape), d.whole('i64', shape)]);
      return {
        attributes: { exclusive: d.flag(), reverse: d.flag() },
        inputs: [x, d.number('i64', d.axis(shape.length))],
      };
    },
  ],
  Conv: [7, convolution],
  ConvTranspose: [7, transposed],
  MaxPool: [8, pool(false)],
  AveragePool: [7, pool(true)],
  GlobalAveragePool: [7, spatial],
  GlobalMaxPool: [7, spatial],
  MatMul: [9, matrices],
  Gemm: [7, gemm],
  Einsum: [12, einsum],
  Reshape: [
    7,
    (d) => {
      const shape = d.shape(1, 4);
      const count = shape.reduce((a, b) => a * b, 1);
      const target = d.pick([[-1], [count], [1, -1], [0, -1], [...shape].reverse(), [-1, shape.at(-1)!]]);
      return { attributes: {}, inputs: [d.float(shape, 'plain'), d.list(...target)] };
    },
  ],
  Flatten: [
    9,
    (d) => {
      const shape = d.shape(1, 4);
      return { attributes: { axis: d.below(shape.length + 1) }, inputs: [d.float(shape, 'plain')] };
    },
  ],
  Squeeze: [
    7,
    (d, opset) => {
      const shape = d.shape(1, 4, 2);
      const ones = [...shape.keys()].filter((axis) => shape[axis] === 1);
      const x = d.float(shape, 'plain');
      if (ones.length === 0 || d.chance(0.3)) return { attributes: {}, inputs: [x] };
      return opset < 13
        ? { attributes: { axes: ones }, inputs: [x] }
        : { attributes: {}, inputs: [x, d.list(...ones)] };
    },
  ],
  Unsqueeze: [
    7,
    (d, opset) => {
      const x = d.float(d.shape(1, 3), 'plain');
      const axes = [d.below(x.shape.length + 1)];
      return opset < 13
        ? { attributes: { axes }, inputs: [x] }
        : { attributes: {}, inputs: [x, d.list(...axes)] };
    },
  ],
  Transpose: [
    7,
    (d) => {
      const shape = d.shape(1, 4);
      const order = [...shape.keys()].map((axis) => [d.uniform(), axis] as const).sort(([a], [b]) => a - b);
      return {
        attributes: d.chance(0.8) ? { perm: order.map(([, axis]) => axis) } : {},
        inputs: [d.float(shape, 'plain')],
      };
    },
  ],
  Expand: [
    8,
    (d) => {
      const [a, b] = d.pair();
      return { attributes: {}, inputs: [d.float(a!, 'plain'), d.list(...b!)] };
    },
  ],
  Tile: [
    7,
    (d) => {
      const shape = d.shape(1, 3);
      return {
        attributes: {},
        inputs: [d.float(shape, 'plain'), d.list(...shape.map(() => d.between(1, 3)))],
      };
    },
  ],
  Concat: [
    7,
    (d) => {
      const shape = d.shape(1, 3);
      const axis = d.below(shape.length);
      const parts = Array.from({ length: d.between(1, 3) }, () =>
        d.float(shape.with(axis, d.between(1, 3)), 'plain'),
      );
      return { attributes: { axis }, inputs: parts };
    },
  ],
  DepthToSpace: [
    11,
    (d) => ({
      attributes: { blocksize: 2, mode: d.pick(['DCR', 'CRD']) },
      inputs: [d.float([1, 4 * d.between(1, 2), 2, 3], 'plain')],
    }),
  ],
  SpaceToDepth: [
    7,
    (d) => ({ attributes: { blocksize: 2 }, inputs: [d.float([1, d.between(1, 2), 4, 2], 'plain')] }),
  ],
  Slice: [7, slice],
  Pad: [7, padding],
  Split: [7, split],
  Trilu: [
    14,
    (d) => ({
      attributes: { upper: d.flag() },
      inputs: [
        d.float([...d.shape(0, 1), d.between(1, 4), d.between(1, 4)], 'plain'),
        d.number('i64', d.between(-3, 3)),
      ],
    }),
  ],
  Gather: [7, gather],
  GatherElements: [11, gatherElements],
  GatherND: [12, gatherNd],
  ScatterElements: [11, scatterElements],
  ScatterND: [11, scatterNd],
  OneHot: [
    11,
    (d) => ({
      attributes: { axis: -1 },
      inputs: [
        d.whole('i64', d.shape(1, 2), -3, 4),
        d.number('i64', 4),
        { ...d.float([2], 'whole'), fixed: true },
      ],
    }),
  ],
  TopK: [7, topK],
  Resize: [10, resize],
  LSTM: [7, recurrent(4)],
  GRU: [7, recurrent(3)],
  RNN: [7, recurrent(1)],
  BatchNormalization: [
    9,
    normalised((d, channels) => ({
      attributes: { epsilon: f(1e-3) },
      more: [0, 1, 2]
        .map(() => d.float([channels], 'plain'))
        .concat({
          type: 'f32',
          shape: [channels],
          data: Array.from({ length: channels }, () => Math.fround(0.1 + d.uniform())),
        }),
    })),
  ],
  InstanceNormalization: [
    7,
    normalised((d, channels) => ({
      attributes: { epsilon: f(1e-2) },
      more: [0, 1].map(() => d.float([channels], 'plain')),
    })),
  ],
  LayerNormalization: [
    17,
    (d) => {
      const shape = d.shape(2, 4);
      const axis = d.between(1, shape.length - 1);
      const own = shape.slice(axis);
      return {
        attributes: { axis, epsilon: f(1e-2) },
        inputs: [
          d.float(shape, 'plain'),
          d.float(own, 'plain'),
          d.chance(0.6) ? d.float(own, 'plain') : undefined,
        ],
      };
    },
  ],
  LpNormalization: [
    7,
    (d) => {
      const shape = d.shape(1, 3);
      return {
        attributes: { axis: d.below(shape.length), p: d.pick([1, 2]) },
        inputs: [d.float(shape, 'plain')],
      };
    },
  ],
  LRN: [
    7,
    (d) => ({
      attributes: { size: d.pick([1, 3, 5]), alpha: f(0.1), beta: f(0.75), bias: f(1) },
      inputs: [d.float([1, d.between(1, 5), 2, 2], 'plain')],
    }),
  ],
  Cast: [9, cast],
  QuantizeLinear: [10, quantise],
};

const opsets = [7, 8, 9, 10, 11, 12, 13, 14, 17, 18, 19, 20, 21];

/** Model number `i` of a seed. */
export function invent(seed: number, i: number): Invented {
  const draw = createDraw(createRandomStream([seed, i]));
  const operator = draw.pick(Object.keys(makers));
  const [since, make] = makers[operator]!;
  const opset = draw.pick(opsets.filter((version) => version >= since));
  const made = make(draw, opset);
  const inputs = [...made.inputs];
  while (inputs.length > 0 && inputs.at(-1) === undefined) inputs.pop();
  return { operator, opset, attributes: made.attributes, inputs, outputs: made.outputs ?? 1 };
}

function bytesOf({ type, shape, data }: Tensor): readonly Uint8Array[] {
  if (type === 'i64' && shape.length === 1) return listFields(data);
  if (type === 'i64') return [...listFields(data).slice(1)];
  if (type === 'bool') return tensorFields('bool', shape, Uint8Array.from(data));
  const values = type === 'f32' ? Float32Array.from(data) : Int32Array.from(data);
  return tensorFields(type, shape, new Uint8Array(values.buffer));
}

/** TensorProto.DataType of output `k`: ONNX Runtime wants it said. */
function typeOfOutput({ operator, attributes, inputs }: Invented, k: number): number {
  const codes = { f32: 1, i32: 6, i64: 7, bool: 9 } as const;
  if (/^(Equal|Less|Greater|And|Or|Xor|Not|Is)/.test(operator)) return codes.bool;
  if (operator.startsWith('Arg') || (operator === 'TopK' && k === 1)) return codes.i64;
  if (operator === 'Cast') return attributes.to as number;
  if (operator === 'QuantizeLinear') return 2;
  if (operator === 'Where' || operator === 'OneHot') return codes.f32;
  return codes[inputs[0]!.type];
}

function write(model: Invented): Uint8Array {
  const { operator, opset, attributes, inputs, outputs } = model;
  const given = inputs.flatMap((input, i) => (input === undefined ? [] : [{ input, name: `i${i}` }]));
  return writeModel({
    nodes: [
      {
        operator,
        inputs: inputs.map((input, i) => (input === undefined ? '' : `i${i}`)),
        outputs: Array.from({ length: outputs }, (_, i) => `o${i}`),
        attributes,
      },
    ],
    opsets: { '': opset },
    inputs: given.flatMap(({ input, name }) =>
      input.fixed ? [] : [{ name, type: input.type, shape: input.shape }],
    ),
    initialisers: given.flatMap(({ input, name }) => (input.fixed ? [[name, bytesOf(input)] as const] : [])),
    outputs: Array.from({ length: outputs }, (_, i) => ({
      name: `o${i}`,
      type: typeOfOutput(model, i),
      shape: [],
    })),
  });
}

type Result = { readonly outputs: readonly ArrayLike<number>[] } | { readonly refused: string };

async function runHere(bytes: Uint8Array, inputs: Invented['inputs']): Promise<Result> {
  try {
    const imported = importOnnx(bytes);
    const program = await createProgram(imported.graph);
    program.setParameters(imported.parameters);
    const given = imported.inputs.map(({ name, fileName }) => {
      const { type, data } = inputs[Number(fileName.slice(1))]!;
      return [name, type === 'f32' ? Float32Array.from(data) : Int32Array.from(data)] as [string, InputValue];
    });
    const found = program.run(Object.fromEntries(given));
    return { outputs: imported.outputs.map(({ name }) => found[name]!) };
  } catch (error) {
    if (!(error instanceof NonetError)) throw error;
    return { refused: `${error.code}: expected ${error.expected}, found ${error.found}` };
  }
}

type Runtime = typeof import('onnxruntime-node');

async function runThere(
  { InferenceSession, Tensor }: Runtime,
  bytes: Uint8Array,
  inputs: Invented['inputs'],
): Promise<Result> {
  try {
    const options = { logSeverityLevel: 4, intraOpNumThreads: 1, interOpNumThreads: 1 } as const;
    const session = await InferenceSession.create(bytes, options);
    const feeds = inputs.flatMap((input, i) => {
      if (input === undefined || input.fixed) return [];
      const { type, shape, data } = input;
      const tensor =
        type === 'f32'
          ? new Tensor('float32', Float32Array.from(data), shape)
          : type === 'i32'
            ? new Tensor('int32', Int32Array.from(data), shape)
            : type === 'i64'
              ? new Tensor('int64', BigInt64Array.from(data, BigInt), shape)
              : new Tensor('bool', Uint8Array.from(data), shape);
      return [[`i${i}`, tensor] as const];
    });
    const found = await session.run(Object.fromEntries(feeds));
    const outputs = session.outputNames.map((name) =>
      Array.from(found[name]!.data as ArrayLike<number | bigint>, Number),
    );
    await session.release();
    return { outputs };
  } catch (error) {
    return { refused: String((error as Error).message).slice(0, 120) };
  }
}

/** The first entry that differs; undefined if none does. */
function differing(
  ours: ArrayLike<number>,
  theirs: ArrayLike<number>,
): { at: number; ours: number; theirs: number } | undefined {
  if (ours.length !== theirs.length) return { at: -1, ours: ours.length, theirs: theirs.length };
  let scale = 0;
  for (let i = 0; i < theirs.length; i++)
    if (Number.isFinite(theirs[i])) scale = Math.max(scale, Math.abs(theirs[i]!));
  for (let at = 0; at < ours.length; at++) {
    const [a, b] = [ours[at]!, theirs[at]!];
    if (a === b || (Number.isNaN(a) && Number.isNaN(b))) continue;
    // 2e-5 of the entry, or 2e-6 of the largest one beside it.
    if (Math.abs(a - b) <= 2e-5 * Math.abs(b) + 2e-6 * scale + 1e-38) continue;
    return { at, ours: a, theirs: b };
  }
  return undefined;
}

interface Kind {
  count: number;
  readonly example: string;
  readonly right: string | undefined;
}

const note = (map: Map<string, Kind>, key: string, example: string, right?: string) => {
  const known = map.get(key);
  if (known === undefined) map.set(key, { count: 1, example, right });
  else known.count++;
};

async function fuzz(models: number, seed: number): Promise<boolean> {
  const runtime = await import('onnxruntime-node');
  const differences = new Map<string, Kind>();
  const refusals = new Map<string, Kind>();
  let [agreed, bothRefuse, theyRefuse] = [0, 0, 0];
  for (let i = 0; i < models; i++) {
    const model = invent(seed, i);
    const bytes = write(model);
    const [ours, theirs] = [await runHere(bytes, model.inputs), await runThere(runtime, bytes, model.inputs)];
    const short = JSON.stringify(
      { opset: model.opset, attributes: model.attributes, inputs: model.inputs },
      (_, value) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value),
    ).slice(0, 400);
    if ('refused' in theirs) {
      if ('refused' in ours) bothRefuse++;
      else theyRefuse++;
      continue;
    }
    if ('refused' in ours) {
      note(
        refusals,
        `${model.operator}: ${ours.refused.replaceAll(/\b\d+\b/g, 'N').slice(0, 150)}`,
        `#${i} ${short}`,
      );
      continue;
    }
    const found = ours.outputs
      .map((output, k) => differing(output, theirs.outputs[k]!))
      .find((d) => d !== undefined);
    if (found === undefined) {
      agreed++;
      continue;
    }
    const { kind, right } = explain(model, found);
    note(
      differences,
      `${model.operator}: ${kind}`,
      `#${i} at ${found.at}: ${found.ours} here, ${found.theirs} there; ${short}`,
      right,
    );
    if (i % 1000 === 999) await new Promise((resolve) => setTimeout(resolve));
  }
  const version =
    (runtime as unknown as { env?: { versions?: { common?: string } } }).env?.versions?.common ?? '1.30.0';
  console.log(`${models} models of one node (seed ${seed}) against onnxruntime-node ${version}`);
  console.log(`${agreed} agree, ${theyRefuse} only ONNX Runtime refuses, ${bothRefuse} both refuse`);
  const print = (title: string, map: ReadonlyMap<string, Kind>) => {
    const total = [...map.values()].reduce((sum, { count }) => sum + count, 0);
    console.log(`\n${total} ${title}`);
    for (const [key, { count, right, example }] of [...map].sort(([, a], [, b]) => b.count - a.count)) {
      console.log(`- ${count} ${key}${right === undefined ? '' : `\n  ${right}`}\n    ${example}`);
    }
  };
  print('only Nonet refuses, each with its reason:', refusals);
  print('differ:', differences);
  return [...differences.values()].every(({ right }) => right !== undefined);
}

if (import.meta.main) {
  const [models = '100000', seed = '2026'] = process.argv.slice(2);
  const explained = await fuzz(Number(models), Number(seed));
  if (!explained) process.exitCode = 1;
}
