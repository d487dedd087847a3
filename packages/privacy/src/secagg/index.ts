/**
 * Pairwise secure aggregation (Bonawitz et al., CCS 2017) on the complete graph, with a ledger as
 * its bulletin board: pure functions over bytes. docs/specs/secagg.md numbers each step. Who takes
 * part, when a phase ends and where bytes are kept is for the caller to say.
 */
export type { SharedSecret } from './commitments.ts';
export { maskEntry } from './masks.ts';
export { type Complaint, type Membership, maskVector, openRegistrations } from './membership.ts';
export {
  type BySecret,
  type CreatedRegistration,
  createRegistration,
  type Registration,
  type RegistrationFault,
  registrationBytes,
  verifyRegistration,
} from './registration.ts';
export {
  type AnswerSet,
  createReveal,
  hashAnswerSet,
  type Reveal,
  type RevealFault,
  revealBytes,
  verifyReveal,
} from './reveal.ts';
export {
  type AggregationRound,
  type Candidate,
  candidateOf,
  createAggregationRound,
  drawRoundSecrets,
  type RoundParameters,
  type RoundSecrets,
  thresholdOf,
} from './round.ts';
export {
  type AnswerFault,
  createMaskedSum,
  type Lie,
  type MaskedSum,
  type MissingSecret,
  type RecoveredMask,
  type RecoveryOutcome,
  recoverMasks,
  unmaskSum,
} from './unmask.ts';
export {
  type DecodedSum,
  decodeSum,
  encodeVector,
  type ParticipantCost,
  planVector,
  type VectorEncoding,
  type VectorPlan,
  type VectorRequest,
  weightOf,
} from './vectorPlan.ts';
