/**
 * Cheats, over a real chain, contract, store servers and training: each scene ends with the right model, and
 * each attack has a control in which it succeeds. What is right is what an undisturbed run ends with.
 */
import { join } from 'node:path';
import { addressOf, utf8 } from '@nonet/core';
import { createPrivateKey, createSigner, type Signer } from '@nonet/core/identity';
import { type BlobStore, blobMissing, isRefusal, type Ledger, type Move } from '@nonet/core/ports';
import { idOfJob } from '@nonet/core/records';
import {
  acceptedParticipants,
  decodeModel,
  domainOf,
  encodeModel,
  encodeUpdate,
  expectedUpdate,
  finalModel,
  isComplete,
  isUpdateRefusal,
  showLeaf,
  type Update,
  verifyUpdate,
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
  rounds: 2,
  minParticipants: 2,
  training: { ...cancer.training, epochs: 2 },
  phases: { collecting: 60, closing: 5, appealing: 5, stepping: 8, objecting: 6 },
};

/** A ledger through which one role makes other moves than it means to. */
function misled(ledger: Ledger, change: (move: Move) => Promise<Move> | Move): Ledger {
  return {
    ...ledger,
    rounds: {
      ...ledger.rounds,
      submit: async (job, move, by, wei) => ledger.rounds.submit(job, await change(move), by, wei),
    },
  };
}

/** Posts, in one round, a model with one entry changed. */
function lyingLedger({ ledger, store, job }: Federation, round: number): Ledger {
  return misled(ledger, async (move) => {
    if (move.type !== 'step' || move.round !== round) return move;
    const model = decodeModel(await store.get(move.model), job.arithmetic);
    model.flat[7]! += 2 ** -10;
    const { address, receipts } = await store.put(encodeModel(model));
    const set = receipts.toSorted((a, b) => (a.store < b.store ? -1 : 1)).slice(0, job.copies);
    return { ...move, model: address, receipts: set };
  });
}

const everySite = (federation: Federation) => federation.sites.map((_, site) => federation.participant(site));

let right: string;
const opened: Federation[] = [];
async function open(...parameters: Parameters<typeof createFederation>): Promise<Federation> {
  const federation = await createFederation(...parameters);
  opened.push(federation);
  return federation;
}

beforeAll(async () => {
  const federation = await open(draft, sites);
  await Promise.all([federation.aggregator(0), federation.watcher(), ...everySite(federation)]);
  right = finalModel(await federation.state());
}, 3 * minute);
afterAll(() => Promise.all(opened.map((federation) => federation.close())));

describe('an aggregator that lies in one entry', () => {
  let watched: Federation;
  let finished: FinishedRun;

  beforeAll(async () => {
    watched = await open(draft, sites);
    await Promise.all([
      watched.aggregator(0, { ledger: lyingLedger(watched, 1) }),
      watched.aggregator(1),
      watched.watcher(),
      ...everySite(watched),
    ]);
    finished = await watched.finish();
  }, 3 * minute);

  test('is struck and loses its bond, half burnt and half to who proved it; the job ends with the right model', async () => {
    const state = await watched.state();
    expect(finalModel(state)).toBe(right);
    expect(state.rounds[1]!.failure).toMatchObject({
      reason: 'proven',
      lie: { kind: 'average' },
      culprit: watched.job.aggregators[0],
      by: watched.job.watchers[0],
    });
    expect(state.aggregators[0]!.status).toBe('struck');
    expect(state.burnt).toBe(watched.job.bond / 2n);
    expect(exitCodeOfRun(finished)).toBe(0);
  });

  test('is in the receipt, which verifies, and in the summary', async () => {
    expect(finished.verified).toBe(true);
    const { code, stdout } = await nonet(
      watched.folder,
      'verify',
      'receipt.json',
      '--blobs',
      join(watched.folder, 'blobs'),
    );
    expect(code, stdout).toBe(0);
    expect(renderSummary(finished)).toContain('a lie was proven (average)');
  });

  test(
    'control: where no watcher computes it again, the lie becomes final, and a later check finds it',
    async () => {
      const unwatched = await open(draft, sites);
      await Promise.all([
        unwatched.aggregator(0, { ledger: lyingLedger(unwatched, 1) }),
        ...everySite(unwatched),
      ]);
      const state = await unwatched.state();
      expect(isComplete(state)).toBe(true);
      expect(finalModel(state)).not.toBe(right);
      const late = await unwatched.finish();
      expect(late.verified).toBe(false);
      expect(exitCodeOfRun(late)).toBe(1);
    },
    3 * minute,
  );
});

