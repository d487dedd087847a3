/**
 * What can go wrong in a federation, played by processes over a real chain and real stores: stores,
 * aggregators, participants and accusers that lie, sleep or die. Each scene ends with the model of
 * an undisturbed run, and each lie has a control in which it succeeds because nobody looks.
 */
import { balanceOf } from '@nonet/chain';
import { createSigner } from '@nonet/core/identity';
import type { JobState } from '@nonet/core/ports';
import { acceptedParticipants, finalModel, heldFor } from '@nonet/federation';
import { partitionDirichlet } from 'nonet';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { JobDraft } from '../apps/cli/src/files/jobFile.ts';
import { startTestLedger, type TestLedger } from './federation.ts';
import { cancer, sites } from './jobs/cancer.ts';
import { type Cast, playScene, refusalsOf, type Scene } from './stage.ts';

const minute = 60_000;
const bond = 1000n;
const { testSet: _, ...untested } = cancer;
const draft: JobDraft = {
  ...untested,
  // The same for all scenes, whatever they are called: the model depends on it.
  seed: `0x${'5c'.repeat(32)}`,
  training: { ...cancer.training, epochs: 2 },
  minParticipants: 2,
  rounds: 2,
  bond,
  // A lead that sleeps costs one of closing and stepping; a final round costs one of objecting.
  phases: { collecting: 120, closing: 10, appealing: 8, stepping: 10, objecting: 6 },
};
/** Data of a participant that never shows them. */
const [emptyHanded] = partitionDirichlet(sites[0]!, { sites: 2, alpha: 100 });

let ledger: TestLedger;
let undisturbed: JobState;
let scene: Scene | undefined;
let held = 0n;

async function play(name: string, cast: Cast = {}, collecting = 120): Promise<Scene> {
  held = await balanceOf(ledger, ledger.contract);
  scene = await playScene(ledger, { ...draft, name, phases: { ...draft.phases, collecting } }, sites, cast);
  return scene;
}

beforeAll(async () => {
  ledger = await startTestLedger();
  undisturbed = await (await play('an undisturbed job')).complete();
  scene?.end();
  scene = undefined;
}, 3 * minute);

afterEach(() => {
  scene?.end();
  scene = undefined;
});

afterAll(() => ledger?.close());

const posted = ({ rounds }: JobState) => rounds.map(({ posted }) => posted?.model);
const phases = ({ rounds }: JobState) => rounds.map(({ phase }) => phase);
const accounts = ({ keys }: Scene) => ({
  first: createSigner(keys.aggregators[0]!).account,
  second: createSigner(keys.aggregators[1]!).account,
  watcher: createSigner(keys.watcher).account,
});

/** The job ended with the right model, and the contract holds what it still owes, to the wei. */
async function expectRight(state: JobState): Promise<void> {
  expect(finalModel(state)).toBe(finalModel(undisturbed));
  expect((await balanceOf(ledger, ledger.contract)) - held).toBe(heldFor(state));
}

/**
 * The first aggregator was struck: half of its bond is burnt, half was paid to who proved the lie.
 */
async function expectStruck(played: Scene, state: JobState, kind: string): Promise<void> {
  const { first, second } = accounts(played);
  const proven = state.rounds.flatMap(({ failure }) => (failure?.reason === 'proven' ? [failure] : []));
  expect(proven.map(({ lie, culprit }) => [lie.kind, culprit])).toEqual([[kind, first]]);
  expect(state.aggregators.map(({ status }) => status)).toEqual(['struck', 'absent']);
  expect(state.burnt).toBe(bond / 2n);
  expect(state.rewards).toEqual({});
  const prover = proven[0]!.by;
  const who = prover === second ? 'aggregator 2' : 'watcher';
  const wei = played.said(who, 'withdrew').reduce((sum, event) => sum + event.wei, 0n);
  expect(wei).toBe(who === 'watcher' ? bond / 2n : bond + bond / 2n);
  expect(state.rounds.filter(({ phase }) => phase === 'final').at(-1)!.posted!.by).toBe(second);
  await expectRight(state);
}

test('undisturbed: the job ends with every site in every round', () => {
  expect(phases(undisturbed)).toEqual(['final', 'final']);
  expect(undisturbed.rounds.map(acceptedParticipants)).toEqual(Array(2).fill([0, 1, 2]));
});

test(
  'a store that serves its own aggregator and nobody else stops nobody',
  async () => {
    const played = await play('a selective store', { aggregators: ['hiding', 'honest'] });
    const state = await played.complete();
    expect(phases(state)).toEqual(['final', 'final']);
    // Nobody had to be asked for receipts: two other stores have what this one hides.
    expect(state.rounds.map(({ demands }) => demands)).toEqual([{}, {}]);
    expect(played.said('watcher', 'checked')).toHaveLength(2);
    await expectRight(state);
  },
  3 * minute,
);

test(
  'an accuser that shows genuine leaves of what is right is refused, and costs nobody anything',
  async () => {
    const played = await play('a false objection', { watcher: 'accuser' });
    const state = await played.complete();
    const refused = refusalsOf(played, 'watcher');
    const each = [
      ...Array(4).fill(['prove', 'WrongProof']),
      // With a rule the ledger judges for itself: no bond stops a round.
      ['object', 'WrongRole'],
    ];
    expect(refused).toEqual(state.rounds.flatMap(() => each));
    expect(phases(state)).toEqual(['final', 'final']);
    expect(state.burnt).toBe(0n);
    expect(state.locked).toEqual([]);
    expect(played.said('aggregator 1', 'withdrew').map(({ wei }) => wei)).toEqual([bond]);
    await expectRight(state);
  },
  3 * minute,
);

