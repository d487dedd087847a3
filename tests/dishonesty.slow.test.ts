/**
 * Cheats, over the real contract and stores, and what their receipts tell: an aggregator that posts
 * a wrong model, and participants that send what they should not. Each attack has a control in
 * which it succeeds, or a round that goes on without it.
 */
import { join } from 'node:path';
import { contentLeafBytes, contentOf } from '@nonet/core';
import { createPrivateKey, createSigner } from '@nonet/core/identity';
import type { BlobStore, JobState } from '@nonet/core/ports';
import { idOfJob } from '@nonet/core/records';
import {
  acceptedParticipants,
  domainOf,
  encodeUpdate,
  finalModel,
  isComplete,
  type Update,
} from '@nonet/federation';
import { partitionDirichlet } from 'nonet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exitCodeOfRun } from '../apps/cli/src/commands/run/run.ts';
import { renderSummary } from '../apps/cli/src/commands/run/summary.ts';
import type { FinishedRun } from '../apps/cli/src/rehearsal/finish.ts';
import { createFederation, type Federation } from './federation.ts';
import { cancer, sites } from './jobs/cancer.ts';
import { lieInOneEntry } from './liars/lies.ts';
import { nonet } from './nonet.ts';

const minute = 60_000;
const draft = {
  ...cancer,
  training: { ...cancer.training, epochs: 2 },
  phases: { collecting: 60, closing: 10, appealing: 4, stepping: 10, objecting: 6 },
};

describe('an aggregator that posts a wrong model', () => {
  let watched: Federation;
  let unwatched: Federation;
  let finished: FinishedRun;
  let state: JobState;

  beforeAll(async () => {
    [watched, unwatched] = await Promise.all([
      createFederation({ ...draft, rounds: 2 }, sites),
      createFederation({ ...draft, rounds: 2, phases: { ...draft.phases, objecting: 2 } }, sites),
    ]);
    const participants = (federation: Federation) => sites.map((_, site) => federation.participant(site));
    await Promise.all([
      watched.aggregator(0, { ledger: lieInOneEntry(watched, 1) }),
      watched.aggregator(1),
      watched.watcher(),
      ...participants(watched),
      unwatched.aggregator(0, { ledger: lieInOneEntry(unwatched, 1) }),
      ...participants(unwatched),
    ]);
    finished = await watched.finish();
    state = await watched.state();
  }, 3 * minute);

  afterAll(() => Promise.all([watched?.close(), unwatched?.close()]));

  test('is proven wrong and struck, and the job goes on to its end', () => {
    expect(state.rounds.map(({ phase }) => phase)).toEqual(['final', 'void', 'final']);
    expect(state.rounds[1]!.failure).toMatchObject({ reason: 'proven', lie: { kind: 'average', entry: 7 } });
    expect(state.aggregators[0]!.status).toBe('struck');
    expect(isComplete(state)).toBe(true);
    expect(exitCodeOfRun(finished)).toBe(0);
  });

  test('is in the receipt, which names the lie and verifies', async () => {
    const liar = state.aggregators[0]!.account;
    const sentences = finished.receipt.evidence.map(({ sentence }) => sentence);
    const proven = `In round 2 aggregator ${liar} was proven to have lied: number 7 of the model`;
    const lie = sentences.find((sentence) => sentence.startsWith(proven));
    expect(lie, sentences.join('\n')).toBeDefined();
    expect(finished.verified).toBe(true);
    const { code, stdout } = await nonet(
      watched.folder,
      'verify',
      'receipt.json',
      '--blobs',
      join(watched.folder, 'blobs'),
    );
    expect(code, stdout).toBe(0);
    expect(stdout).toContain(`${lie} (checked here)`);
  });

  test('is in the summary', () => {
    const text = renderSummary(finished);
    expect(text).toContain(
      `void: a lie was proven (average), and ${state.aggregators[0]!.account.slice(0, 8)}… lost its bond`,
    );
    expect(text).toContain('3 of 3 sites in every round');
  });

  test(
    'control: where no watcher recomputes, the wrong model becomes final, and who verifies later finds it',
    async () => {
      const late = await unwatched.state();
      expect(isComplete(late)).toBe(true);
      // The first round is the same in both; the second would have been, too.
      const [right] = state.rounds;
      expect(late.rounds[0]!.posted!.model).toBe(right!.posted!.model);
      expect(late.rounds[1]!.posted!.model).toBe(state.rounds[1]!.posted!.model);
      expect(finalModel(late)).not.toBe(finalModel(state));
      const told = await unwatched.finish();
      expect(told.verified).toBe(false);
      expect(exitCodeOfRun(told)).toBe(1);
    },
    minute,
  );
});

