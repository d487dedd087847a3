/**
 * Proven answers in evidence (docs/specs/proof-files.md §4): what records say of them, their
 * figures, their mechanism, and the verifiers of such records. Holds no prover.
 */
export {
  answerClaim,
  contextOfJob,
  modelClaim,
  type ProofClaim,
  proofVerifierNames,
} from './claims.ts';
export { proofFigures } from './figures.ts';
export { inferenceMechanism, proofMechanisms } from './mechanism.ts';
export { createProofVerifiers, type ProofPorts } from './verifyEvidence.ts';
