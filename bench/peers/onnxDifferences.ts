/** Known differences from ONNX Runtime, and who is right: for onnxFuzz.ts. */
import type { Invented } from './onnxFuzz.ts';

/** Two entries at one place. */
interface Difference {
  readonly ours: number;
  readonly theirs: number;
}

/** What kind of difference it is, and who is right, if that is known. */
interface Explanation {
  readonly kind: string;
  readonly right?: string;
}

interface Known {
  readonly operators: RegExp;
  readonly kind: string;
  readonly fits: (model: Invented, difference: Difference) => boolean;
  readonly right: string;
}

const largest = 3.4028234663852886e38;

const holds = ({ inputs }: Invented, test: (value: number) => boolean) =>
  inputs.some((input) => input?.data.some(test) === true);

const isClose = ({ ours, theirs }: Difference) => Math.abs(ours - theirs) <= 1e-5 + 1e-4 * Math.abs(theirs);

/** Whether a Resize by scales leaves every extent as it is. */
function keepsExtents({ inputs: [x, second, third] }: Invented): boolean {
  const scales = third ?? second;
  if (x === undefined || scales?.type !== 'f32' || scales.data.length !== x.shape.length) return false;
  return x.shape.every((extent, i) => Math.floor(Math.fround(extent * scales.data[i]!)) === extent);
}

const known: readonly Known[] = [
  {
    operators: /^(ReduceMax|ReduceMin|MaxPool|GlobalMaxPool|ReduceLogSumExp|Max|Min)$/,
    kind: 'NaN among the terms',
    fits: (model) => holds(model, Number.isNaN),
    right: 'Nonet: NumPy and PyTorch give NaN wherever one stands; ONNX Runtime passes over some.',
  },
  {
    operators: /^(ArgMax|ArgMin|TopK|Hardmax)$/,
    kind: 'NaN among the terms',
    fits: (model) => holds(model, Number.isNaN),
    right: 'Neither: ONNX does not say how NaN is ordered.',
  },
  {
    operators: /^(LSTM|GRU|RNN)$/,
    kind: 'accuracy',
    fits: (_, difference) => isClose(difference),
    right: 'Nonet, by a few units: ONNX Runtime takes rational approximations of sigmoid and tanh here.',
  },
  {
    operators: /^Clip$/,
    kind: 'an infinity without a bound on its side',
    fits: (_, { ours, theirs }) => !Number.isFinite(ours) && Math.abs(theirs) === largest,
    right: 'Both: ONNX gives the largest finite number as default, PyTorch leaves the infinity.',
  },
  {
    operators: /^Resize$/,
    kind: 'scales that leave every extent',
    fits: keepsExtents,
    right: 'Nonet: by the definition the places move; ONNX Runtime copies where no extent changes.',
  },
  {
    operators: /^Mod$/,
    kind: 'a quotient beyond 2^115',
    fits: (_, { ours }) => Number.isNaN(ours),
    right: 'ONNX Runtime; Nonet gives NaN rather than a wrong remainder.',
  },
  {
    operators: /^Gelu$/,
    kind: 'accuracy of the form with tanh below 0',
    fits: ({ attributes }, difference) => attributes.approximate === 'tanh' && isClose(difference),
    right: 'Nonet, by a little: 1 + tanh cancels in f32, and its tanh is the nearer one.',
  },
  {
    operators: /^Sigmoid$/,
    kind: 'accuracy far below 0',
    fits: (_, difference) => isClose(difference),
    right: 'Nonet: ONNX Runtime takes a rational approximation.',
  },
  {
    operators: /^(GlobalAveragePool|AveragePool|ReduceMean|ReduceSum|Conv|MatMul|Gemm|Einsum)$/,
    kind: 'a sum that cancels, in another order',
    fits: (_, difference) => isClose(difference),
    right: 'Neither: both round each addition.',
  },
  {
    operators: /^ReduceProd$/,
    kind: 'an infinity among the factors, in another order',
    fits: (model) => holds(model, (value) => !Number.isFinite(value)),
    right: 'Nonet: the factors in their order never meet 0 times infinity.',
  },
];

/** Looks a difference up. */
export function explain(model: Invented, difference: Difference): Explanation {
  const found = known.find(
    ({ operators, fits }) => operators.test(model.operator) && fits(model, difference),
  );
  if (found !== undefined) return { kind: found.kind, right: found.right };
  const { ours, theirs } = difference;
  if (Number.isNaN(ours) !== Number.isNaN(theirs)) return { kind: 'NaN' };
  return { kind: isClose(difference) ? 'accuracy' : 'value' };
}
