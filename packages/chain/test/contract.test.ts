/**
 * What the conformance suite cannot ask: large cohorts, many rounds, callers that a correct client
 * never is.
 */
import { type Address, fromHex, type Hex, toHex, utf8 } from '@nonet/core';
import type { Account, Signer } from '@nonet/core/identity';
import { type JobTerms, type Move, timedPhases } from '@nonet/core/ports';
import { decodeAbiParameters, encodeAbiParameters, encodeFunctionData, keccak256 } from 'viem/utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeCall } from '../src/abi.ts';
import { nonetAbi } from '../src/artefacts/nonetAbi.ts';
import { decodeMove, decodeTerms, encodeMove, encodeTerms } from '../src/moves.ts';
import { compileAll, deployHarness } from './harness.ts';
import { simulate } from './judgedRound.ts';
import { createJob, fresh, type Play, receiptsOf, shortPhases, startPlay, termsBy } from './play.ts';
import { pretendParticipants } from './pretendParticipants.ts';
import { readView } from './readStorage.ts';

let play: Play;
let creator: Signer;
let players: readonly Signer[];

beforeAll(async () => {
  play = await startPlay(12);
  [creator, ...players] = play.signers as [Signer, ...Signer[]];
});
afterAll(() => play.chain.close());

// As the contract counts phases.
const collecting = 2;
const objecting = 8;
const isVoid = 10;

/** A job of the creator, who is aggregator and store. */
async function create(change: Partial<JobTerms> = {}): Promise<{ job: Address; terms: JobTerms }> {
  const terms = termsBy(creator.account, change);
  return { job: await createJob(play, terms, creator), terms };
}

/** The gas of a move that is accepted. */
async function make(job: Address, move: Move, by: Signer, wei?: bigint): Promise<number> {
  const outcome = await play.move(job, move, by, wei);
  if ('refused' in outcome) throw expect.fail(`${move.type}: ${outcome.refused}`);
  return outcome.gas;
}

const stepTo = async (round: number, model: Address, change: object = {}): Promise<Move> => ({
  type: 'step',
  round,
  model,
  refused: [],
  receipts: await receiptsOf([creator], model),
  ...change,
});

/** Opens, collects from `committers`, closes and steps. Returns the model. */
async function playRound(
  job: Address,
  round: number,
  start: Address,
  committers: readonly Signer[],
): Promise<Address> {
  const model = fresh();
  await make(job, { type: 'open', round, model: start }, creator);
  for (const player of committers) {
    await make(job, { type: 'commit', round, blob: fresh(), weight: 1 }, player);
  }
  const { phase } = await readView(play.rpc, play.contract, 'roundOf', job, BigInt(round));
  expect(phase).toBe(collecting);
  await make(job, { type: 'close', round, committed: committers.length, unavailable: [] }, creator);
  await make(job, await stepTo(round, model), creator);
  return model;
}

describe('the events', () => {
  const logsOf = (event: string, job: Address) =>
    play.rpc.request<{ data: Hex; topics: Hex[] }[]>('eth_getLogs', [
      { address: play.contract, fromBlock: '0x0', topics: [keccak256(utf8(event)), job] },
    ]);
  const created =
    'Created(bytes32,address,(bytes32,bytes32,uint32,uint16,uint16,bool,uint32[8],uint32,uint32,uint40,address[],address[],address[],uint8,uint32,uint32,uint32,uint32,uint8,uint96,uint96))';

  it('hold the terms of a job', async () => {
    const phases = Object.fromEntries(timedPhases.map((phase, i) => [phase, 100 + i]));
    for (const change of [
      {},
      { invited: true, phases: phases as typeof shortPhases, rule: { entries: 7, headerLeaves: 2 } },
      { aggregators: players.map(({ account }) => account), watchers: [players[1]!.account], bond: 7n },
    ]) {
      const { job, terms } = await create(change);
      const [log] = await logsOf(created, job);
      expect(decodeTerms(log!.data)).toEqual(terms);
    }
  });

  it('hold each accepted move as it was sent, and whose it was', async () => {
    const { job, terms } = await create();
    await make(job, { type: 'join' }, players[0]!);
    const open = { type: 'open', round: 0, model: terms.model } as const;
    expect(await play.move(job, { ...open, round: 1 }, creator)).toEqual({ refused: 'WrongRound' });
    await make(job, open, creator);
    const logs = await logsOf('Moved(bytes32,address,bytes)', job);
    const parameters = [{ type: 'address' }, { type: 'bytes' }] as const;
    const moves = logs.map(({ data }) => {
      const [by, call] = decodeAbiParameters(parameters, data);
      return { by: by.toLowerCase(), ...decodeMove(call) };
    });
    expect(moves).toEqual([
      { by: players[0]!.account, job, move: { type: 'join' } },
      { by: creator.account, job, move: open },
    ]);
  });

  it('hold an anchor and whose it is', async () => {
    const [job, root] = [fresh(), fresh()];
    const data = encodeFunctionData({ abi: nonetAbi, functionName: 'anchor', args: [job, root] });
    expect(await play.call(data, players[2]!)).toHaveProperty('gas');
    const [log] = await logsOf('Anchored(bytes32,bytes32,address)', job);
    expect(log!.topics.slice(2)).toEqual([root, `0x${players[2]!.account.slice(2).padStart(64, '0')}`]);
  });
});

