/**
 * Static graphs of tensor operations with exact arithmetic, and what trains and runs them:
 * derivatives, optimisers, kernels. Datasets are `@nonet/tensor/datasets`, the exchange format is
 * `@nonet/tensor/onnx`. Runs in Node and in browsers. What only some need and a page should not
 * load is apart: `@nonet/tensor/exampleGradients` for differential privacy, `@nonet/tensor/twins`
 * for referees.
 */

// Graphs: how they are built, printed, encoded.

export { type Builder, createBuilder } from './graph/builder.ts';
export { defineGraph, type InputType, type NamedGraph } from './graph/defineGraph.ts';
export {
  decodeGraph,
  encodeGraph,
  graphAddress,
  largeConstantAddresses,
  largeConstants,
} from './graph/encode.ts';
export {
  arithmetic,
  type Graph,
  type Initialiser,
  leavesOf,
  type Node,
  type TensorId,
} from './graph/graph.ts';
export { type ElementSpecification, elementSpecification, type Primitive } from './graph/primitives.ts';
export { printGraph } from './graph/print.ts';
export type { Dtype, Extent, Shape } from './graph/shape.ts';

// Operations, by family: docs/operations.md.

export { type AttentionOptions, multiHeadAttention, scaledDotProduct } from './graph/operations/attention.ts';
export {
  add,
  and,
  broadcast,
  div,
  equal,
  greater,
  greaterOrEqual,
  less,
  lessOrEqual,
  maximum,
  minimum,
  mul,
  not,
  or,
  sub,
  where,
  xor,
} from './graph/operations/broadcasting.ts';
export {
  type Conv2dOptions,
  type ConvTranspose2dOptions,
  conv2d,
  convTranspose2d,
  type Padding,
  type Pair,
} from './graph/operations/convolution.ts';
export { dropout } from './graph/operations/dropout.ts';
export {
  abs,
  cast,
  clip,
  elu,
  erf,
  exp,
  gelu,
  leakyRelu,
  log,
  neg,
  power,
  reciprocal,
  relu,
  sigmoid,
  silu,
  softplus,
  sqrt,
  tanh,
} from './graph/operations/elementwise.ts';
export { dense, matmul } from './graph/operations/linear.ts';
export {
  binaryCrossEntropy,
  crossEntropy,
  exampleCrossEntropy,
  huber,
  meanSquaredError,
} from './graph/operations/losses.ts';
export {
  batchNorm,
  layerNorm,
  rmsNorm,
  runningStatistics,
  standardise,
} from './graph/operations/normalisation.ts';
export {
  type AveragePoolOptions,
  averagePool,
  type MaxPoolOptions,
  maxPool,
} from './graph/operations/pooling.ts';
export {
  argmax,
  argmin,
  globalAveragePool,
  globalMaxPool,
  logSoftmax,
  max,
  mean,
  min,
  type ReduceOptions,
  softmax,
  sum,
} from './graph/operations/reductions.ts';
export {
  addPositions,
  concat,
  embedding,
  flatten,
  gather,
  pad,
  reshape,
  slice,
  transpose,
} from './graph/operations/shapes.ts';

// Models.

export {
  type Lenet5Options,
  lenet5,
  type MlpOptions,
  mlp,
  type OrientedGradientsOptions,
  orientedGradients,
  type TransformerOptions,
  transformer,
} from './models/architectures.ts';
export { defineModel, type Model, type ModelInputs } from './models/defineModel.ts';

// Graph to graph.

export { bind, unboundExtents } from './transform/bind.ts';
export { differentiate } from './transform/differentiate.ts';
export { fixParameters, type ParameterisedGraph } from './transform/fix.ts';
export { attachCrossEntropy, attachExampleLosses } from './transform/losses.ts';
export { lower } from './transform/lower.ts';
export {
  type AdamOptions,
  type AdamWOptions,
  adam,
  adamRates,
  adamW,
  adamWRates,
  attachOptimiser,
  clipGradientNorm,
  clipGradientValues,
  nesterov,
  type Optimiser,
  sgd,
  sgdMomentum,
} from './transform/optimisers.ts';
export { toTrainingMode } from './transform/trainingMode.ts';
export { deriveClassifierStep, deriveTrainingStep } from './transform/trainingStep.ts';

// Running a graph.

export {
  assertWithinBudget,
  estimateRun,
  type RunCost,
  scaleBudget,
  usualBudget,
} from './run/budget.ts';
export { type CreateProgramOptions, createProgram, type KernelProgram } from './run/execute.ts';
export { type MemoryPlan, planMemory } from './run/plan.ts';
export { type Profile, printProfile } from './run/profile.ts';
export type { InputValue, OutputValue, Program } from './run/program.ts';

// Training.

export { accuracyWarnings, type ClassFigures, classFigures } from './models/classFigures.ts';
export { type ExampleInputs, exampleInputs, fillBatch } from './training/classifier.ts';
export { estimateEvaluation } from './training/estimateEvaluation.ts';
export { type EvaluateOptions, type Evaluation, evaluate } from './training/evaluate.ts';
export {
  createLocalTrainer,
  type LocalTrainer,
  type LocalTrainingOptions,
  type LocalTrainingReturnType,
} from './training/localTrainer.ts';
export {
  type MinimiseOptions,
  minimise,
  type TrainingControls,
  type TrainingProgress,
} from './training/minimise.ts';
export {
  inferenceBatch,
  type PredictOptions,
  type PredictReturnType,
  predict,
} from './training/predict.ts';
export { cosineDecay, linearWarmup, type Rate, type Schedule, stepDecay } from './training/schedules.ts';
export { type Trained, type TrainOptions, train } from './training/train.ts';
export { decodeTrainingState, encodeTrainingState, type TrainingState } from './training/trainingState.ts';

// Parameters and their files.

export {
  arrangeParameters,
  assertParameters,
  decodeParameters,
  encodeParameters,
  flattenParameters,
  initialParameters,
  type Parameter,
  type Parameters,
  parameterCount,
  unflattenParameters,
} from './files/parameters.ts';
export {
  decodeSafetensors,
  encodeSafetensors,
  type SafetensorsFile,
  type Tensor,
  type TensorData,
} from './files/safetensors.ts';

// Datasets are `@nonet/tensor/datasets`; the type is here because training takes it.

export type { Dataset } from './datasets/dataset.ts';