describe('scenes that end with the right model', () => {
  test(
    'an aggregator refuses wrongly',
    async () => {
      const federation = await open(draft, sites);
      const pretext = misled(federation.ledger, (move) =>
        move.type === 'step' && move.round === 0
          ? { ...move, refused: [{ participant: 1, reason: 'WrongSigner', entry: 0 }] }
          : move,
      );
      await Promise.all([
        federation.aggregator(0, { ledger: pretext }),
        federation.aggregator(1),
        federation.watcher(),
        ...everySite(federation),
      ]);
      const state = await federation.state();
      expect(state.rounds[0]!.failure).toMatchObject({ reason: 'proven', lie: { kind: 'refused' } });
      expect(finalModel(state)).toBe(right);
    },
    3 * minute,
  );

  test(
    'a store serves its own aggregator and nobody else',
    async () => {
      const federation = await open(draft, sites, (store, number) =>
        number === 0
          ? { ...store, digestOf: async (address) => Promise.reject(blobMissing(address, 'this store')) }
          : store,
      );
      await Promise.all([
        federation.aggregator(0),
        federation.aggregator(1),
        federation.watcher(),
        ...everySite(federation),
      ]);
      const state = await federation.state();
      expect(state.rounds.map(({ phase }) => phase)).toEqual(['final', 'final']);
      expect(finalModel(state)).toBe(right);
    },
    3 * minute,
  );

  test(
    'a false objection costs nobody anything',
    async () => {
      const federation = await open(draft, sites);
      const { ledger, job, store, sites: keys } = federation;
      const answers: unknown[] = [];
      const object = async () => {
        const [round] = (await federation.state()).rounds;
        const [start, next] = [await store.get(round!.model), await store.get(round!.posted!.model)];
        const move = (move: Move, by: Signer) => ledger.rounds.submit(idOfJob(job), move, by);
        const lie = { kind: 'header', index: 0, start: showLeaf(start, 0), next: showLeaf(next, 0) } as const;
        answers.push(await move({ type: 'prove', round: 0, lie }, keys[1]!));
        answers.push(
          await move({ type: 'object', round: 0, model: job.model.parameters, refused: [] }, keys[1]!),
        );
      };
      let objected: Promise<void> | undefined;
      await Promise.all([
        federation.aggregator(0, {
          onEvent: ({ type }) => {
            if (type === 'stepped') objected ??= object();
          },
        }),
        federation.watcher(),
        ...everySite(federation),
      ]);
      await objected;
      expect(answers).toMatchObject([{ refused: 'WrongProof' }, { refused: 'WrongRole' }]);
      const state = await federation.state();
      expect(state.aggregators.map(({ status }) => status)).not.toContain('struck');
      expect(finalModel(state)).toBe(right);
    },
    3 * minute,
  );

  test.each([
    ['is killed between close and step', 'closed'],
    ['never wakes up', undefined],
  ])(
    'an aggregator %s',
    async (_, last) => {
      const federation = await open(draft, sites);
      const death = new AbortController();
      const rest = [federation.aggregator(1), federation.watcher(), ...everySite(federation)];
      if (last !== undefined) {
        const first = await federation.aggregator(0, {
          signal: death.signal,
          onEvent: ({ type, ...event }) => {
            if (type === last && 'round' in event && event.round === 1) death.abort();
          },
        });
        expect(first.outcome).toBe('aborted');
      }
      await Promise.all(rest);
      const state = await federation.state();
      expect(state.rounds.at(-1)!.posted!.by).toBe(federation.job.aggregators[1]);
      expect(finalModel(state)).toBe(right);
    },
    3 * minute,
  );

  test(
    'an aggregator includes what nobody can read',
    async () => {
      const federation = await open(
        { ...draft, phases: { ...draft.phases, collecting: 20, stepping: 20 } },
        sites,
      );
      const { ledger, job } = federation;
      const including = misled(ledger, (move) =>
        move.type === 'close' && move.round === 0 ? { ...move, unavailable: [] } : move,
      );
      const commitToNothing = async () => {
        for (;;) {
          const move = { type: 'commit', round: 0, blob: addressOf(utf8('nowhere')), weight: 1 } as const;
          const posted = await ledger.rounds.submit(idOfJob(job), move, federation.sites[2]!);
          if (!isRefusal(posted)) return;
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      };
      await Promise.all([
        federation.aggregator(0, { ledger: including }),
        federation.aggregator(1),
        federation.watcher(),
        commitToNothing(),
        federation.participant(0),
        federation.participant(1),
      ]);
      const state = await federation.state();
      expect(state.rounds[0]!.failure).toMatchObject({
        reason: 'proven',
        lie: { kind: 'silence', participant: 2 },
        culprit: job.aggregators[0],
      });
      expect(isComplete(state)).toBe(true);
      expect((await federation.finish()).verified).toBe(true);
    },
    4 * minute,
  );
});

describe('participants that send what they should not', () => {
  let federation: Federation;
  let finished: FinishedRun;
  const shares = partitionDirichlet(sites[0]!, { sites: 7, alpha: 100 });

  beforeAll(async () => {
    federation = await open(draft, shares);
    const { job, ledger } = federation;
    /** Uploads for the second step what `forge` makes of the honest message, and commits to it. */
    const forging = (forge: Forgery): BlobStore => {
      const sent: Uint8Array[] = [];
      return {
        ...federation.store,
        async put(bytes, options) {
          sent.push(bytes);
          const forged = sent.length === 2 ? await forge(bytes, sent[0]!) : bytes;
          return federation.store.put(forged, options);
        },
      };
    };
    const encode = async (honest: Uint8Array, site: number, change: Partial<Update>, signer?: Signer) => {
      const state = await federation.state();
      const round = state.rounds.at(-1)!;
      const update = verifyUpdate(honest, expectedUpdate(state, round, site, job.arithmetic));
      if (isUpdateRefusal(update)) throw new Error(update.refused);
      const salt = crypto.getRandomValues(new Uint8Array(32));
      return encodeUpdate(
        { ...update, ...change },
        salt,
        domainOf(ledger),
        signer ?? federation.sites[site]!,
      );
    };
    type Forgery = (honest: Uint8Array, earlier: Uint8Array) => Uint8Array | Promise<Uint8Array>;
    const forgeries: Record<number, Forgery> = {
      2: (honest) => encode(honest, 2, { entries: new Int32Array(3) }),
      3: (honest) => encode(honest, 3, {}, createSigner(createPrivateKey())),
      4: (_, earlier) => earlier,
      5: (honest) => crypto.getRandomValues(new Uint8Array(honest.length)),
      6: (honest) => new Uint8Array(honest.length + 100_000),
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
    [2, 'a message of another length', 'WrongLength'],
    [3, 'a message signed by another key', 'WrongSigner'],
    [4, 'the message of an earlier step', 'WrongStep'],
    [5, 'noise', 'Malformed'],
    [6, 'far too much', 'WrongLength'],
  ])(
    'participant %i, who sent %s, is refused with a reason that the receipt shows',
    (participant, _, reason) => {
      const index = finished.receipt.evidence.findIndex(({ sentence }) =>
        sentence.startsWith(`In round 2 the update of participant ${participant} was refused`),
      );
      expect(finished.receipt.evidence[index]!.sentence).toContain(reason);
      const verdicts = finished.verdicts.filter(
        ({ piece }) => piece.kind === 'statement' && piece.number === index + 1,
      );
      expect(verdicts.map(({ status }) => status)).toEqual(['checked here']);
    },
  );
});