describe('a large cohort', () => {
  it('numbers, collects, appeals, refuses and pays up to participant 65,534', async () => {
    const { job, terms } = await create({ maxParticipants: 65_535, escrow: 1000n });
    await pretendParticipants(play, job, 65_532);
    for (const player of players.slice(0, 3)) await make(job, { type: 'join' }, player);
    expect(await play.move(job, { type: 'join' }, players[3]!)).toEqual({ refused: 'CohortFull' });
    await make(job, { type: 'open', round: 0, model: terms.model }, creator);
    const blobs = [fresh(), fresh(), fresh()];
    for (const [i, blob] of blobs.entries()) {
      await make(job, { type: 'commit', round: 0, blob, weight: 1 + i }, players[i]!);
    }
    await play.chain.passTime(61);
    await make(job, { type: 'close', round: 0, committed: 3, unavailable: [65_533, 65_534] }, creator);
    const receipts = await receiptsOf([creator], blobs[1]!);
    await make(job, { type: 'appeal', round: 0, receipts }, players[1]!);
    await play.chain.passTime(61);
    await make(job, { type: 'advance', round: 0 }, creator);
    const refuse = (participant: number) =>
      stepTo(0, fresh(), { refused: [{ participant, reason: 'Malformed', entry: 0 }] });
    for (const wrong of [65_534, 0, 65_535, 2 ** 32]) {
      expect(await play.move(job, await refuse(wrong), creator)).toEqual({ refused: 'WrongSet' });
    }
    await make(job, await refuse(65_532), creator);
    expect(await readView(play.rpc, play.contract, 'roundOf', job, 0n)).toMatchObject({ weight: 2 });
    await play.chain.passTime(61);
    await make(job, { type: 'advance', round: 0 }, creator);
    for (const [i, owed] of [false, true, false].entries()) {
      const outcome = await play.move(job, { type: 'withdraw', rounds: [0] }, players[i]!);
      expect(outcome).toEqual(owed ? { gas: expect.any(Number) } : { refused: 'NothingOwed' });
    }
  });

  it('steps with partial sums from 129 participants on, where the ledger judges', async () => {
    for (const [size, rule, grouped] of [
      [128, { entries: 5, headerLeaves: 1 }, false],
      [129, { entries: 5, headerLeaves: 1 }, true],
      [129, undefined, false],
    ] as const) {
      const { job, terms } = await create({ ...(rule === undefined ? {} : { rule }) });
      await pretendParticipants(play, job, size - 1);
      await make(job, { type: 'join' }, players[0]!);
      await make(job, { type: 'open', round: 0, model: terms.model }, creator);
      await make(job, { type: 'commit', round: 0, blob: fresh(), weight: 1 }, players[0]!);
      await play.chain.passTime(61);
      await make(job, { type: 'close', round: 0, committed: 1, unavailable: [] }, creator);
      const [model, partials] = [fresh(), fresh()];
      const [one, two] = [await receiptsOf([creator], model), await receiptsOf([creator], partials)];
      const without = await stepTo(0, model);
      const within = await stepTo(0, model, { partials, receipts: [...one, ...two] });
      expect(await play.move(job, grouped ? without : within, creator)).toEqual({ refused: 'WrongModel' });
      if (grouped) {
        for (const receipts of [one, [...two, ...one], [...one, ...one], [...one, ...two, ...two]]) {
          const wrong = await stepTo(0, model, { partials, receipts });
          expect(await play.move(job, wrong, creator)).toEqual({ refused: 'WrongReceipt' });
        }
      }
      await make(job, grouped ? within : without, creator);
    }
  });
});

