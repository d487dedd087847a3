/** What moves and proofs cost: printed, and held to their budgets. */
import { type Address, addressOf } from '@nonet/core';
import type { Signer } from '@nonet/core/identity';
import type { JobTerms, Lie, Move } from '@nonet/core/ports';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeCall } from '../src/abi.ts';
import { encodePartials, flip, showLeaf } from './blobs.ts';
import { type JudgedRound, leafOf, postRound } from './judgedRound.ts';
import { createJob, fresh, type Play, receiptsOf, shortPhases, startPlay, termsBy } from './play.ts';
import { pretendParticipants } from './pretendParticipants.ts';

let play: Play;
let creator: Signer;
let aggregator: Signer;
let players: readonly Signer[];

beforeAll(async () => {
  play = await startPlay(130);
  [creator, aggregator, ...players] = play.signers as [Signer, Signer, ...Signer[]];
});
afterAll(() => play.chain.close());

const table: Record<string, { least: number; most: number }> = {};

function note(name: string, gas: number): void {
  const { least, most } = table[name] ?? { least: gas, most: gas };
  table[name] = { least: Math.min(least, gas), most: Math.max(most, gas) };
}

describe('a move', () => {
  async function createGame(change: Partial<JobTerms> = {}) {
    const terms = termsBy(creator.account, {
      rounds: 10,
      aggregators: [creator.account, aggregator.account],
      stores: [creator.account, aggregator.account],
      copies: 2,
      watchers: [creator.account],
      maximumWeight: 2 ** 32 - 1,
      attempts: 100,
      bond: 10n,
      escrow: 1000n,
      ...change,
    });
    const job = await createJob(play, terms, creator);
    const make = async (move: Move, by: Signer, wei = 0n, name: string = move.type) => {
      const outcome = await play.move(job, move, by, wei);
      if ('refused' in outcome) throw new Error(`${name}: ${outcome.refused}`);
      note(name, outcome.gas);
    };
    return { terms, make };
  }

  /** 32 bytes without a zero are the dearest calldata. */
  const dearest = `0x${'fe'.repeat(32)}` as Address;
  const bothStores = (blob: Address) => receiptsOf([creator, aggregator], blob);

  it('costs at most 60,000 gas to commit, in every round and situation', async () => {
    const { terms, make } = await createGame();
    const commit = (round: number, by: Signer) =>
      make({ type: 'commit', round, blob: dearest, weight: 2 ** 32 - 1 }, by);
    const [one, two, three, four, five] = players as [Signer, Signer, Signer, Signer, Signer];
    await make({ type: 'stake' }, creator, 10n);
    for (const player of [one, two, three, four]) await make({ type: 'join' }, player);
    let { model } = terms;
    // Who commits in which round: always, every other time, from the second on, after it left.
    const plans: (readonly Signer[])[] = [
      [one, two, three],
      [one, four, two],
      [one, two, four],
      [two, one],
      [five, four, two, one],
    ];
    for (const [round, committers] of plans.entries()) {
      await make({ type: 'open', round, model }, creator);
      if (round === 1) await make({ type: 'leave' }, three);
      if (round === 3) {
        // Away and back within the round: neither awaited nor counted.
        await make({ type: 'leave' }, two);
        await make({ type: 'join' }, two, 0n, 'join again');
        await make({ type: 'join' }, five);
      }
      for (const player of committers) await commit(round, player);
      await play.chain.passTime(61);
      await make({ type: 'close', round, committed: committers.length, unavailable: [0] }, creator);
      await make({ type: 'appeal', round, receipts: await bothStores(dearest) }, one);
      await play.chain.passTime(61);
      await make({ type: 'advance', round }, creator);
      model = fresh();
      await make({ type: 'demand', round, participant: 1 }, one);
      await make({ type: 'answer', round, participant: 1, receipts: await bothStores(dearest) }, creator);
      const refused = [{ participant: 1, reason: 'WrongSigner', entry: 0 }] as const;
      const step = { type: 'step', round, model, receipts: await bothStores(model) } as const;
      await make({ ...step, refused: round === 1 ? refused : [] }, creator);
    }
    await play.chain.passTime(61);
    for (const round of [0, 1]) await make({ type: 'advance', round }, creator, 0n, 'advance to final');
    await make({ type: 'withdraw', rounds: [0, 1] }, one);
    await make({ type: 'object', round: 2, model: fresh(), refused: [] }, creator, 10n);
    await make({ type: 'admit', accounts: [players[9]!.account] }, creator);
    await make({ type: 'end' }, creator);
    // A round number of four bytes instead of one adds three dear bytes.
    expect(table.commit!.most + 3 * 12).toBeLessThanOrEqual(60_000);
  });

  it('costs as little when there is nobody to wait for', async () => {
    const { terms, make } = await createGame();
    await make({ type: 'stake' }, aggregator, 10n);
    for (const player of players.slice(0, 3)) await make({ type: 'join' }, player);
    await make({ type: 'open', round: 0, model: terms.model }, aggregator);
    for (const player of players.slice(0, 3)) await make({ type: 'leave' }, player);
    for (const player of players.slice(0, 3)) await make({ type: 'join' }, player, 0n, 'join again');
    for (const player of players.slice(0, 3)) {
      await make({ type: 'commit', round: 0, blob: dearest, weight: 2 ** 32 - 1 }, player);
    }
    expect(table.commit!.most + 3 * 12).toBeLessThanOrEqual(60_000);
  });

  it('of masked updates costs a participant at most 330,000 gas a round, in four moves', async () => {
    const masked = { masks: { entries: 100, threshold: 50 }, maximumWeight: 1, minParticipants: 3 };
    const { terms, make } = await createGame({
      ...masked,
      phases: { ...shortPhases, open: 60, opening: 60 },
    });
    const cohort = players.slice(0, 12);
    const name = (move: Move) => `${move.type}, masked`;
    const all = async (moveOf: () => Promise<Move> | Move) => {
      for (const player of cohort) {
        const move = await moveOf();
        await make(move, player, 0n, name(move));
      }
    };
    await make({ type: 'stake' }, creator, 10n);
    await make({ type: 'stake' }, aggregator, 10n);
    for (const player of cohort) await make({ type: 'join' }, player);
    const step = async (): Promise<Move> => {
      const model = fresh();
      return { type: 'step', round: 0, model, refused: [], receipts: await bothStores(model) };
    };
    await all(() => ({ type: 'announce', mask: dearest, seal: dearest }));
    await make({ type: 'open', round: 0, model: terms.model }, creator, 0n, 'open, masked');
    await all(async () => ({
      type: 'register',
      round: 0,
      blob: dearest,
      receipts: await bothStores(dearest),
    }));
    await all(() => ({ type: 'commit', round: 0, blob: dearest, weight: 1 }));
    await make({ type: 'complain', round: 0, accused: [1] }, cohort[0]!, 0n, 'complain, masked');
    await make({ type: 'close', round: 0, committed: 12, unavailable: [] }, creator, 0n, 'close, masked');
    await all(async () => ({ type: 'reveal', round: 0, blob: dearest, receipts: await bothStores(dearest) }));
    await make(await step(), creator, 0n, 'step, masked');
    const object: Move = { type: 'object', round: 0, model: fresh(), refused: [] };
    await make(object, cohort[0]!, 10n, 'object, masked');
    await make(await step(), aggregator, 0n, 'step, masked');
    expect(table['commit, masked']!.most + 3 * 12).toBeLessThanOrEqual(60_000);
    expect(table['announce, masked']!.most).toBeLessThanOrEqual(60_000);
    expect(table['register, masked']!.most).toBeLessThanOrEqual(110_000);
    expect(table['reveal, masked']!.most).toBeLessThanOrEqual(100_000);
  });
});

