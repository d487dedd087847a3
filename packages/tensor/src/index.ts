/**
 * Static graphs of tensor operations with exact arithmetic, and what trains and runs them: derivatives, optimisers, kernels.
 * Datasets are `@nonet/tensor/data`, the exchange format is `@nonet/tensor/onnx`. Runs in Node and in browsers. What only some need and a page
 * should not load is apart: `@nonet/tensor/exampleGradients` for differential privacy, `@nonet/tensor/twins` for referees.
 */
export { bind, unboundExtents } from './bind.ts';
export { type Builder, createBuilder } from './builder.ts';
export type { Dataset } from './data/dataset.ts';
export {
  defineGraph,
  defineModel,
  type InputType,
  type Model,
  type ModelInputs,
  type NamedGraph,
} from './defineModel.ts';
export { differentiate } from './differentiate.ts';
export { decodeGraph, encodeGraph, graphAddress, largeConstantAddresses, largeConstants } from './encode.ts';
export { type CreateProgramOptions, createProgram, type KernelProgram } from './execute.ts';
export { forTraining } from './forTraining.ts';
export { arithmetic, type Graph, type Initialiser, leavesOf, type Node, type TensorId } from './graph.ts';
export { lower } from './lower.ts';
export {
  attachCrossEntropy,
  attachExampleLosses,
  type Lenet5Options,
  lenet5,
  type MlpOptions,
  mlp,
  stepGraph,
  type TransformerOptions,
  transformer,
} from './models.ts';
export { type AttentionOptions, multiHeadAttention, scaledDotProduct } from './operations/attention.ts';
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
} from './operations/broadcasting.ts';
export {
  type Conv2dOptions,
  type ConvTranspose2dOptions,
  conv2d,
  convTranspose2d,
  type Padding,
  type Pair,
} from './operations/convolution.ts';
export { dropout } from './operations/dropout.ts';
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
} from './operations/elementwise.ts';
export { dense, matmul } from './operations/linear.ts';
export {
  binaryCrossEntropy,
  crossEntropy,
  exampleCrossEntropy,
  huber,
  meanSquaredError,
} from './operations/losses.ts';
export { batchNorm, layerNorm, rmsNorm, standardise } from './operations/normalisation.ts';
export { type AveragePoolOptions, averagePool, type MaxPoolOptions, maxPool } from './operations/pooling.ts';
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
} from './operations/reductions.ts';
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
} from './operations/shapes.ts';
export {
  type AdamOptions,
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
} from './optimisers.ts';
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
} from './parameters.ts';
export { type MemoryPlan, planMemory, printPlan } from './plan.ts';
export { type ElementSpecification, elementSpecification, type Primitive } from './primitives.ts';
export { printGraph } from './print.ts';
export { type Profile, printProfile } from './profile.ts';
export type { InputValue, OutputValue, Program } from './program.ts';
export {
  decodeSafetensors,
  encodeSafetensors,
  type SafetensorsFile,
  type Tensor,
  type TensorData,
} from './safetensors.ts';
export { constantRate, cosineDecay, linearWarmup, type Schedule, stepDecay } from './schedules.ts';
export type { Dtype, Extent, Shape } from './shape.ts';
export {
  createTrainer,
  type EvaluateOptions,
  type Evaluation,
  evaluate,
  type PredictOptions,
  type PredictReturnType,
  predict,
  type TrainLocallyOptions,
  type TrainLocallyReturnType,
  trainLocally,
} from './train.ts';
export {
  decodeTraining,
  encodeTraining,
  type Rate,
  type Trained,
  type TrainingProgress,
  type TrainingState,
  type TrainOptions,
  type TrainStepsOptions,
  train,
  trainingStep,
  trainSteps,
} from './training.ts';