describe('many rounds', () => {
  /** So many steps on one another, while the first can still be proven wrong. */
  async function pileUp(steps: number, rounds: number) {
    const phases = { ...shortPhases, objecting: 100_000 };
    const aggregators = [creator.account, players[5]!.account];
    const { job, terms } = await create({ rounds, phases, aggregators });
    await make(job, { type: 'join' }, players[0]!);
    let { model } = terms;
    for (let round = 0; round < steps; round++) model = await playRound(job, round, model, [players[0]!]);
    return { job, terms, model };
  }

  it('are void at once, for the same gas however many there are', async () => {
    const gas: number[] = [];
    for (const steps of [3, 12]) {
      const { job, terms, model } = await pileUp(steps, 20);
      await make(job, { type: 'open', round: steps, model }, creator);
      await make(job, { type: 'demand', round: 1, participant: 0 }, players[0]!);
      await play.chain.passTime(61);
      const lie = { kind: 'silence', participant: 0 } as const;
      gas.push(await make(job, { type: 'prove', round: 1, lie }, players[0]!));

      const phases = async () => {
        const rounds = Array.from({ length: steps + 1 }, (_, i) => BigInt(i));
        const seen = rounds.map((round) => readView(play.rpc, play.contract, 'roundOf', job, round));
        return (await Promise.all(seen)).map(({ phase }) => phase);
      };
      const after = [objecting, ...Array(steps).fill(isVoid)];
      expect(await phases()).toEqual(after);
      const commit = { type: 'commit', round: steps, blob: fresh(), weight: 1 } as const;
      expect(await play.move(job, commit, players[0]!)).toEqual({ refused: 'WrongPhase' });
      for (const round of [1, steps]) {
        expect(await play.move(job, { type: 'advance', round }, creator)).toEqual({ refused: 'WrongPhase' });
        expect(await play.move(job, { type: 'prove', round, lie }, creator)).toEqual({
          refused: 'WrongPhase',
        });
      }

      // The struck creator may open, the other aggregator leads, from the model of step 0.
      const first = (await readView(play.rpc, play.contract, 'roundOf', job, 0n)).posted as Address;
      const again = steps + 1;
      expect(await play.move(job, { type: 'open', round: again, model }, creator)).toEqual({
        refused: 'WrongModel',
      });
      expect(terms.model).not.toBe(first);
      await make(job, { type: 'open', round: again, model: first }, creator);
      const next = fresh();
      await make(job, { type: 'commit', round: again, blob: fresh(), weight: 1 }, players[0]!);
      await make(job, { type: 'close', round: again, committed: 1, unavailable: [] }, players[5]!);
      await make(job, await stepTo(again, next), players[5]!);
      // What was void stays so, although a step has its number again.
      expect(await phases()).toEqual(after);
      expect(await readView(play.rpc, play.contract, 'roundOf', job, BigInt(again))).toMatchObject({
        step: 1,
        phase: objecting,
      });
    }
    expect(Math.abs(gas[0]! - gas[1]!)).toBeLessThan(100);
  });

  it('become final in their order', async () => {
    const { job } = await pileUp(3, 3);
    await play.chain.passTime(100_001);
    for (const round of [2, 1]) {
      expect(await play.move(job, { type: 'advance', round }, creator)).toEqual({ refused: 'WrongPhase' });
    }
    for (const round of [0, 1, 2]) await make(job, { type: 'advance', round }, creator);
  });
});

