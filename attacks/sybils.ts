/**
 * Sybils around one victim (docs/specs/secagg.md §9.1): of the participants of a masked round, one
 * party holds many. They subtract their own updates from the sum, or put their shares together and
 * unmask the victim's message by itself.
 */
import { decodeCanonical } from '@nonet/core/codec';
import { createFigures } from '@nonet/core/records';
import { type AggregationRound, openRegistrations, type RoundSecrets } from '@nonet/privacy/secagg';
import { aggregationRoundOf } from '../packages/federation/src/masked/maskedRound.ts';
import { maskSet } from '../packages/federation/src/rules/state.ts';
import { addMask, derivePairSeed, maskSign } from '../packages/privacy/src/secagg/masks.ts';
import { createKeyAgreement } from '../packages/privacy/src/secagg/primitives.node.ts';
import { lagrangeAtZero, recoverSecret } from '../packages/privacy/src/secagg/shamir.ts';
import { type Attack, countText, recoveredIn, shareEqual, type Trial } from './attack.ts';
import {
  createFederation,
  type Federation,
  openSum,
  playJob,
  readPublished,
  vectorOf,
} from './federation.ts';
import { attackFigures } from './figures.ts';

const sites = 10;
const victim = 4;
const percent = 66;

export const attack: Attack = {
  name: 'sybils',
  about: 'one party holds many of the participants around its victim',
  cells: ['privacy-decentralisation'],
  async run({ seed, note }) {
    const federation = await createFederation({ sites, threshold: percent, seed });
    note(`a round of ${sites} sites`);
    const state = await playJob(federation);
    const round = state.rounds[0]!;
    const { threshold } = round.masking!;
    const vectors = await Promise.all(
      Array.from({ length: sites }, (_, site) => vectorOf(federation, site, round)),
    );
    const sought = vectors[victim]!;
    const sum = (await openSum(federation, state))!;
    const sybils = vectors.map((_, site) => site).filter((site) => site !== victim);
    const subtractOf = (count: number) =>
      sybils.slice(0, count).reduce((left, site) => left.map((entry, e) => entry - vectors[site]![e]!), sum);

    const rules = aggregationRoundOf(state, 0, round);
    const { registrations, messages } = await readPublished(federation, state);
    const pool = async (count: number) => {
      const views = await Promise.all(
        sybils.slice(0, count).map(async (site) => {
          const secrets = await readSecrets(federation, site);
          return openRegistrations(rules, site, secrets, maskSet(round), registrations);
        }),
      );
      const points = lagrangeAtZero(views.map(({ participant }) => participant + 1));
      const recover = (secret: 'selfSeed' | 'maskSecret') =>
        recoverSecret(
          points,
          views.map(({ shares }) => shares.get(victim)![secret]),
        );
      return unmask(rules, messages.get(victim)!, recover('selfSeed'), recover('maskSecret'));
    };
    const text = (share: number) => countText(share, sought, "numbers of the victim's update");
    const trial = (condition: Trial['condition'], setting: string, found: Int32Array): Trial => {
      const share = shareEqual(found, sought);
      return { condition, setting, measured: text(share), succeeded: share > 0.5 };
    };
    const clear = trial('without', 'updates in the clear, and no Sybil at all', sought);
    const fewer = threshold - 1;
    const largest = 'so many together read nothing but the sum of the honest';
    return [
      {
        name: 'subtracting their own',
        mechanism: 'privacy.masking',
        claimed: `of ${sites} sites at most ${fewer}, fewer than the threshold of ${threshold}: ${largest} (docs/specs/secagg.md §9.1)`,
        power:
          'certain: each number is compared; two sums agree by chance where all others moved a number by 0',
        trials: [
          clear,
          trial(
            'with',
            `${fewer} of ${sites} sites are Sybils, and ${sites - fewer} are honest`,
            subtractOf(fewer),
          ),
          trial(
            'with',
            `${sites - 2} of ${sites} are Sybils who hold no shares, and 2 are honest`,
            subtractOf(sites - 2),
          ),
          trial(
            'beyond',
            `all but the victim are Sybils: the sum of one is its update`,
            subtractOf(sites - 1),
          ),
        ],
        figures: createFigures([
          [recoveredIn('without'), 1],
          [
            recoveredIn('with'),
            [shareEqual(subtractOf(fewer), sought), shareEqual(subtractOf(sites - 2), sought)],
          ],
          [recoveredIn('beyond'), shareEqual(subtractOf(sites - 1), sought)],
        ]),
      },
      {
        name: 'putting shares together',
        mechanism: 'privacy.masking',
        claimed: `of ${sites} candidates ${threshold} recover a secret, and one fewer learns nothing about it (docs/specs/secagg.md §3)`,
        power: 'certain below the threshold: every secret fits the shares equally well',
        trials: [
          clear,
          trial(
            'with',
            `${fewer} Sybils put their shares of both secrets of the victim together`,
            await pool(fewer),
          ),
          trial(
            'beyond',
            `${threshold} Sybils do: the smallest set that unmasks an update`,
            await pool(threshold),
          ),
        ],
        figures: createFigures([
          [attackFigures.unmasking, threshold],
          [recoveredIn('without'), 1],
          [recoveredIn('with'), shareEqual(await pool(fewer), sought)],
          [recoveredIn('beyond'), shareEqual(await pool(threshold), sought)],
        ]),
      },
    ];
  },
};

/** The secrets of a Sybil are on its own disk. */
async function readSecrets({ disks }: Federation, site: number): Promise<RoundSecrets> {
  return decodeCanonical((await disks[site]!.read(0))!) as unknown as RoundSecrets;
}

/** The victim's message without the masks that these two secrets give. */
function unmask(round: AggregationRound, message: Uint8Array, selfSeed: Uint8Array, maskSecret: Uint8Array) {
  const words = new Uint32Array(message.slice().buffer);
  addMask(words, selfSeed, -1);
  const mask = createKeyAgreement(maskSecret);
  for (const other of round.candidates) {
    if (other.participant === victim) continue;
    const sign = maskSign(victim, other.participant);
    addMask(words, derivePairSeed(round, victim, mask, other), sign === 1 ? -1 : 1);
  }
  return new Int32Array(words.buffer);
}
