/**
 * A free rider sends what another participant made, to be paid for it or to have it counted twice.
 * In the clear, where every role reads every update, it can sign another's integers as its own;
 * under masks a copy is words that no mask of its sender cancels (docs/specs/secagg.md §9.5). Messages
 * name their sender, so none is taken from another byte for byte.
 */
import { type JobState, jobIdOf } from '@nonet/core/ports';
import { createFigures } from '@nonet/core/records';
import { decodeModel } from '@nonet/federation';
import { type Registration, verifyRegistration, verifyReveal } from '@nonet/privacy/secagg';
import { aggregationRoundOf, computeMaskedStep } from '../packages/federation/src/masked/maskedRound.ts';
import { includedParticipants, maskSet } from '../packages/federation/src/rules/state.ts';
import {
  domainOf,
  encodeUpdate,
  type UpdateExpectation,
  verifyUpdate,
} from '../packages/federation/src/update/message.ts';
import { datasetOf } from '../packages/federation/test/simulation.ts';
import { type Attack, countText, recoveredIn, shareEqual, type Trial } from './attack.ts';
import {
  createFederation,
  type Federation,
  type OpenedMasks,
  openMasks,
  playJob,
  subtractSums,
  sumMessages,
  vectorOf,
} from './federation.ts';

const sites = 6;
const author = 2;
const copier = 4;

export const attack: Attack = {
  name: 'copying',
  about: "a participant sends another's contribution as its own",
  cells: ['performance-security'],
  async run({ seed, note }) {
    const federation = await createFederation({ sites, threshold: 66, seed });
    const { simulation, arithmetic } = federation;
    note(`a round of ${sites} sites`);
    const state = await playJob(federation);
    const round = state.rounds[0]!;
    const opened = (await openMasks(federation, state))!;
    const sought = await vectorOf(federation, author, round);
    const own = await vectorOf(federation, copier, round);

    note('its messages, sent again by another');
    const clear = await copyUpdate(federation, state, sought);
    const copied = new Map(opened.messages).set(copier, opened.messages.get(author)!);
    const start = decodeModel((await simulation.connect().get(round.model)).bytes, arithmetic);
    const step = computeMaskedStep(start, round, copied, opened.recovery, arithmetic);
    // What the copier added: the sum with the copy, less that of the others.
    const others = subtractSums(sumMessages(state, opened), own);
    const added = subtractSums(sumMessages(state, { ...opened, messages: copied }), others);
    const text = (share: number) => countText(share, sought, "numbers of the author's update");
    const shares = {
      signed: shareEqual(clear.signed, sought),
      unnamed: shareEqual(clear.unnamed, sought),
      masked: shareEqual(added, sought),
    };
    const { registration, answer } = copyShares(opened, state);
    const sentAgain = (setting: string, refused: string | undefined): Trial => ({
      condition: 'with',
      setting: `${setting} of another, byte for byte`,
      measured: refused === undefined ? 'taken' : `refused (${refused})`,
      succeeded: refused === undefined,
    });
    return [
      {
        name: 'what another has made',
        mechanism: 'privacy.masking',
        claimed:
          'under masks a participant can add nothing that another has made (docs/specs/secagg.md §9.5)',
        power: 'certain: each number that the copier adds is compared with that of the author',
        trials: [
          {
            condition: 'without',
            setting: 'in the clear the copier signs the integers of another as its own',
            measured: `accepted, with ${text(shares.signed)}`,
            succeeded: shares.signed === 1,
          },
          {
            condition: 'with',
            setting: 'the copier commits to the masked message of another',
            measured: `it adds ${text(shares.masked)}, and ${step === undefined ? 'no step follows: the round is void' : 'a step follows'}`,
            succeeded: step !== undefined || shares.masked > 0.5,
          },
        ],
        figures: createFigures([
          [recoveredIn('without'), shares.signed],
          [recoveredIn('with'), shares.masked],
        ]),
      },
      {
        name: 'a message as it is',
        mechanism: 'federation.rounds',
        claimed:
          'a message counts for the participant that it names (docs/specs/update.md §2, secagg.md §4.4 and §6.4)',
        power: 'certain: a message names one participant, and is signed or committed to by it',
        trials: [
          {
            condition: 'without',
            setting: 'an update in the clear whose name and signature are those of its author',
            measured: `accepted, with ${text(shares.unnamed)}`,
            succeeded: shares.unnamed === 1,
          },
          sentAgain('an update in the clear', clear.refused),
          sentAgain('a registration', registration),
          sentAgain('an answer', answer),
        ],
        figures: createFigures([[recoveredIn('without'), shares.unnamed]]),
      },
    ];
  },
};

/** The author's update in the clear, as the copier may send it: signed anew, or as it is. */
async function copyUpdate({ simulation }: Federation, state: JobState, entries: Int32Array) {
  const { model, step } = state.rounds[0]!;
  const domain = domainOf(simulation.ledger);
  const signedBy = (participant: number) =>
    encodeUpdate(
      {
        job: jobIdOf(state.terms),
        step,
        participant,
        model,
        dataset: datasetOf(participant),
        entries: new Int32Array(entries),
      },
      new Uint8Array(32).fill(participant),
      domain,
      simulation.participants[participant]!,
    );
  const expectedOf = (participant: number): UpdateExpectation => ({
    job: jobIdOf(state.terms),
    step,
    participant,
    model,
    account: simulation.participants[participant]!.account,
    entries: entries.length,
    maximumEntry: 2 ** 31 - 1,
    domain,
  });
  const original = await signedBy(author);
  const signed = verifyUpdate(await signedBy(copier), expectedOf(copier));
  const unnamed = verifyUpdate(original, expectedOf(author));
  const again = verifyUpdate(original, expectedOf(copier));
  return {
    signed: 'refused' in signed ? undefined : signed.entries,
    unnamed: 'refused' in unnamed ? undefined : unnamed.entries,
    refused: 'refused' in again ? again.refused : undefined,
  };
}

/** What is wrong with the author's registration and answer where the copier sends them. */
function copyShares({ registrations, reveals }: OpenedMasks, state: JobState) {
  const round = state.rounds[0]!;
  const rules = aggregationRoundOf(state, 0, round);
  const read = new Map<number, Registration>();
  for (const [participant, blob] of registrations) {
    const registration = verifyRegistration(rules, participant, blob);
    if (typeof registration !== 'string') read.set(participant, registration);
  }
  const faultIn = (outcome: unknown) => (typeof outcome === 'string' ? outcome : undefined);
  const set = { members: maskSet(round), included: new Set(includedParticipants(round)) };
  return {
    registration: faultIn(verifyRegistration(rules, copier, registrations.get(author)!)),
    answer: faultIn(verifyReveal(rules, set, read, copier, reveals.get(author)!)),
  };
}
