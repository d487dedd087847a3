/**
 * Cheats, over the real contract and stores: an aggregator that posts a wrong model, and participants that send what they should not. Each attack has
 * a control in which it succeeds, or a round that goes on without it.
 */
import { join } from 'node:path';
import { decodeCanonical } from '@nonet/core/codec';
import { createPrivateKey, createSigner } from '@nonet/core/identity';
import type { BlobStore, Ledger } from '@nonet/core/ports';
import {
  acceptedParticipants,
  createHttpStore,
  decodeModel,
  domainOf,
  encodeModel,
  encodeUpdate,
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
import { nonet } from './nonet.ts';

const minute = 60_000;
const draft = {
  ...cancer,
  training: { ...cancer.training, epochs: 2 },
  phases: { collecting: 60, appealing: 2, stepping: 4 },
};

/** A ledger through which an aggregator posts, in one round, a model with one entry changed. */
function lyingLedger({ ledger, job }: Federation, round: number): Ledger {
  const store = createHttpStore(job.stores[0]!);
  return {
    ...ledger,
    rounds: {
      ...ledger.rounds,
      async submit(address, move, by) {
        if (move.type !== 'step' || move.round !== round) return ledger.rounds.submit(address, move, by);
        const model = decodeModel(await store.get(move.model), job.vector);
        model.flat[7]! += 2 ** -10;
        const { address: wrong } = await store.put(encodeModel(model));
        return ledger.rounds.submit(address, { ...move, model: wrong }, by);
      },
    },
  };
}

describe('an aggregator that posts a wrong model', () => {
  let watched: Federation;
  let unwatched: Federation;
  let finished: FinishedRun;

  beforeAll(async () => {
    [watched, unwatched] = await Promise.all([
      createFederation({ ...draft, rounds: 3 }, sites),
      createFederation({ ...draft, rounds: 2, phases: { ...draft.phases, stepping: 2 } }, sites),
    ]);
    const everybody = (federation: Federation) => sites.map((_, site) => federation.participant(site));
    await Promise.all([
      watched.aggregator({ ledger: lyingLedger(watched, 1) }),
      watched.watcher(),
      ...everybody(watched),
      unwatched.aggregator({ ledger: lyingLedger(unwatched, 1) }),
      ...everybody(unwatched),
    ]);
    finished = await watched.finish();
  }, 3 * minute);

  afterAll(() => Promise.all([watched?.close(), unwatched?.close()]));

  test('is objected to, and the job stops', async () => {
    const { end, rounds } = await watched.state();
    expect(end).toMatchObject({ reason: 'objected', round: 1 });
    expect(rounds.map(({ phase }) => phase).slice(0, 2)).toEqual(['final', 'void']);
    expect(exitCodeOfRun(finished)).toBe(1);
  });

  test('is in the receipt, with both models; the receipt verifies', async () => {
    const { end } = await watched.state();
    if (end?.reason !== 'objected') throw new Error('not objected to');
    expect(end.posted).not.toBe(end.objected);
    const sentences = finished.receipt.evidence.map(({ sentence }) => sentence);
    const objection = sentences.find((sentence) => sentence.includes(end.posted))!;
    expect(objection).toContain(end.objected);
    expect(objection).toContain('what the objector said');
    expect(finished.verified).toBe(true);
    const { code, stdout } = await nonet(
      watched.folder,
      'verify',
      'receipt.json',
      '--blobs',
      join(watched.folder, 'blobs'),
    );
    expect(code, stdout).toBe(0);
    expect(stdout).toMatch(/objected[^\n]*\(checked here\)/);
  });

  test('is what the summary tells first', () => {
    const text = renderSummary(finished);
    expect(text).toContain('stopped in round 2: somebody objected');
    expect(text).not.toContain('complete in');
  });

  test(
    'control: where nobody recomputes, the wrong model becomes final, and who verifies later finds it',
    async () => {
      const state = await unwatched.state();
      expect(isComplete(state)).toBe(true);
      expect(state.end).toBeUndefined();
      const honest = await watched.state();
      // The first round is the same in both; the second would have been, too.
      expect(state.rounds[0]!.step!.model).toBe(honest.rounds[0]!.step!.model);
      if (honest.end?.reason !== 'objected') throw new Error('not objected to');
      expect(state.rounds[1]!.step!.model).toBe(honest.end.posted);
      const late = await unwatched.finish();
      expect(late.verified).toBe(false);
      expect(exitCodeOfRun(late)).toBe(1);
    },
    minute,
  );
});

describe('participants that send what they should not', () => {
  let federation: Federation;
  let finished: FinishedRun;
  const shares = partitionDirichlet(sites[0]!, { sites: 7, alpha: 100 });

  beforeAll(async () => {
    federation = await createFederation({ ...draft, rounds: 2, minimum: 2 }, shares);
    const { job, ledger } = federation;
    const real = createHttpStore(job.stores[0]!);
    /** Uploads in the second round what `forge` makes of the honest message, and commits to it. */
    const forging = (forge: (honest: Uint8Array, earlier: Uint8Array) => Uint8Array): BlobStore => {
      const sent: Uint8Array[] = [];
      return {
        ...real,
        async put(bytes) {
          sent.push(bytes);
          return real.put(sent.length === 2 ? forge(bytes, sent[0]!) : bytes);
        },
      };
    };
    const updateIn = (bytes: Uint8Array): Update => {
      const { entries, ...rest } = decodeCanonical(bytes) as unknown as Omit<Update, 'entries'> & {
        entries: Uint8Array;
      };
      return { ...rest, entries: new Int32Array(entries.slice().buffer) };
    };
    const encode = (update: Update, site: number, signer = federation.sites[site]!) => {
      const { job: address, round, participant, model, examples, entries } = update;
      const salt = crypto.getRandomValues(new Uint8Array(32));
      return encodeUpdate(
        { job: address, round, participant, model, examples, entries },
        salt,
        domainOf(ledger),
        signer,
      );
    };
    const forgeries: Record<number, (honest: Uint8Array, earlier: Uint8Array) => Uint8Array> = {
      2: (honest) => {
        const update = updateIn(honest);
        return encode({ ...update, entries: update.entries.subarray(1) }, 2);
      },
      3: (honest) => encode(updateIn(honest), 3, createSigner(createPrivateKey())),
      4: (_, earlier) => earlier,
      5: () => crypto.getRandomValues(new Uint8Array(1000)),
      6: (honest) => new Uint8Array(honest.length + 100_000),
    };
    await Promise.all([
      federation.aggregator(),
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
      [0, 1, 2, 3, 4, 5, 6],
      [0, 1],
    ]);
    expect(exitCodeOfRun(finished)).toBe(0);
  });

  test.each([
    [2, 'a message of another shape', 'WrongLength'],
    [3, 'a message signed by somebody else', 'WrongSigner'],
    [4, 'the message of an earlier round', 'WrongRound'],
    [5, 'noise', 'Malformed'],
    [6, 'far too much', 'Oversized'],
  ])(
    'participant %i, who sent %s, is refused with a reason that the receipt proves',
    (participant, _, reason) => {
      const record = finished.receipt.evidence.findIndex(({ sentence }) =>
        sentence.startsWith(`In round 2 the update of participant ${participant} was left out`),
      );
      expect(finished.receipt.evidence[record]!.sentence).toContain(`(${reason}: `);
      const verdicts = finished.verdicts.filter(({ piece }) => piece === `evidence ${record + 1}`);
      expect(verdicts.map(({ status }) => status)).toEqual(['checked here']);
    },
  );
});
