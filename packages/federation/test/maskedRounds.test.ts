/** Jobs of masked updates, with real roles over a ledger in memory: exact sums, who is missing, who lies. */
import { type Address, contentOf, pause, UndecidedError } from '@nonet/core';
import { registrationBytes, revealBytes } from '@nonet/privacy/secagg';
import { describe, expect, test } from 'vitest';
import { computeMaskedStep, recoverRound } from '../src/masked/maskedRound.ts';
import { chooseReceipts } from '../src/roles/receiptReader.ts';
import { includedParticipants, maskSet } from '../src/rules/state.ts';
import { createMemoryOutbox, type Outbox, type OutboxKey } from '../src/site/outbox.ts';
import { changeMoves } from '../src/testing/changeMoves.ts';
import { decodeModel } from '../src/update/modelBlob.ts';
import {
  joinAll,
  key,
  createMasked as masked,
  maskedArithmetic,
  range,
  runAll as run,
  type Simulation,
} from './simulation.ts';

/** The step of a final round, from nothing but published bytes. */
function replay({ state, stores, job }: Simulation, number: number): Address | undefined {
  const round = state().rounds[number]!;
  const read = (address: Address) =>
    stores.map((store) => store.blobs.get(address)).find((bytes) => bytes !== undefined)!;
  const all = (addresses: Readonly<Record<number, Address>>) =>
    new Map(Object.entries(addresses).map(([one, address]) => [Number(one), read(address)]));
  const { registrations, reveals } = round.masking!;
  const recovery = recoverRound(state(), number, {
    registrations: all(registrations),
    reveals: all(reveals),
  });
  if (recovery.outcome !== 'recovered') throw new Error(recovery.outcome);
  const messages = new Map(
    includedParticipants(round).map((one) => [one, read(round.commitments[one]!.blob)]),
  );
  const start = decodeModel(read(round.model), job.arithmetic);
  return computeMaskedStep(start, round, messages, recovery, maskedArithmetic)?.address;
}