describe('objections', () => {
  it('lock doubling bonds, which are free in their order after a day', async () => {
    const { job, terms } = await create({ bond: 10n, attempts: 100, watchers: [players[1]!.account] });
    await make(job, { type: 'stake' }, creator, 10n);
    await make(job, { type: 'join' }, players[0]!);
    const object = async (round: number, by: Signer) => {
      await playRound(job, round, terms.model, [players[0]!]);
      const move = { type: 'object', round, model: fresh(), refused: [] } as const;
      const bond = 10n * 2n ** BigInt(round);
      for (const wei of [0n, bond - 1n, bond + 1n]) {
        expect(await play.move(job, move, by, wei)).toEqual({ refused: 'WrongValue' });
      }
      await make(job, move, by, bond);
    };
    const withdraw = async (by: Signer) => {
      const held = await play.balanceOf(play.contract);
      const outcome = await play.move(job, { type: 'withdraw', rounds: [] }, by);
      return 'refused' in outcome ? outcome.refused : held - (await play.balanceOf(play.contract));
    };
    const by = [players[1]!, players[0]!, players[1]!, players[1]!, players[0]!];
    for (const [round, objector] of by.entries()) {
      await object(round, objector);
      await play.chain.passTime(1000);
    }
    await play.chain.passTime(86_400 - 5000);
    // At this second the first is locked for the last.
    expect(await withdraw(players[1]!)).toBe('NothingOwed');
    await play.chain.passTime(1);
    expect(await withdraw(players[1]!)).toBe(10n);
    expect(await withdraw(players[1]!)).toBe('NothingOwed');
    await play.chain.passTime(3000);
    expect(await withdraw(players[1]!)).toBe(40n + 80n);
    expect(await withdraw(players[0]!)).toBe(20n);
    await play.chain.passTime(1000);
    expect(await withdraw(players[0]!)).toBe(160n);
    const locks = [0n, 1n, 2n, 3n, 4n].map((i) => readView(play.rpc, play.contract, 'lockedOf', job, i));
    expect((await Promise.all(locks)).map(([, , wei, returned]) => [wei, returned])).toEqual(
      [10n, 20n, 40n, 80n, 160n].map((wei) => [wei, true]),
    );
  });
});

