import type { Address } from '@nonet/core';
import { createSigner, type Signer } from '@nonet/core/identity';
import type { Demand, JobState, Move, Round, StoreReceipt } from '@nonet/core/ports';
import { describe, expect, test } from 'vitest';
import { createSimulation, key } from '../../test/simulation.ts';
import { createMemoryOutbox } from '../site/outbox.ts';
import { signStoreReceipt } from '../stores/storeReceipt.ts';
import { createSampleRound } from '../testing/sampleRound.ts';
import { answerDemands, createDemand, createKeptReceipts } from './demands.ts';
import type { FederationEvent } from './events.ts';
import type { JobView, RoleParameters } from './jobView.ts';
import type { ReceiptReader } from './receiptReader.ts';

const store = createSigner(`0x${'07'.repeat(32)}`);
const watcher = key('watcher');

/** A role in a round of four participants at ledger second 1000, and the moves that it makes. */
async function createRole(signer: Signer, changeJob: { readonly appealing?: number } = {}) {
  const { job, ledger } = await createSimulation();
  const { state, round } = await createSampleRound({ participants: 4, entries: 4 });
  const events: FederationEvent[] = [];
  const submitted: Move[] = [];
  const clock = { now: 1000 };
  const parameters: RoleParameters = {
    job: { ...job, phases: { ...job.phases, ...changeJob } },
    ledger: { ...ledger, now: async () => clock.now },
    signer,
    signal: new AbortController().signal,
    onEvent: (event) => void events.push(event),
  };
  const terms: JobState['terms'] = { ...state.terms, stores: [store.account] };
  const view: JobView = {
    state: { ...state, terms },
    events: [],
    change: async () => {},
    async submit(move) {
      submitted.push(move);
      return { transaction: '0x', block: 1, at: clock.now, gas: 1 };
    },
  };
  return { parameters, view, round, terms, events, submitted, clock };
}

describe('demands', () => {
  const types = (events: readonly FederationEvent[]) => events.map(({ type }) => type);

  test('are made once for each update, not for what was demanded before', async () => {
    const { parameters, view, round, events, submitted } = await createRole(watcher);
    const demand = createDemand(parameters, view);
    const asked: Demand = { by: key('participant 0').account, deadline: 1010, answered: true };
    const current: Round = { ...round, demands: { 2: asked } };
    expect(await demand(3, current, [1, 2])).toBe(true);
    expect(submitted).toEqual([{ type: 'demand', round: 3, participant: 1 }]);
    expect(await demand(3, current, [1, 2])).toBe(false);
    expect(types(events)).toEqual(['abstained']);
    // Another round is another matter.
    expect(await demand(4, round, [1])).toBe(true);
    expect(submitted).toHaveLength(2);
  });

  test('are not made where nothing has time to answer; the role abstains all the same', async () => {
    const { parameters, view, round, events, submitted } = await createRole(watcher, { appealing: 0 });
    expect(await createDemand(parameters, view)(0, round, [1])).toBe(false);
    expect(submitted).toEqual([]);
    expect(types(events)).toEqual(['abstained']);
  });
});

test('kept receipts of a round are those of every process that was about to close it', async () => {
  const outbox = createMemoryOutbox();
  const sets = await Promise.all(
    ['1', '2', '3'].map(async (digit) => [
      await signStoreReceipt(`0x${digit.repeat(64)}` as Address, 10, store),
    ]),
  );
  await createKeptReceipts(outbox).keep(
    0,
    new Map([
      [1, sets[0]!],
      [2, sets[1]!],
    ]),
  );
  const again = createKeptReceipts(outbox);
  await again.keep(0, new Map([[2, sets[2]!]]));
  expect(await again.find(0, 1)).toEqual(sets[0]);
  expect(await again.find(0, 2)).toEqual(sets[2]);
  expect(await again.find(1, 1)).toBeUndefined();
});

describe('open demands', () => {
  /** Demands for participants 0 to 2, due at second 1010. */
  async function createAnswering(signer: Signer, kept: ReadonlyMap<number, readonly StoreReceipt[]>) {
    const role = await createRole(signer);
    const asked: Demand = { by: watcher.account, deadline: 1010, answered: false };
    const current: Round = {
      ...role.round,
      closedBy: key('aggregator 0').account,
      demands: { 0: asked, 1: asked, 2: asked },
    };
    const blobOf = (participant: number) => current.commitments[participant]!.blob;
    const found: Address[] = [];
    const reader = {
      async find(blob: Address) {
        found.push(blob);
        return blob === blobOf(2) ? undefined : [await signStoreReceipt(blob, 10, store)];
      },
    } as ReceiptReader;
    const outbox = createKeptReceipts(createMemoryOutbox());
    await outbox.keep(0, kept);
    const state: JobState = { ...role.view.state, rounds: [current] };
    const answer = () => answerDemands(role.parameters, role.view, state, outbox, reader);
    const answered = () => role.submitted.map((move) => ('participant' in move ? move.participant : -1));
    return { ...role, blobOf, found, answer, answered };
  }

  test('are answered at once by who closed, and by another aggregator in the second half of the time', async () => {
    const closer = await createAnswering(key('aggregator 0'), new Map());
    expect(await closer.answer()).toBe(true);
    expect(closer.answered().toSorted()).toEqual([0, 1]);
    const other = await createAnswering(key('aggregator 1'), new Map());
    other.clock.now = 1005;
    expect(await other.answer()).toBe(false);
    expect(other.submitted).toEqual([]);
    other.clock.now = 1006;
    expect(await other.answer()).toBe(true);
    expect(other.answered().toSorted()).toEqual([0, 1]);
  });

  test('are answered by what was kept, or, where that is of another commitment, by what stores say', async () => {
    const receiptOf = async (blob: Address) => [await signStoreReceipt(blob, 77, store)];
    const { round } = await createSampleRound({ participants: 4, entries: 4 });
    const right = await receiptOf(round.commitments[0]!.blob);
    const stale = await receiptOf(`0x${'1'.repeat(64)}` as Address);
    const kept = new Map([
      [0, right],
      [1, stale],
      [2, stale],
    ]);
    const { answer, submitted, found, blobOf } = await createAnswering(key('aggregator 0'), kept);
    await answer();
    expect(submitted.find((move) => 'participant' in move && move.participant === 0)).toMatchObject({
      receipts: right,
    });
    expect(submitted.find((move) => 'participant' in move && move.participant === 1)).toMatchObject({
      receipts: [{ blob: blobOf(1) }],
    });
    expect(submitted).toHaveLength(2);
    expect(found.toSorted()).toEqual([blobOf(1), blobOf(2)].toSorted());
  });

  test('are answered all at once: each has the same time', async () => {
    const { view, answer, submitted } = await createAnswering(key('aggregator 0'), new Map());
    const release = Promise.withResolvers<void>();
    const { submit } = view;
    view.submit = async (move) => {
      const posted = submit(move);
      if (submitted.length === 2) release.resolve();
      await release.promise;
      return posted;
    };
    expect(await answer()).toBe(true);
  });
});