type Forge = (honest: Uint8Array, earlier: Uint8Array) => Uint8Array | Promise<Uint8Array>;

describe('participants that send what they should not', () => {
  let federation: Federation;
  let finished: FinishedRun;
  const shares = partitionDirichlet(sites[0]!, { sites: 8, alpha: 100 });

  beforeAll(async () => {
    federation = await createFederation({ ...draft, rounds: 2, minParticipants: 2 }, shares);
    const { job, ledger, store } = federation;
    /** Uploads in the second round what `forge` makes of the honest message, and commits to it. */
    const forging = (forge: Forge): BlobStore => {
      const sent: Uint8Array[] = [];
      return {
        ...store,
        async put(blob, options) {
          const { bytes } = contentOf(blob);
          sent.push(bytes);
          return store.put(sent.length === 2 ? await forge(bytes, sent[0]!) : bytes, options);
        },
      };
    };
    const encode = async (
      honest: Uint8Array,
      site: number,
      change: (update: Update) => Partial<Update>,
      signer = federation.sites[site]!,
    ) => {
      const { rounds } = await federation.state();
      const { step, model } = rounds.at(-1)!;
      const entries = new Int32Array(honest.slice(contentLeafBytes).buffer);
      // The dataset is nobody's business here: what an update was made from is not checked.
      const update = { job: idOfJob(job), step, participant: site, model, dataset: model, entries };
      const salt = crypto.getRandomValues(new Uint8Array(32));
      return (await encodeUpdate({ ...update, ...change(update) }, salt, domainOf(ledger), signer)).bytes;
    };
    const forgeries: Record<number, Forge> = {
      2: (honest) => encode(honest, 2, ({ entries }) => ({ entries: entries.slice(1) })),
      3: (honest) => encode(honest, 3, () => ({}), createSigner(createPrivateKey())),
      4: (_, earlier) => earlier,
      5: (honest) => crypto.getRandomValues(new Uint8Array(honest.length)),
      6: (honest) => new Uint8Array(honest.length + 100_000),
      7: (honest) => encode(honest, 7, ({ entries }) => ({ entries: entries.with(5, 2 ** 23 + 1) })),
    };
    await Promise.all([
      federation.aggregator(0),
      federation.watcher(),
      ...shares.map((_, site) => {
        const forge = forgeries[site];
        return federation.participant(site, forge === undefined ? {} : { store: forging(forge) });
      }),
    ]);
    finished = await federation.finish();
  }, 3 * minute);

  afterAll(() => federation?.close());

  test('are left out of the round, which goes on with the others', async () => {
    const state = await federation.state();
    expect(isComplete(state)).toBe(true);
    expect(state.rounds.map(acceptedParticipants)).toEqual([
      [0, 1, 2, 3, 4, 5, 6, 7],
      [0, 1],
    ]);
    expect(exitCodeOfRun(finished)).toBe(0);
  });

  test.each([
    [2, 'a message of another shape', 'WrongLength'],
    [3, 'a message with the signature of another key', 'WrongSigner'],
    [4, 'the message of an earlier step', 'WrongStep'],
    [5, 'noise', 'Malformed'],
    [6, 'far too much', 'WrongLength'],
    [7, 'an entry beyond the clamp', 'OutOfRange'],
  ])(
    'participant %i, who sent %s, is refused with a reason that the receipt proves',
    (participant, _, reason) => {
      const record = finished.receipt.evidence.findIndex(({ sentence }) =>
        sentence.startsWith(`In round 2 the update of participant ${participant} was refused: `),
      );
      const refused = `participant ${participant}`;
      expect(record, refused).toBeGreaterThanOrEqual(0);
      expect(finished.receipt.evidence[record]!.sentence).toContain(reason);
      const verdicts = finished.verdicts.filter(
        ({ piece }) => piece.kind === 'statement' && piece.number === record + 1,
      );
      expect(verdicts.map(({ status }) => status)).toEqual(['checked here']);
    },
  );
});