describe('callers that are no client of ours', () => {
  const terms = (change: object = {}) => encodeTerms({ ...termsBy(creator.account), ...change });
  const listed = Array.from({ length: 65 }, (_, i) => `0x${i.toString(16).padStart(40, '0')}` as Account);

  it.each<[string, object]>([
    ['no rounds', { rounds: 0 }],
    ['no participants', { minParticipants: 0 }],
    ['a smallest cohort above the largest', { minParticipants: 5, maxParticipants: 4 }],
    ['no attempts', { attempts: 0 }],
    ['no weight', { maximumWeight: 0 }],
    ['no aggregators', { aggregators: [] }],
    ['65 aggregators', { aggregators: listed }],
    ['65 watchers', { watchers: listed }],
    ['65 stores', { stores: listed }],
    ['no stores', { stores: [], copies: 0 }],
    ['no copies', { copies: 0 }],
    ['more copies than stores', { copies: 2 }],
    ['an aggregator twice', { aggregators: [listed[1], listed[2], listed[1]] }],
    ['a watcher twice', { watchers: [listed[1], listed[1]] }],
    ['a store twice', { stores: [listed[1], listed[1]] }],
    ['a rule without entries', { rule: { entries: 0, headerLeaves: 1 } }],
    ['a rule without a header', { rule: { entries: 1, headerLeaves: 0 } }],
  ])('cannot create a job with %s', async (_, change) => {
    expect(await simulate(play, terms(change), creator)).toBe('WrongTerms');
  });

  it('can create a job with 64 of each', async () => {
    const all = listed.slice(0, 64);
    const change = { aggregators: all, watchers: all, stores: all, copies: 64, bond: 0n };
    const wide = termsBy(creator.account, change);
    const job = await createJob(play, wide, creator);
    expect(await readView(play.rpc, play.contract, 'aggregatorOf', job, 63n)).toEqual([true, false]);
    expect(await simulate(play, encodeTerms(wide), creator)).toBe('JobExists');
    // Another creator's job with the same record is another job.
    expect(await simulate(play, encodeTerms(wide), players[0]!)).toBe('accepted');
  });

  it('must bring exactly what a move asks, with every move', async () => {
    for (const wei of [0n, 4n, 6n]) {
      expect(await simulate(play, terms({ escrow: 5n }), creator, wei)).toBe('WrongValue');
    }
    const { job, terms: known } = await create({ bond: 10n });
    for (const wei of [0n, 9n, 11n]) {
      expect(await play.move(job, { type: 'stake' }, creator, wei)).toEqual({ refused: 'WrongValue' });
    }
    await make(job, { type: 'stake' }, creator, 10n);
    // Each is acceptable but for the wei.
    const refused = async (move: Move, by: Signer) => {
      expect(await play.move(job, move, by, 1n)).toEqual({ refused: 'WrongValue' });
      await make(job, move, by);
    };
    await refused({ type: 'admit', accounts: [players[4]!.account] }, creator);
    await refused({ type: 'join' }, players[0]!);
    await refused({ type: 'join' }, players[1]!);
    await refused({ type: 'leave' }, players[1]!);
    await make(job, { type: 'join' }, players[2]!);
    await refused({ type: 'open', round: 0, model: known.model }, creator);
    const [blob, other] = [fresh(), fresh()];
    await refused({ type: 'commit', round: 0, blob, weight: 1 }, players[0]!);
    await make(job, { type: 'commit', round: 0, blob: other, weight: 1 }, players[2]!);
    await refused({ type: 'close', round: 0, committed: 2, unavailable: [0] }, creator);
    const receipts = await receiptsOf([creator], blob);
    await refused({ type: 'appeal', round: 0, receipts }, players[0]!);
    await play.chain.passTime(61);
    await refused({ type: 'advance', round: 0 }, creator);
    await refused({ type: 'demand', round: 0, participant: 2 }, players[0]!);
    const shown = await receiptsOf([creator], other);
    await refused({ type: 'answer', round: 0, participant: 2, receipts: shown }, creator);
    await refused(await stepTo(0, fresh()), creator);
    await refused({ type: 'end' }, creator);
    await play.chain.passTime(61);
    await make(job, { type: 'advance', round: 0 }, creator);
    await refused({ type: 'withdraw', rounds: [] }, creator);
  });

  it('must encode a move in the one way there is', async () => {
    const job = fresh();
    const [receipt] = await receiptsOf([creator], fresh());
    const leaf = { length: 3, leaf: '0x010203' as Hex, path: [] };
    const proofs = [
      { kind: 'header', index: 0, start: leaf, next: leaf },
      { kind: 'average', entry: 0, start: leaf, next: leaf, terms: [leaf] },
      { kind: 'group', group: 0, entry: 0, sum: leaf, terms: [] },
      { kind: 'accepted', participant: 0, reason: 'Malformed', entry: 0, shown: leaf },
      { kind: 'refused', participant: 0, shown: leaf },
    ] as const;
    const moves: [move: Move, words: number][] = [
      [{ type: 'admit', accounts: [creator.account] }, 2],
      [{ type: 'close', round: 0, committed: 2, unavailable: [1, 2] }, 4],
      [{ type: 'appeal', round: 0, receipts: [receipt!] }, 3],
      [{ type: 'answer', round: 0, participant: 0, receipts: [receipt!] }, 4],
      [{ type: 'register', round: 0, blob: fresh(), receipts: [receipt!] }, 4],
      [{ type: 'complain', round: 0, accused: [1, 2] }, 3],
      [{ type: 'reveal', round: 0, blob: fresh(), receipts: [receipt!] }, 4],
      [{ type: 'object', round: 0, model: fresh(), refused: [1] }, 4],
      [{ type: 'withdraw', rounds: [0] }, 2],
      [await stepTo(0, fresh(), { refused: [{ participant: 1, reason: 'WrongJob', entry: 0 }] }), 6],
    ];
    for (const [move, words] of moves) {
      const call = encodeMove(job, move);
      expect(['JobUnknown', move.type]).toEqual([await simulate(play, call, creator), move.type]);
      for (const other of otherEncodings(call, words)) {
        expect([await simulate(play, other, creator), other]).toEqual(['WrongEncoding', other]);
      }
    }
    // A proof is read after the round is found: its encoding is checked by one that is there.
    const judged = await judgedJob();
    for (const lie of proofs) {
      const call = encodeMove(judged, { type: 'prove', round: 0, lie });
      const words = { header: 4, average: 4, group: 5, accepted: 6, refused: 4 }[lie.kind];
      expect([lie.kind, await simulate(play, call, creator)]).toEqual([lie.kind, 'WrongProof']);
      for (const other of otherEncodings(call, words)) {
        const found = await simulate(play, other, creator);
        // Some proofs are refused for what they say before their leaves are looked for.
        expect([found, lie.kind]).toEqual([
          ['group', 'accepted', 'refused'].includes(lie.kind) ? found : 'WrongEncoding',
          lie.kind,
        ]);
        expect(found).not.toBe('accepted');
      }
    }
  });

  /**
   * The same arguments, written otherwise: something behind the end, or something before the list.
   */
  function otherEncodings(call: Hex, words: number): Hex[] {
    const head = 2 + 2 * 4;
    const position = head + 64 * (words - 1);
    const offset = BigInt(`0x${call.slice(position, position + 64)}`);
    const moved = (offset + 32n).toString(16).padStart(64, '0');
    const shifted = `${call.slice(0, position)}${moved}${call.slice(position + 64, head + 64 * words)}${'00'.repeat(32)}${call.slice(head + 64 * words)}`;
    return [`${call}00`, `${call}${'00'.repeat(32)}`, shifted as Hex];
  }

  /** A job with a rule whose round 0 can be proven wrong. */
  async function judgedJob(): Promise<Address> {
    const { job, terms } = await create({ rule: { entries: 5, headerLeaves: 1 } });
    await make(job, { type: 'join' }, players[0]!);
    await playRound(job, 0, terms.model, [players[0]!]);
    return job;
  }
});

