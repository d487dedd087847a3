/**
 * Proofs that a registered model gave an answer (docs/specs/zk.md). They show integrity and hide
 * nothing. What only verifies should import `@nonet/proof/zk/verify`, which holds no prover.
 */
export { type CheckProgramOptions, checkProgram } from './model/checkProgram.ts';
export { type CompiledProgram, type CompileOptions, compileProgram } from './model/compileProgram.ts';
export {
  encodeInputs,
  type IntegerModel,
  type IntegerModelOptions,
  identifyModel,
  makeIntegerModel,
} from './model/integerModel.ts';
export type { FunctionTable, Layer, Pair, Program, Requantisation } from './model/program.ts';
export { programFormat } from './model/program.ts';
export {
  encodeProofFile,
  type ProofFile,
  type ProvenRows,
  provenRows,
  type Stated,
} from './model/proofFile.ts';
export {
  createProver,
  type ProvenInference,
  type ProveOptions,
  type Prover,
  type ProverOptions,
} from './model/proveModel.ts';
export type { LayerWeights } from './model/proveWitness.ts';
export { calibrationExamples } from './model/publicRows.ts';
export { type FinalModel, type RemadeModel, remakeModel } from './model/remakeModel.ts';
