/**
 * The verifier of integrity proofs (docs/specs/zk.md), without the prover: registrations, then
 * answers of the models that they register.
 */
export { createWorkspace, type Workspace } from './hash/hashKernels.ts';
export {
  maximumProofFile,
  resemblesProofFile,
  resemblesRegistration,
  type Stated,
} from './model/proofFile.ts';
export type { Soundness, SoundnessTerm } from './model/soundness.ts';
export type { Statement } from './model/statement.ts';
export {
  type RegisteredModel,
  type RegistrationVerdict,
  type Verdict,
  verifyInference,
  verifyRegistration,
} from './model/verifyModel.ts';
export { type ProofFileVerdict, verifyProofFile } from './model/verifyProofFile.ts';
export type { Rejection } from './rejection.ts';