describe('payments to contracts', () => {
  const accomplice = [
    {
      type: 'function',
      name: 'call',
      stateMutability: 'payable',
      inputs: [{ type: 'bytes', name: '' }],
      outputs: [],
    },
    {
      type: 'function',
      name: 'prepare',
      stateMutability: 'nonpayable',
      inputs: [{ type: 'bytes', name: '' }],
      outputs: [],
    },
  ] as const;

  /** Deploys an accomplice that takes part in a job of two, up to the final round. */
  async function playWithAccomplice(name: string) {
    const argument = encodeAbiParameters([{ type: 'address' }], [play.contract]);
    const { address, call } = await deployHarness(play, compileAll().get(name)!, argument);
    const send = async (functionName: 'call' | 'prepare', move: Move) => {
      const data = encodeFunctionData({ abi: accomplice, functionName, args: [encodeMove(job, move)] });
      const outcome = await play.sender.send({ to: address, data }, creator);
      return 'reverted' in outcome ? outcome.reverted : 'accepted';
    };
    const { job, terms } = await create({ minParticipants: 2, escrow: 1000n });
    expect(await send('call', { type: 'join' })).toBe('accepted');
    await make(job, { type: 'join' }, players[0]!);
    await make(job, { type: 'open', round: 0, model: terms.model }, creator);
    expect(await send('call', { type: 'commit', round: 0, blob: fresh(), weight: 1 })).toBe('accepted');
    await make(job, { type: 'commit', round: 0, blob: fresh(), weight: 1 }, players[0]!);
    await make(job, { type: 'close', round: 0, committed: 2, unavailable: [] }, creator);
    await make(job, await stepTo(0, fresh()), creator);
    await play.chain.passTime(61);
    await make(job, { type: 'advance', round: 0 }, creator);
    return { address, job, send, call };
  }

  const withdraw = { type: 'withdraw', rounds: [0] } as const;

  it('pays a receiver that calls back only once', async () => {
    const { address, job, send, call } = await playWithAccomplice('Thief');
    expect(await send('prepare', withdraw)).toBe('accepted');
    expect(await send('call', withdraw)).toBe('accepted');
    // 1000 / 2 rounds / 2 accepted
    expect(await play.balanceOf(address)).toBe(250n);
    expect(await call('caught')).toBe(true);
    await make(job, withdraw, players[0]!);
  });

  it('changes nothing when the payment cannot be made', async () => {
    const { address, job, send } = await playWithAccomplice('Poor');
    expect(await send('call', withdraw)).toBe(keccak256(utf8('PaymentFailed()')).slice(0, 10));
    expect(await play.balanceOf(address)).toBe(0n);
    const part = await readView(play.rpc, play.contract, 'participantOf', job, 0n, 0n);
    expect(part.paid).toBe(false);
    await make(job, withdraw, players[0]!);
  });
});

