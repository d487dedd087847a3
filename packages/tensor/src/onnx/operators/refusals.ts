/**
 * Why operators of ONNX are not read, for messages and for docs/onnx.md. An operator that is not
 * listed is merely not supported.
 */

interface Refusal {
  readonly because: string;
  readonly hint: string;
  readonly operators: readonly string[];
}

/** Families of operators that are not read. */
export const refusals: readonly Refusal[] = [
  {
    because: 'control flow, and a graph is static',
    hint: 'Export the branch that is taken, and unroll loops.',
    operators: ['Loop', 'Scan', 'SequenceMap'],
  },
  {
    because: 'works on sequences, optional values or texts, and the graph has tensors of numbers only',
    hint: 'Do that part before or after the model.',
    operators: [
      'SequenceAt',
      'SequenceConstruct',
      'SequenceEmpty',
      'SequenceErase',
      'SequenceInsert',
      'SequenceLength',
      'SplitToSequence',
      'ConcatFromSequence',
      'Optional',
      'OptionalGetElement',
      'OptionalHasElement',
      'StringConcat',
      'StringNormalizer',
      'StringSplit',
      'RegexFullMatch',
      'TfIdfVectorizer',
      'ImageDecoder',
    ],
  },
  {
    because: 'the shape of its result depends on data, and shapes are static',
    hint: 'Do that part before or after the model.',
    operators: ['NonZero', 'Unique', 'Compress', 'NonMaxSuppression'],
  },
  {
    because: 'writes to positions in a way that no operation has',
    hint: 'Express it by Where, Concat or Pad.',
    operators: ['TensorScatter', 'MaxUnpool', 'Col2Im'],
  },
  {
    because:
      'arithmetic 1 has exp, log, tanh, erf, sin and cos, and no inverse or hyperbolic function besides',
    hint: 'Compute such tables outside the model and pass them as inputs or weights.',
    operators: [
      'Asin',
      'Acos',
      'Atan',
      'Sinh',
      'Cosh',
      'Asinh',
      'Acosh',
      'DFT',
      'STFT',
      'HannWindow',
      'HammingWindow',
      'BlackmanWindow',
      'MelWeightMatrix',
    ],
  },
  {
    because: 'draws random numbers, and a model that is imported is a function of its inputs',
    hint: 'Export the model for inference, or pass the numbers as an input.',
    operators: [
      'Bernoulli',
      'Multinomial',
      'RandomNormal',
      'RandomNormalLike',
      'RandomUniform',
      'RandomUniformLike',
    ],
  },
  {
    because: 'recurrent, of a kind that is not unrolled',
    hint: 'Unroll it into matrix products, or use LSTM, GRU or attention.',
    operators: ['LinearAttention'],
  },
  {
    because: 'an optimiser, and a graph gets its own',
    hint: 'Export the model for inference and train it with attachOptimiser.',
    operators: [
      'ai.onnx.preview.training.Adagrad',
      'ai.onnx.preview.training.Adam',
      'ai.onnx.preview.training.Gradient',
      'ai.onnx.preview.training.Momentum',
    ],
  },
  {
    because: 'a tree ensemble in the form of ai.onnx.ml 5',
    hint: 'Export it as TreeEnsembleClassifier or TreeEnsembleRegressor: target_opset {"ai.onnx.ml": 3}.',
    operators: ['ai.onnx.ml.TreeEnsemble'],
  },
  {
    because: 'resamples or crops images, which is not among the operations',
    hint: 'Do that part before or after the model; transposed convolutions and DepthToSpace are read.',
    operators: ['GridSample', 'AffineGrid', 'RoiAlign', 'MaxRoiPool', 'DeformConv', 'CenterCropPad'],
  },
];

/** What is known about an operator that is not read. */
export function refusalOf(name: string): Refusal | undefined {
  return refusals.find(({ operators }) => operators.includes(name));
}
