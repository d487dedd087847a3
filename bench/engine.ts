/**
 * The engine as a page takes it: what defines models and graphs, trains, evaluates, runs and saves
 * them. A bundler leaves the rest of `@nonet/tensor` out.
 */
export {
  bind,
  createBuilder,
  createProgram,
  decodeSafetensors,
  defineModel,
  deriveClassifierStep,
  differentiate,
  encodeSafetensors,
  evaluate,
  initialParameters,
  lenet5,
  lower,
  mlp,
  predict,
  train,
  transformer,
} from '@nonet/tensor';