describe('a list', () => {
  it('has room in a transaction for thousands who are unavailable, and a thousand who are refused', async () => {
    const cohort = players.slice(0, 100);
    const terms = termsBy(creator.account, { rule: { entries: 5, headerLeaves: 1 } });
    const job = await createJob(play, terms, creator);
    const make = async (move: Move, by: Signer) => {
      const outcome = await play.move(job, move, by);
      if ('refused' in outcome) throw new Error(`${move.type}: ${outcome.refused}`);
      return outcome.gas;
    };
    for (const player of cohort) await make({ type: 'join' }, player);
    await make({ type: 'open', round: 0, model: terms.model }, creator);
    await Promise.all(
      cohort.map((player) => make({ type: 'commit', round: 0, blob: fresh(), weight: 1 }, player)),
    );
    const model = fresh();
    const receipts = await receiptsOf([creator], model);
    /** Gas for each of 98 participants in a list of 99, over a list of one. */
    const priceOf = async (name: string, move: (list: readonly number[]) => Move) => {
      const gas: number[] = [];
      for (const count of [1, 99]) {
        const snapshot = await play.chain.anvil.request('evm_snapshot');
        gas.push(await make(move(cohort.slice(0, count).map((_, i) => i)), creator));
        await play.chain.anvil.request('evm_revert', snapshot);
      }
      const price = Math.round((gas[1]! - gas[0]!) / 98);
      note(name, price);
      return price;
    };
    const close = (unavailable: readonly number[]): Move => ({
      ...{ type: 'close', round: 0, committed: cohort.length, unavailable },
    });
    const unavailable = await priceOf('for each that is unavailable', close);
    await make(close([]), creator);
    const refused = await priceOf('for each that is refused', (list) => ({
      ...{ type: 'step', round: 0, model, receipts },
      refused: list.map((participant) => ({ participant, reason: 'OutOfRange' as const, entry: 4 })),
    }));
    expect(unavailable).toBeLessThanOrEqual(3500);
    expect(refused).toBeLessThanOrEqual(11_500);
  });
});