describe('calls in one transaction', () => {
  const together = (by: Signer, wei: bigint, ...calls: readonly Hex[]) =>
    play.call(encodeCall('multicall', [calls]), by, wei);

  it('do not pay two bonds with one sum', async () => {
    const jobs = [await create({ bond: 7n }), await create({ bond: 7n })];
    const stakes = jobs.map(({ job }) => encodeMove(job, { type: 'stake' }));
    const before = await play.balanceOf(play.contract);
    expect(await together(creator, 7n, ...stakes)).toEqual({ refused: 'WrongValue' });
    expect(await together(creator, 0n, ...stakes)).toEqual({ refused: 'WrongValue' });
    expect(await play.balanceOf(play.contract)).toBe(before);
    for (const { job } of jobs) await make(job, { type: 'stake' }, creator, 7n);
  });

  it('leave no wei in the contract that no job holds', async () => {
    const { job } = await create();
    const join = encodeMove(job, { type: 'join' });
    expect(await together(players[0]!, 1n, join)).toEqual({ refused: 'WrongValue' });
    expect(await together(players[0]!, 1n)).toEqual({ refused: 'WrongValue' });
  });

  it('are all undone by one that is refused, with its reason', async () => {
    const { job } = await create();
    const join = encodeMove(job, { type: 'join' });
    expect(await together(players[0]!, 0n, join, join)).toEqual({ refused: 'Repeated' });
    await make(job, { type: 'join' }, players[0]!);
  });
});

describe('a commitment', () => {
  it('is kept by 224 bits of its blob’s address, and answered for by all 256 of its receipts', async () => {
    const { job, terms } = await create();
    for (const player of players.slice(0, 2)) await make(job, { type: 'join' }, player);
    await make(job, { type: 'open', round: 0, model: terms.model }, creator);
    // Nothing but zeros in the bits that are kept; and another that differs in those that are not.
    const blob = `0x${'00'.repeat(31)}01` as Address;
    await make(job, { type: 'commit', round: 0, blob, weight: 4096 }, players[0]!);
    expect(await play.move(job, { type: 'commit', round: 0, blob, weight: 1 }, players[0]!)).toEqual({
      refused: 'Repeated',
    });
    const other = fresh();
    await make(job, { type: 'commit', round: 0, blob: other, weight: 1 }, players[1]!);
    await make(job, { type: 'close', round: 0, committed: 2, unavailable: [0, 1] }, creator);
    const bytes = fromHex(other);
    bytes[27]! ^= 1;
    const [right, wrong] = [
      await receiptsOf([creator], other),
      await receiptsOf([creator], toHex(bytes) as Address),
    ];
    // The receipt is another blob's, or says it is this one's with the signature of another.
    for (const receipts of [wrong, [{ ...wrong[0]!, blob: other }], [{ ...right[0]!, size: 999 }]]) {
      expect(await play.move(job, { type: 'appeal', round: 0, receipts }, players[1]!)).toEqual({
        refused: 'WrongReceipt',
      });
    }
    await make(job, { type: 'appeal', round: 0, receipts: right }, players[1]!);
  });
});

describe('a receipt', () => {
  it('that recovers to no account is not signed by the zero account, which a job could list', async () => {
    const stores = [`0x${'00'.repeat(20)}` as Account];
    const { job, terms } = await create({ stores, copies: 1 });
    for (const player of players.slice(0, 2)) await make(job, { type: 'join' }, player);
    await make(job, { type: 'open', round: 0, model: terms.model }, creator);
    const blob = fresh();
    await make(job, { type: 'commit', round: 0, blob, weight: 1 }, players[0]!);
    await make(job, { type: 'commit', round: 0, blob: fresh(), weight: 1 }, players[1]!);
    await make(job, { type: 'close', round: 0, committed: 2, unavailable: [0, 1] }, creator);
    for (const v of ['00', '1b', '1d']) {
      const signature = `0x${'00'.repeat(64)}${v}` as const;
      const receipts = [{ blob, size: 1234, store: stores[0]!, signature }];
      expect(await play.move(job, { type: 'appeal', round: 0, receipts }, players[0]!)).toEqual({
        refused: 'WrongReceipt',
      });
    }
  });
});