describe('a job of masked updates', () => {
  test('ends with a model that follows from published bytes, of which no message is an update', async () => {
    const simulation = await masked(5);
    await joinAll(simulation);
    const [{ outcome }, { findings }] = await run(simulation, range(5));
    expect(outcome).toBe('complete');
    expect(findings.every(({ agrees }) => agrees)).toBe(true);
    for (const number of range(3)) {
      const round = simulation.state().rounds[number]!;
      expect(round.phase).toBe('final');
      expect(maskSet(round)).toEqual(range(5));
      expect(replay(simulation, number)).toBe(round.posted!.model);
    }
    const { registrations } = simulation.state().rounds[0]!.masking!;
    const blob = simulation.stores.map(({ blobs }) => blobs.get(registrations[0]!)).find(Boolean)!;
    expect(blob.length).toBe(registrationBytes(5));
  });

  test('goes on without one that does not commit, and awaits it again when it is back', async () => {
    const simulation = await masked(5, { rounds: 4 });
    await joinAll(simulation);
    await run(simulation, range(5), (i) => (i === 4 ? { absences: [1] } : {}));
    const { rounds } = simulation.state();
    const sizes = rounds.map((round) => includedParticipants(round).length);
    expect([sizes[0], sizes[1], sizes[3]]).toEqual([5, 4, 5]);
    const second = rounds[1];
    expect(maskSet(second!)).toEqual(range(5));
    expect(replay(simulation, 1)).toBe(second!.posted!.model);
  });

  test('erases the secrets of rounds that are over', async () => {
    const simulation = await masked(3, { rounds: 2 });
    await joinAll(simulation);
    const outboxes = range(3).map(() => createMemoryOutbox());
    const written: OutboxKey[] = [];
    const watching = (outbox: Outbox): Outbox => ({
      ...outbox,
      async write(number, bytes) {
        written.push(number);
        await outbox.write(number, bytes);
      },
    });
    await run(simulation, range(3), (i) => ({ outbox: watching(outboxes[i]!) }));
    expect(new Set(written)).toEqual(new Set([0, 1, 'answered']));
    for (const outbox of outboxes) expect(await outbox.read(0)).toBeUndefined();
  });

  test('bars a participant whose registration is wrong, and is complete without it', async () => {
    const simulation = await masked(5, { rounds: 1 });
    await joinAll(simulation);
    const store = simulation.connect();
    const ledger = changeMoves(simulation.ledger, async (move) => {
      if (move.type !== 'register') return move;
      const spoilt = new Uint8Array((await store.get(move.blob)).bytes);
      spoilt[60]! ^= 1;
      const { address, receipts } = await store.put(contentOf(spoilt));
      return {
        ...move,
        blob: address,
        receipts: chooseReceipts(simulation.state().terms, address, receipts)!,
      };
    });
    await run(simulation, range(5), (i) => (i === 4 ? { ledger } : {}));
    const { rounds, participants } = simulation.state();
    expect(participants.map(({ barred }) => barred === true)).toEqual([false, false, false, false, true]);
    expect(rounds[0]).toMatchObject({ phase: 'void', failure: { reason: 'complaints', accused: [4] } });
    expect(rounds[1]!.phase).toBe('final');
  });

  test('has a step made again that does not follow from what was revealed, also where some of that is nothing', async () => {
    const simulation = await masked(5, { rounds: 1 });
    await joinAll(simulation);
    const { terms } = simulation.state();
    const store = simulation.connect();
    const publish = async (bytes: Uint8Array) => {
      const { address, receipts } = await store.put(bytes);
      return { blob: address, receipts: chooseReceipts(terms, address, receipts)! };
    };
    const nothing = await publish(new Uint8Array(revealBytes(5)).fill(7));
    const other = await publish(Uint8Array.of(1, 2, 3));
    // The first to reveal makes up what it reveals; those of whom no more come have no store then.
    const colluding = changeMoves(simulation.ledger, (move) =>
      move.type === 'reveal' && move.round === 0 ? { ...move, ...nothing } : move,
    );
    const late = {
      ...store,
      async put(content: Parameters<typeof store.put>[0], options?: object) {
        const isLate = contentOf(content).length === revealBytes(5) && !isObjected();
        if (!isLate) return store.put(content, options);
        throw new UndecidedError({ code: 'store.unreachable', expected: 'a store', found: 'none' });
      },
    };
    let posted = false;
    const isObjected = () => simulation.state().rounds[0]!.objections !== undefined;
    const lie = setInterval(() => {
      const [round] = simulation.state().rounds;
      if (posted || round?.phase !== 'opening' || round.masking!.revealed.length < 3) return;
      posted = true;
      const { blob: model, receipts } = other;
      void simulation.submit({ type: 'step', round: 0, model, refused: [], receipts }, key('aggregator 0'));
    }, 1);
    void simulation.aggregator(1);
    await run(simulation, range(5), (i) => (i === 4 ? { ledger: colluding } : i > 1 ? { store: late } : {}));
    clearInterval(lie);
    const { rounds } = simulation.state();
    // One set and one sum, whoever led.
    const [round] = rounds;
    expect(round).toMatchObject({ phase: 'final', objections: [{ posted: { model: other.blob } }] });
    expect(replay(simulation, 0)).toBe(round!.posted!.model);
    expect(round!.posted!.by).toBe(key('aggregator 1').account);
  });

  test('opens no second sum of a step over others, and one over the same', async () => {
    const simulation = await masked(5, { rounds: 1 });
    await joinAll(simulation);
    const store = simulation.connect();
    // Masked with nothing that the others know: the sum is opened, and no step follows.
    const garbage = changeMoves(simulation.ledger, async (move) => {
      if (move.type !== 'commit' || move.round > 0) return move;
      const { address } = await store.put(crypto.getRandomValues(new Uint8Array(4 * 13)));
      return { ...move, blob: address };
    });
    const outbox = createMemoryOutbox();
    const away = new AbortController();
    const missed: number[] = [];
    const coming = (async () => {
      await simulation.participant(0, {
        outbox,
        signal: away.signal,
        onEvent: ({ type }) => {
          if (type === 'revealed') away.abort();
        },
      });
      while (simulation.state().rounds[1]?.phase !== 'void') await pause(5);
      await simulation.participant(0, { outbox });
    })();
    await run(simulation, [1, 2, 3, 4], (i) => ({
      ...(i === 4 ? { ledger: garbage } : {}),
      onEvent: (event) => {
        if (event.type === 'missed' && event.code === 'secagg.repeated') missed.push(event.round);
      },
    }));
    await coming;
    const { rounds } = simulation.state();
    expect(rounds.map(({ phase, failure }) => failure?.reason ?? phase)).toEqual([
      'deadline',
      'reveals',
      'final',
    ]);
    expect(rounds.map((round) => includedParticipants(round))).toEqual([range(5), [1, 2, 3, 4], range(5)]);
    expect(rounds[1]!.masking!.revealed).toEqual([]);
    expect(missed).toEqual([1, 1, 1, 1]);
    expect(replay(simulation, 2)).toBe(rounds[2]!.posted!.model);
  });

  test('is not joined where a sum without the newcomer was opened', async () => {
    const simulation = await masked(6, { rounds: 1 });
    const { submit, participants } = simulation;
    for (const i of range(5)) await submit({ type: 'join' }, participants[i]!);
    const store = simulation.connect();
    const garbage = changeMoves(simulation.ledger, async (move) => {
      if (move.type !== 'commit' || move.round > 0) return move;
      const { address } = await store.put(crypto.getRandomValues(new Uint8Array(4 * 13)));
      return { ...move, blob: address };
    });
    const newcomer = (async () => {
      while (simulation.state().rounds[0]?.phase !== 'opening') await pause(1);
      return simulation.participant(5);
    })();
    await Promise.all([
      simulation.aggregator(0, { cohort: 5 }),
      simulation.watcher(),
      ...range(5).map((i) => simulation.participant(i, i === 4 ? { ledger: garbage } : {})),
      newcomer,
    ]);
    const { rounds } = simulation.state();
    expect(rounds.map(({ phase }) => phase)).toEqual(['void', 'final']);
    expect(Object.keys(rounds[1]!.masking!.keys)).toHaveLength(6);
    expect(includedParticipants(rounds[1]!)).toEqual(range(5));
  });
});
