/**
 * The ledger's operator as the attacker (docs/specs/secagg.md §9.2). Whoever runs the embedded ledger
 * decides which moves it takes and what it shows to whom: it can do what a malicious aggregator tries
 * in vain. Sites keep what they can check by themselves: the rules that they fold moves by, and that
 * they answer once. What they cannot check is an assumption of every receipt, which is quoted here.
 */
import { createFigures, idOfJob, termsOf } from '@nonet/core/records';
import { assumptionsOf } from '../packages/federation/src/verify/claims.ts';
import { type Attack, countText, recoveredIn, shareEqual, type Trial } from './attack.ts';
import {
  closeAgain,
  createFederation,
  type Federation,
  forgetAnswers,
  forkLedger,
  forkWithout,
  openSum,
  playJob,
  playMasks,
  showFork,
  subtractSums,
  vectorOf,
} from './federation.ts';

const sites = 6;
const victim = 0;
const percent = 50;
const everyone = [victim, 1, 2, 3, 4, 5];

export const attack: Attack = {
  name: 'operator',
  about: "the ledger's operator shows sites different sets, or leaves out whom it likes",
  cells: ['privacy-decentralisation'],
  async run({ seed, note }) {
    const federation = await createFederation({ sites, threshold: percent, seed });
    note(`a round of ${sites} sites`);
    const state = await playJob(federation);
    const round = state.rounds[0]!;
    const { threshold } = round.masking!;
    const vectors = await Promise.all(everyone.map((site) => vectorOf(federation, site, round)));
    const sought = vectors[victim]!;
    const trial = (
      condition: Trial['condition'],
      setting: string,
      found: Int32Array | undefined,
      why = '',
    ): Trial & { readonly share: number } => {
      const share = shareEqual(found, sought);
      const measured = `${countText(share, sought, "numbers of the victim's update")}${why}`;
      return { condition, setting, measured, succeeded: share > 0.5, share };
    };

    note('two histories of one ledger');
    const refused = await closeAgain(federation, victim);
    const histories = [
      trial(
        'without',
        'the operator of the embedded ledger and 2 sites show the other sites one set each',
        await splitSites(federation, [victim, 1], [2, 3], [4, 5]),
      ),
      trial(
        'with',
        'the same, on a ledger that others run: there is one history, and the 2 sites alone answer for the second set',
        await splitSites(federation, [victim, 1, 2, 3], [], [4, 5]),
        `: 2 answers of ${threshold}, and the ledger refuses the set (${refused})`,
      ),
      trial(
        'with',
        'the operator of the embedded ledger and 1 site, fewer than the masks are made for',
        await splitSites(federation, [victim, 1, 2], [3, 4], [5]),
        `: no division of the sites gives both sets ${threshold} answers`,
      ),
    ];

    note('commitments left out');
    const dropped = await dropCommitments(federation, [victim, 4, 5]);
    const small = [
      trial(
        'without',
        'masks alone, and a set of the victim and 2 sites that subtract their own updates',
        [4, 5].reduce(
          (sum, site) => subtractSums(sum, vectors[site]!)!,
          playMasks([vectors[victim]!, vectors[4]!, vectors[5]!]).sum,
        ),
      ),
      trial(
        'with',
        'the operator of the embedded ledger takes commitments of the victim and these 2 sites only',
        dropped.sum && [4, 5].reduce((sum, site) => subtractSums(sum, vectors[site]!)!, dropped.sum),
        `: the round is ${dropped.outcome}`,
      ),
    ];
    const figuresOf = (trials: readonly (Trial & { readonly share: number })[]) =>
      createFigures(
        (['without', 'with'] as const).map((condition) => [
          recoveredIn(condition),
          trials.filter((each) => each.condition === condition).map(({ share }) => share),
        ]),
      );
    const power = 'certain: either every number is found exactly, or there is no sum at all';
    return [
      {
        name: 'two histories',
        mechanism: 'privacy.masking',
        claimed: `nothing where the runner operates the ledger, and every receipt says so: "${assumptionAbout(federation)}"`,
        power,
        trials: histories,
        figures: figuresOf(histories),
      },
      {
        name: 'a small set',
        mechanism: 'privacy.masking',
        claimed: `whoever runs the ledger, a set has at least ${threshold + 1} of ${sites} members, one more than unmask an update (docs/specs/round.md §12.1)`,
        power,
        trials: small,
        figures: figuresOf(small),
      },
    ];
  },
};

/** The sentence of receipts about what the operators of the ledger could do to masks. */
function assumptionAbout({ simulation: { job } }: Federation): string {
  const said = assumptionsOf(termsOf(job), job).find(
    ({ whom, cells }) => /operators of the ledger/.test(whom) && cells.includes('privacy-decentralisation'),
  )!;
  return `${said.sentence} ${said.breaks}`;
}

/**
 * Shows the ledger's set to some sites, and one without the victim to others, before any of them has
 * answered; colluding sites answer for both. Returns the difference of the sums.
 */
async function splitSites(
  federation: Federation,
  first: readonly number[],
  second: readonly number[],
  colluding: readonly number[],
): Promise<Int32Array | undefined> {
  const all = await forkLedger(federation, 'reveal');
  await showFork(federation, all, [...first, ...colluding], forgetAnswers);
  const fewer = await forkWithout(federation, victim);
  await showFork(federation, fewer, [...second, ...colluding], forgetAnswers);
  return subtractSums(await openSum(federation, all.state()), await openSum(federation, fewer.state()));
}

/** The round with the commitments of these sites alone: what became of it, and its sum. */
async function dropCommitments(federation: Federation, kept: readonly number[]) {
  const { simulation } = federation;
  const fork = await forkLedger(federation, 'commit');
  const moves = await simulation.ledger.rounds.moves(idOfJob(simulation.job));
  for (const { move, by } of moves) {
    const site = simulation.participants.findIndex(({ account }) => account === by);
    if (move.type === 'commit' && kept.includes(site)) await fork.submit(move, `participant ${site}`);
  }
  fork.pass(1000);
  await fork.submit({ type: 'close', round: 0, committed: kept.length, unavailable: [] }, 'aggregator 0');
  fork.pass(1000);
  const { failure } = fork.state().rounds[0]!;
  if (failure !== undefined) return { outcome: `void (${failure.reason})`, sum: undefined };
  await fork.submit({ type: 'advance', round: 0 }, 'aggregator 0');
  await showFork(federation, fork, everyone, forgetAnswers);
  return { outcome: 'closed', sum: await openSum(federation, fork.state()) };
}
