/**
 * Same-round differencing: an aggregator that gets the sums of two sets of one round subtracts one
 * from the other, and what is left is the update of the participant that is in one of them alone
 * (Bonawitz et al., CCS 2017, §7.2; docs/specs/secagg.md §6 and §9). The second set is asked for in
 * both ways that there are: of the ledger, which fixes one, and of the sites themselves, by a ledger
 * that shows another set while the round runs. And of one step two sums are asked for in two
 * attempts, the first of which stores make fail: they keep the shares that it is told, and sign for
 * none of them.
 */
import { createFigures } from '@nonet/core/records';
import { addMask } from '../packages/privacy/src/secagg/masks.ts';
import { type Attack, countText, type Finding, recoveredIn, shareEqual } from './attack.ts';
import {
  type Attempts,
  answerAnyway,
  closeAgain,
  createFederation,
  type Federation,
  type Fork,
  forgetAnswers,
  forkWithout,
  openMasks,
  openSum,
  playJob,
  showFork,
  subtractSums,
  vectorOf,
  withholdReceipts,
} from './federation.ts';

const sites = 6;
const victim = 2;
const others = Array.from({ length: sites }, (_, i) => i).filter((site) => site !== victim);

export const attack: Attack = {
  name: 'differencing',
  about: 'an aggregator asks for the sums of two sets of one round, to subtract them',
  cells: ['privacy-decentralisation'],
  async run({ seed, note }) {
    const federation = await createFederation({ sites, threshold: 50, seed });
    note(`a round of ${sites} sites`);
    const state = await playJob(federation);
    const sought = await vectorOf(federation, victim, state.rounds[0]!);
    const second = await closeAgain(federation, victim);
    const all = await openSum(federation, state);

    note('the other set, shown to sites that forget what they answered');
    const open = await forkWithout(federation, victim);
    await showFork(federation, open, others, forgetAnswers);
    note('the other set, shown to sites as they are');
    const kept = await forkWithout(federation, victim);
    const codes = await showFork(federation, kept, others);

    note('two attempts at a step, of which the stores sign for no share in the first');
    const repeated = await createFederation({ sites, threshold: 50, seed });
    const attempts = await withholdReceipts(repeated, victim);
    const first = await openSum(repeated, attempts.state, 0, attempts.withheld);
    const anyway = await answerAnyway(repeated, attempts.state, 1);

    const differenceIn = async (fork: Fork) => subtractSums(all, await openSum(federation, fork.state()));
    const alone = await unmaskAlone(federation, open);
    const aloneKept = await unmaskAlone(federation, kept);
    const refusal = `the ledger refuses the second set (${second}), and ${codes.length} of ${others.length} sites shown it refuse to answer (${[...new Set(codes)].join(', ')})`;
    return [
      found(sought, {
        name: 'two sets',
        claimed: 'one set of a round is answered, the one that the ledger fixed (docs/specs/secagg.md §6.2)',
        without: 'sites that answer whatever set they are shown',
        open: await differenceIn(open),
        kept: await differenceIn(kept),
        protection: `a ledger and sites that keep to one set; ${refusal}`,
      }),
      found(sought, {
        name: 'both secrets of one party',
        claimed: 'of no participant are both secrets revealed in a round (docs/specs/secagg.md §6.1)',
        without: 'sites that show shares of the self seed for one set and of the mask secret for another',
        open: alone,
        kept: aloneKept,
        protection: `a ledger and sites that keep to one set; ${refusal}`,
      }),
      found(await vectorOf(repeated, victim, attempts.state.rounds[0]!), {
        name: 'two attempts',
        claimed: 'of a step one set is answered, in all attempts at it (docs/specs/secagg.md §9.4)',
        without: 'sites that look at nothing but the running attempt',
        open: subtractSums(first, await openSum(repeated, attempts.state, 1, anyway)),
        kept: subtractSums(first, await openSum(repeated, attempts.state, 1)),
        protection: `sites that remember whom a step was answered for; ${answersText(attempts)}`,
      }),
    ];
  },
};

function answersText({ codes }: Attempts): string {
  return `${codes.length} of ${others.length} refuse to answer for another (${[...new Set(codes)].join(', ')})`;
}

/**
 * The victim's own message without its masks: its self seed is known from the set that it is in, its
 * pair seeds from the one that it is not in.
 */
async function unmaskAlone(federation: Federation, fork: Fork): Promise<Int32Array | undefined> {
  const within = await openMasks(federation, federation.simulation.state());
  const outside = await openMasks(federation, fork.state());
  if (within === undefined || outside === undefined) return undefined;
  const words = new Uint32Array(within.messages.get(victim)!.slice().buffer);
  for (const { participant, absent, seed } of within.recovery.masks) {
    if (participant === victim && absent === undefined) addMask(words, seed, -1);
  }
  // Each mask of a pair is in the victim's message with the sign opposite to the other's, which is
  // the one with which it is taken out of the other's.
  for (const { absent, seed, sign } of outside.recovery.masks) {
    if (absent === victim) addMask(words, seed, sign === 1 ? -1 : 1);
  }
  return new Int32Array(words.buffer);
}

interface Outcome extends Pick<Finding, 'name' | 'claimed'> {
  readonly without: string;
  readonly open: Int32Array | undefined;
  readonly kept: Int32Array | undefined;
  readonly protection: string;
}

function found(sought: Int32Array, { name, claimed, without, open, kept, protection }: Outcome): Finding {
  const [shareOpen, shareKept] = [shareEqual(open, sought), shareEqual(kept, sought)];
  const text = (share: number) => countText(share, sought, "numbers of the victim's update");
  return {
    name,
    mechanism: 'privacy.masking',
    claimed,
    power: 'certain: either every number is found exactly, or shares are missing and there is no sum at all',
    trials: [
      { condition: 'without', setting: without, measured: text(shareOpen), succeeded: shareOpen === 1 },
      {
        condition: 'with',
        setting: protection,
        measured: text(shareKept),
        succeeded: shareKept > 0.5,
      },
    ],
    figures: createFigures([
      [recoveredIn('without'), shareOpen],
      [recoveredIn('with'), shareKept],
    ]),
  };
}
