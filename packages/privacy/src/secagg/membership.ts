/**
 * What a member knows once the mask set is fixed: a pair seed with each other member, and of each
 * whose registration is right a share of both its secrets; about the others it complains.
 * docs/specs/secagg.md §4.5.
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
  /** The shares that members dealt to this one, itself included; of those complained about, none. */
  readonly shares: ReadonlyMap<number, BySecret<Uint8Array>>;
  /** The member's own commitment to its self seed. */
  readonly selfCommitment: Uint8Array;
  /** Whose registrations are wrong, as far as this member sees. */
  readonly complaints: readonly Complaint[];
}

/** What a member says is wrong with the registration of `participant`. */
export interface Complaint {
  readonly participant: number;
  /**
   * Anyone sees what `RegistrationFault` names. `unread`: the registration could not be read.
   * `pairSeed`: both commit to different seeds for their pair. `box`: it does not open. A secret:
   * the share of it is not the one committed to.
   */
  readonly reason: RegistrationFault | 'unread' | 'pairSeed' | 'box' | SharedSecret;
}

/**
 * Step 4.5: reads the registrations of the mask set, by participant, as one member of it; those that
 * could not be read are left out. Pair seeds follow from announced keys, so that a member masks for
 * all of the set, whatever is wrong with a registration: one that is wrong for a single member would
 * otherwise shut that member out. Throws `secagg.keys` on secrets of other keys, `secagg.members`
 * unless the participant and at least a threshold of candidates are in the set, and its own
 * registration is among those that were read.
 */
export function openRegistrations(
  round: AggregationRound,
  participant: number,
  secrets: RoundSecrets,
  members: readonly number[],
  registrations: ReadonlyMap<number, Uint8Array>,
): Membership {
  const { candidate: own, mask, sealing } = agreementsOf(round, participant, secrets);
  assertMembers(round, members, participant);
  const complaints: Complaint[] = [];
  const pairSeeds = new Map<number, Uint8Array>();
  const shares = new Map<number, BySecret<Uint8Array>>();
  const ownIndex = round.candidates.indexOf(own);
  for (const { participant: other, ...candidate } of round.candidates) {
    if (other === participant || !members.includes(other)) continue;
    pairSeeds.set(other, derivePairSeed(round, participant, mask, { participant: other, ...candidate }));
  }

  const readOne = (registration: Registration): Complaint['reason'] | undefined => {
    const dealer = registration.participant;
    const seed = pairSeeds.get(dealer);
    if (seed !== undefined) {
      const commitment = commitPairSeed(round, participant, dealer, seed);
      if (!equalBytes(registration.pairCommitments[ownIndex]!, commitment)) return 'pairSeed';
    }
    const opened = openShares(round, registration, own, sealing);
    if (opened === undefined) return 'box';
    const wrong = sharedSecrets.find(
      (secret) =>
        !equalBytes(
          registration.shareCommitments[ownIndex]![secret],
          commitShare(round, secret, dealer, participant, opened[secret]),
        ),
    );
    if (wrong === undefined) shares.set(dealer, opened);
    return wrong;
  };

  for (const dealer of members) {
    const blob = registrations.get(dealer);
    const registration = blob === undefined ? 'unread' : verifyRegistration(round, dealer, blob);
    const reason = typeof registration === 'string' ? registration : readOne(registration);
    if (reason !== undefined) complaints.push({ participant: dealer, reason });
  }
  const { selfCommitment } = readOwn(round, participant, registrations);
  return { round, participant, members, pairSeeds, shares, selfCommitment, complaints };
}

/** Throws `secagg.members`. */
function readOwn(
  round: AggregationRound,
  participant: number,
  registrations: ReadonlyMap<number, Uint8Array>,
): Registration {
  const blob = registrations.get(participant);
  const own = blob === undefined ? 'unread' : verifyRegistration(round, participant, blob);
  if (typeof own !== 'string') return own;
  throw new MisuseError({
    code: 'secagg.members',
    expected: `the registration of participant ${participant} itself`,
    found: own,
    hint: 'It is kept until the round is over.',
  });
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