describe('a proof', () => {
  // MNIST's network of 128 hidden neurons: 407 kB.
  const entries = 101_770;
  const headerLeaves = 2;
  const entry = 70_000;

  async function prove(round: JudgedRound, lie: Lie, name: string): Promise<number> {
    const snapshot = await play.chain.anvil.request('evm_snapshot');
    const outcome = await round.prove(lie, players[0]!);
    await play.chain.anvil.request('evm_revert', snapshot);
    if ('refused' in outcome) throw new Error(`${name}: ${outcome.refused}`);
    note(name, outcome.gas);
    return outcome.gas;
  }

  const wrongNumber = (right: Uint8Array) => flip(right, 256 * headerLeaves + 4 * entry);

  it('of a wrong average of 20 updates costs at most a million gas', async () => {
    const round = await postRound(play, {
      ...{ entries, headerLeaves, players: players.slice(0, 20) },
      refused: [{ participant: 7, reason: 'WrongSigner', entry: 0 }],
      post: (right) => flip(wrongNumber(right), 3),
    });
    const headers = { start: showLeaf(round.start, 0), next: showLeaf(round.next, 0) };
    await prove(round, { kind: 'header', index: 0, ...headers }, 'prove header');
    const shown = showLeaf(round.messages[7]!, 0);
    await prove(round, { kind: 'refused', participant: 7, shown }, 'prove refused, by its signature');
    const average = await prove(round, round.showAverage(entry), 'prove average, n = 19');
    const all = await postRound(play, {
      ...{ entries, headerLeaves, players: players.slice(0, 20) },
      post: wrongNumber,
      forge: (bytes, participant) => (participant === 7 ? flip(bytes, 160) : bytes),
    });
    const accepted = { kind: 'accepted', participant: 7, reason: 'WrongSigner', entry: 0 } as const;
    const forged = showLeaf(all.messages[7]!, 0);
    await prove(all, { ...accepted, shown: forged }, 'prove accepted, by its signature');
    const whole = await prove(all, all.showAverage(entry), 'prove average, n = 20');
    expect(average).toBeLessThan(whole);
    expect(whole).toBeLessThanOrEqual(1_000_000);
  });

  it('of 128 updates, or of a group of so many, fits into one transaction of EIP-7825', async () => {
    const round = await postRound(play, {
      ...{ entries, headerLeaves, players: players.slice(0, 128) },
      post: wrongNumber,
    });
    const average = await prove(round, round.showAverage(entry), 'prove average, n = 128');
    expect(average).toBeLessThan(2 ** 24 / 2);
  });

  it('of partial sums of 512 groups fits into one transaction of EIP-7825', async () => {
    // The last group of the largest cohort, full but for one.
    const first = 511 * 128;
    const small = 200;
    const round = await postRound(play, {
      ...{ entries: small, headerLeaves, first, players: players.slice(0, 127) },
      prepare: (job) => pretendParticipants(play, job, first),
      change: { maxParticipants: 65_535 },
      partials: (right) => {
        right[150]![511]! += 1n;
        return encodePartials(right);
      },
      post: (right) => flip(right, 256 * headerLeaves + 4 * 100),
    });
    const group: Lie = {
      ...{ kind: 'group', group: 511, entry: 150 },
      sum: showLeaf(round.partials!, (150 * 512 + 511) >> 5),
      terms: round.messages.map((message) => showLeaf(message, leafOf(150))),
    };
    const gas = [
      await prove(round, group, 'prove group of 127, of 512'),
      await prove(round, round.showAverage(100), 'prove average of 512 groups'),
    ];
    expect(Math.max(...gas)).toBeLessThan(2 ** 24 / 2);
    expect(addressOf(round.next)).not.toBe(round.terms.model);
  });

  it('costs at most 30,000 gas to register a model', async () => {
    const dearest = `0x${'fe'.repeat(32)}` as Address;
    const outcome = await play.call(encodeCall('anchor', [dearest, dearest]), creator);
    if ('refused' in outcome) throw new Error(outcome.refused);
    note('register a model', outcome.gas);
    expect(outcome.gas).toBeLessThanOrEqual(30_000);
  });

  it('prints the table', () => {
    console.table(table);
  });
});