describe('an aggregator that lies in one entry', () => {
  test(
    'is struck; the next goes on from the last right step',
    async () => {
      const played = await play('a lie in one entry', { aggregators: ['oneEntry', 'honest'] });
      const state = await played.complete();
      expect(state.rounds[0]!.phase).toBe('final');
      expect(state.rounds[1]!.failure).toMatchObject({ lie: { kind: 'average', entry: 7 } });
      await expectStruck(played, state, 'average');
    },
    3 * minute,
  );

  test(
    'control: where no watcher looks, the lie becomes final',
    async () => {
      const played = await play('an unseen lie', { aggregators: ['oneEntry', 'honest'], watcher: 'absent' });
      const state = await played.complete();
      expect(phases(state)).toEqual(['final', 'final']);
      expect(posted(state)[0]).toBe(posted(undisturbed)[0]);
      expect(posted(state)[1]).not.toBe(posted(undisturbed)[1]);
      expect(state.burnt).toBe(0n);
    },
    3 * minute,
  );
});

describe('an aggregator that refuses an honest update', () => {
  test(
    'is struck; in the repeated step the update counts',
    async () => {
      const played = await play('a false refusal', { aggregators: ['refusal', 'honest'] });
      const state = await played.complete();
      expect(state.rounds[1]!.posted!.refused).toEqual([{ participant: 1, reason: 'WrongSigner', entry: 0 }]);
      await expectStruck(played, state, 'refused');
      const final = state.rounds.filter(({ phase }) => phase === 'final');
      expect(final.map(acceptedParticipants)).toEqual(Array(2).fill([0, 1, 2]));
    },
    3 * minute,
  );

  test(
    'control: where no watcher looks, the participant is left out',
    async () => {
      const played = await play('an unseen refusal', {
        aggregators: ['refusal', 'honest'],
        watcher: 'absent',
      });
      const state = await played.complete();
      expect(state.rounds.map(acceptedParticipants)).toEqual([
        [0, 1, 2],
        [0, 2],
      ]);
      expect(finalModel(state)).not.toBe(finalModel(undisturbed));
    },
    3 * minute,
  );
});

describe('a participant that commits to a blob which is nowhere', () => {
  test(
    'is named unavailable, and the rest go on',
    async () => {
      const played = await play('a missing blob', { emptyHanded: emptyHanded! });
      const state = await played.complete();
      expect(phases(state)).toEqual(['final', 'final']);
      expect(state.rounds.map(({ unavailable }) => unavailable)).toEqual([[3], [3]]);
      expect(state.rounds.map(acceptedParticipants)).toEqual(Array(2).fill([0, 1, 2]));
      await expectRight(state);
    },
    3 * minute,
  );

  test(
    'and an aggregator that includes it all the same is asked for receipts, and struck for its silence',
    async () => {
      const played = await play('an unreadable inclusion', {
        aggregators: ['inclusion', 'honest'],
        emptyHanded: emptyHanded!,
      });
      const state = await played.complete();
      expect(state.rounds[0]!.failure).toMatchObject({ lie: { kind: 'silence', participant: 3 } });
      expect(state.rounds[0]!.demands[3]).toMatchObject({ answered: false });
      await expectStruck(played, state, 'silence');
    },
    3 * minute,
  );
});

test(
  'an aggregator that is killed between close and step comes back, and makes the same step',
  async () => {
    const played = await play('a death between close and step', { aggregators: ['death', 'honest'] });
    expect(await played.ended('aggregator 1')).toBe('SIGKILL');
    expect((await played.state()).rounds[0]).toMatchObject({ phase: 'stepping' });
    played.startAggregator(0);
    const state = await played.complete();
    expect(posted(state)).toEqual(posted(undisturbed));
    await expectRight(state);
  },
  3 * minute,
);

test(
  'an aggregator that is killed between close and step for good is replaced, and the step is the same',
  async () => {
    const played = await play('a death for good', { aggregators: ['death', 'honest'] });
    expect(await played.ended('aggregator 1')).toBe('SIGKILL');
    const state = await played.complete();
    const { first, second } = accounts(played);
    expect(state.rounds.map(({ closedBy }) => closedBy)).toEqual([first, second]);
    expect(state.rounds.map(({ posted }) => posted!.by)).toEqual([second, second]);
    expect(posted(state)).toEqual(posted(undisturbed));
    // Its stake waits for it.
    expect(state.aggregators[0]!.status).toBe('standing');
    await expectRight(state);
    // Its store lacks what came later, and is the one that a receipt is checked with.
    const { verified } = await played.finish(played.reports);
    expect(verified).toBe(true);
  },
  3 * minute,
);

test(
  'an aggregator that falls asleep, and its store with it, is replaced',
  async () => {
    const played = await play('a sleeping aggregator', {}, 40);
    await played.until(
      'aggregator 1',
      ({ type, ...event }) => type === 'stepped' && 'round' in event && event.round === 0,
    );
    played.signal('aggregator 1', 'SIGSTOP');
    const state = await played.complete(['aggregator 1']);
    const { second } = accounts(played);
    expect(state.rounds.at(-1)!.posted!.by).toBe(second);
    expect(posted(state)).toEqual(posted(undisturbed));
    expect(state.burnt).toBe(0n);
    await expectRight(state);
  },
  3 * minute,
);
