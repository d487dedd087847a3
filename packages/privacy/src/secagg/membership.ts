/**
 * What a member knows once the mask set is fixed: it has read all registrations of the set, and
 * either holds a share of both secrets of each member, or complains. docs/specs/secagg.md §4.5.
 */
import { equalBytes, MisuseError } from '@nonet/core';
import {
  commitPairSeed,
  commitSelfSeed,
  commitShare,
  type SharedSecret,
  sharedSecrets,
} from './commitments.ts';
import { addMask, derivePairSeed, maskSign } from './masks.ts';
import {
  agreementsOf,
  type BySecret,
  openShares,
  type Registration,
  type RegistrationFault,
  verifyRegistration,
} from './registration.ts';
import type { AggregationRound, RoundSecrets } from './round.ts';

/** A member's view of a round; secret, and erased when the round is final. */
export interface Membership {
  readonly round: AggregationRound;
  readonly participant: number;
  /** The mask set: all members by ascending number, this one included. */
  readonly members: readonly number[];
  /** By the other member. */
  readonly pairSeeds: ReadonlyMap<number, Uint8Array>;
  /** The shares that each member dealt to this one, itself included. */
  readonly shares: ReadonlyMap<number, BySecret<Uint8Array>>;
  /** The member's own commitment to its self seed. */
  readonly selfCommitment: Uint8Array;
}

/** What a member says is wrong with the registration of `participant`. */
export interface Complaint {
  readonly participant: number;
  /**
   * Anyone sees what `RegistrationFault` names. `pairSeed`: both commit to different seeds for
   * their pair. `box`: it does not open. A secret: the share of it is not the one committed to.
   */
  readonly reason: RegistrationFault | 'pairSeed' | 'box' | SharedSecret;
}

/**
 * Step 4.5: reads the registrations of the mask set, by participant, as one member of it. The
 * member goes on only without complaints: a set that it could not answer for is not the one to mask
 * for. Throws `secagg.keys` on secrets of other keys, `secagg.members` unless the participant and
 * at least a threshold of candidates are in the set.
 */
export function openRegistrations(
  round: AggregationRound,
  participant: number,
  secrets: RoundSecrets,
  registrations: ReadonlyMap<number, Uint8Array>,
): Membership | { readonly complaints: readonly Complaint[] } {
  const { candidate: own, mask, sealing } = agreementsOf(round, participant, secrets);
  const members = [...registrations.keys()].sort((a, b) => a - b);
  assertMembers(round, members, participant);
  const complaints: Complaint[] = [];
  const pairSeeds = new Map<number, Uint8Array>();
  const shares = new Map<number, BySecret<Uint8Array>>();
  const ownIndex = round.candidates.indexOf(own);
  let selfCommitment = new Uint8Array();

  const readOne = (registration: Registration): Complaint['reason'] | undefined => {
    const dealer = registration.participant;
    if (dealer === participant) selfCommitment = new Uint8Array(registration.selfCommitment);
    else {
      const other = round.candidates.find((each) => each.participant === dealer)!;
      const seed = derivePairSeed(round, participant, mask, other);
      const commitment = commitPairSeed(round, participant, dealer, seed);
      if (!equalBytes(registration.pairCommitments[ownIndex]!, commitment)) return 'pairSeed';
      pairSeeds.set(dealer, seed);
    }
    const opened = openShares(round, registration, own, sealing);
    if (opened === undefined) return 'box';
    shares.set(dealer, opened);
    return sharedSecrets.find(
      (secret) =>
        !equalBytes(
          registration.shareCommitments[ownIndex]![secret],
          commitShare(round, secret, dealer, participant, opened[secret]),
        ),
    );
  };

  for (const dealer of members) {
    const registration = verifyRegistration(round, dealer, registrations.get(dealer)!);
    const reason = typeof registration === 'string' ? registration : readOne(registration);
    if (reason !== undefined) complaints.push({ participant: dealer, reason });
  }
  if (complaints.length > 0) return { complaints };
  return { round, participant, members, pairSeeds, shares, selfCommitment };
}

/**
 * Step 5.3: the message of a member: its vector, masked. 4 bytes for each entry, which are taken
 * modulo 2^32. Throws `secagg.seed` unless `selfSeed` is that of the member's registration.
 */
export function maskVector(
  { round, participant, members, pairSeeds, selfCommitment }: Membership,
  selfSeed: Uint8Array,
  vector: Int32Array | Uint32Array,
): Uint8Array<ArrayBuffer> {
  if (!equalBytes(commitSelfSeed(round, participant, selfSeed), selfCommitment)) {
    throw new MisuseError({
      code: 'secagg.seed',
      expected: `the self seed that participant ${participant} committed to in its registration`,
      found: 'another seed',
      hint: 'It comes with the registration, and is kept until the round is final.',
    });
  }
  const masked = new Uint32Array(vector);
  addMask(masked, selfSeed, 1);
  for (const other of members) {
    if (other !== participant) addMask(masked, pairSeeds.get(other)!, maskSign(participant, other));
  }
  return new Uint8Array(masked.buffer);
}

/** Throws `secagg.members`. */
function assertMembers(round: AggregationRound, members: readonly number[], participant: number): void {
  const numbers = new Set(round.candidates.map((each) => each.participant));
  const isSubset = members.every((member) => numbers.has(member));
  if (isSubset && members.includes(participant) && members.length >= round.threshold) return;
  throw new MisuseError({
    code: 'secagg.members',
    expected: `at least ${round.threshold} of the round's candidates, participant ${participant} among them`,
    found: members.join(', '),
    hint: 'Fewer could not recover what a mask hides, and the round is void.',
  });
}
