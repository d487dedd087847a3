/**
 * The blobs of rounds of masked updates (docs/specs/secagg.md), without their cryptography: what is
 * wrong with a blob is known here, and who finds it out, and when, is modelled. An update is masked
 * by one number that is read from its blob all the same.
 */
import { type Address, utf8 } from '@nonet/core';
import type { PublicKeys, Round } from '@nonet/core/ports';
import { maskSet } from '../rules/state.ts';
import type { Shelf } from './shelf.ts';

/**
 * What is wrong with a registration: nothing; what every reader sees (secagg.md §4.4); shares of one
 * secret that lie on no polynomial, which shows once they are revealed (§7.2); or the
 * participants whose boxes do not open, which they alone see (§4.5).
 */
export type RegistrationFault = 'none' | 'visible' | 'crooked' | readonly number[];

/** A masked update: right, or masked with what makes no sum, or in no store. */
export type MaskedKind = 'good' | 'garbage' | 'missing';

export interface MaskedBlobs {
  /** The keys that a participant announces for a round. */
  keysFor(participant: number, round: number): PublicKeys;
  prepareRegistration(round: number, participant: number, fault: RegistrationFault): Promise<Address>;
  prepareMasked(round: number, participant: number, kind: MaskedKind): Promise<Address>;
  /** Shares of what the round's set asks for; other ones where they are not right. */
  prepareReveal(round: number, participant: number, isRight: boolean): Promise<Address>;
  /** Members whose registrations this member finds wrong. */
  accusedBy(round: Round, member: number): number[];
  /** Whether the masks can be taken from the sum, and who is seen to have published what is wrong. */
  recover(round: Round): { readonly isRecovered: boolean; readonly liars: readonly number[] };
}

export function createMaskedBlobs(shelf: Shelf): MaskedBlobs {
  const faults = new Map<Address, RegistrationFault>();
  const wrongReveals = new Set<Address>();
  const place = (name: string) => shelf.add(name, utf8(name));
  const faultOf = ({ masking }: Round, dealer: number) => faults.get(masking!.registrations[dealer]!)!;

  const isLie = (fault: RegistrationFault) => fault === 'visible' || fault === 'crooked';

  const isVictim = (round: Round, dealer: number, holder: number) => {
    const fault = faultOf(round, dealer);
    return typeof fault !== 'string' && fault.includes(holder);
  };

  return {
    keysFor: (participant, round) => ({
      mask: place(`mask key of ${participant} in ${round}`),
      seal: place(`seal key of ${participant} in ${round}`),
    }),
    async prepareRegistration(round, participant, fault) {
      const blob = place(`registration of ${participant} in ${round}, fault ${fault}`);
      faults.set(blob, fault);
      await shelf.sign(blob, 1);
      return blob;
    },
    async prepareMasked(round, participant, kind) {
      const number = 1000 * (participant + 1) + 10 * round + ['good', 'garbage', 'missing'].indexOf(kind);
      const bytes = new Uint8Array(Int32Array.of(number).buffer);
      const name = `${kind} message of ${participant} in ${round}`;
      if (kind === 'missing') return shelf.addMissing(name, bytes);
      const blob = shelf.add(name, bytes, kind === 'garbage');
      await shelf.sign(blob, bytes.length);
      return blob;
    },
    async prepareReveal(round, participant, isRight) {
      const blob = place(`${isRight ? 'right' : 'wrong'} reveal of ${participant} in ${round}`);
      if (!isRight) wrongReveals.add(blob);
      await shelf.sign(blob, 1);
      return blob;
    },
    accusedBy: (round, member) =>
      maskSet(round).filter(
        (dealer) =>
          dealer !== member && (faultOf(round, dealer) === 'visible' || isVictim(round, dealer, member)),
      ),
    recover(round) {
      const { reveals, threshold } = round.masking!;
      const members = maskSet(round);
      const isWrong = (revealer: number) => wrongReveals.has(reveals[revealer]!);
      const right = members.filter((one) => reveals[one] !== undefined && !isWrong(one));
      const lied = members.filter((dealer) => isLie(faultOf(round, dealer)));
      const lacks = (dealer: number) =>
        right.filter((holder) => !isVictim(round, dealer, holder)).length < threshold;
      const isEnough = right.length >= threshold;
      return {
        isRecovered: lied.length === 0 && !members.some(lacks),
        liars: members.filter(
          (one) => isWrong(one) || faultOf(round, one) === 'visible' || (isEnough && lied.includes(one)),
        ),
      };
    },
  };
}
