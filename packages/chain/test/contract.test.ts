/** What the conformance suite cannot ask: gas, large cohorts, callers that a correct client never is. */
import { join } from 'node:path';
import { type Address, addressOf, type Hex, utf8 } from '@nonet/core';
import type { Account, Signer } from '@nonet/core/identity';
import { isRefusal, type JobTerms, type Ledger, type Move } from '@nonet/core/ports';
import { signReceipt } from '@nonet/core/testing';
import { encodeAbiParameters, encodeErrorResult, encodeFunctionData, keccak256, numberToHex } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileContracts } from '../scripts/compileContracts.ts';
import { nonetAbi } from '../src/artefacts/nonetAbi.ts';
import { connectLedger, deployContracts } from '../src/index.ts';
import { createRpc, type Rpc } from '../src/rpc.ts';
import { createSender, type Sender } from '../src/transactions.ts';
import { type BareAnvil, startBareAnvil } from './contractFixture.ts';

let chain: BareAnvil;
let ledger: Ledger;
let rpc: Rpc;
let sender: Sender;
let creator: Signer;
let players: readonly Signer[];
let serial = 0;
const fresh = (): Address => addressOf(utf8(`contract test ${serial++}`));

beforeAll(async () => {
  chain = await startBareAnvil(12);
  rpc = createRpc(chain.url);
  [creator, ...players] = chain.signers as [Signer, ...Signer[]];
  const { contract } = await deployContracts({ url: chain.url, signer: creator });
  ledger = await connectLedger({ url: chain.url, contract, operator: 'self' });
  sender = createSender({ rpc, chainId: ledger.chainId });
});
afterAll(() => chain.close());

async function createJob(change: Partial<JobTerms> = {}): Promise<JobTerms> {
  const terms: JobTerms = {
    job: fresh(),
    creator: creator.account,
    model: fresh(),
    rounds: 2,
    minimum: 1,
    maximum: 100_000,
    invited: false,
    phases: { open: 0, collecting: 60, appealing: 60, complaining: 0, opening: 0, stepping: 60 },
    aggregators: [creator.account],
    watchers: [],
    stores: [creator.account],
    escrow: 1000n,
    bond: 10n,
    ...change,
  };
  expect(isRefusal(await ledger.jobs.create(terms, creator))).toBe(false);
  return terms;
}

async function play(job: Address, move: Move, by: Signer): Promise<number> {
  const outcome = await ledger.rounds.submit(job, move, by);
  if (isRefusal(outcome)) throw expect.fail(`${move.type}: ${JSON.stringify(outcome)}`);
  return outcome.gas;
}

const encode = encodeFunctionData as (call: {
  abi: unknown;
  functionName: string;
  args: readonly unknown[];
}) => Hex;
const call = (functionName: string, args: readonly unknown[]) =>
  encode({ abi: nonetAbi, functionName, args });
const error = (errorName: string) => encodeErrorResult({ abi: nonetAbi, errorName } as never);

describe('gas', () => {
  it('takes at most 60,000 for a commitment, whatever the round', async () => {
    const { job, model } = await createJob({ rounds: 3 });
    const table: Record<string, number> = {};
    const note = async (name: string, move: Move, by: Signer) => {
      table[name] = Math.max(table[name] ?? 0, await play(job, move, by));
    };
    for (const player of players.slice(0, 4)) await note('join', { type: 'join' }, player);
    let current = model;
    for (let round = 0; round < 3; round++) {
      await note('open', { type: 'open', round, model: current }, creator);
      for (const player of players.slice(0, 4)) {
        // 32 bytes without a zero are the dearest calldata.
        await note(
          'commit',
          { type: 'commit', round, commitment: `0x${'fe'.repeat(32)}` as Address },
          player,
        );
      }
      await note('close', { type: 'close', round, unavailable: [0] }, creator);
      const receipt = signReceipt(creator, `0x${'fe'.repeat(32)}` as Address, 1000);
      await note('appeal', { type: 'appeal', round, receipt }, players[0]!);
      await chain.passTime(61);
      await note('advance', { type: 'advance', round }, players[0]!);
      current = fresh();
      await note('step', { type: 'step', round, model: current, refused: [] }, creator);
    }
    await chain.passTime(61);
    for (const round of [0, 1]) await play(job, { type: 'advance', round }, creator);
    await note('withdraw', { type: 'withdraw', rounds: [0, 1] }, players[0]!);
    table.anchor = (await ledger.anchors.post(job, model, creator)).gas;
    const objected = await createJob();
    await play(objected.job, { type: 'join' }, players[0]!);
    await play(objected.job, { type: 'open', round: 0, model: objected.model }, creator);
    await play(objected.job, { type: 'commit', round: 0, commitment: fresh() }, players[0]!);
    await play(objected.job, { type: 'close', round: 0, unavailable: [] }, creator);
    await play(objected.job, { type: 'step', round: 0, model: fresh(), refused: [] }, creator);
    table.object = await play(
      objected.job,
      { type: 'object', round: 0, model: fresh(), refused: [] },
      players[0]!,
    );
    console.table(table);
    expect(table.commit).toBeLessThanOrEqual(60_000);
  });
});

describe('a large cohort', () => {
  /** Puts `count` participants into the job's storage: joining 65,000 times would take minutes. */
  async function pretendParticipants(job: Address, count: number): Promise<void> {
    const slot =
      BigInt(keccak256(encodeAbiParameters([{ type: 'bytes32' }, { type: 'uint256' }], [job, 0n]))) + 1n;
    const key = numberToHex(slot, { size: 32 });
    const word = BigInt(await rpc.request<Hex>('eth_getStorageAt', [ledger.contract, key, 'latest']));
    const changed = (word & ~0xffffffffn) | BigInt(count);
    await chain.anvil.request('anvil_setStorageAt', ledger.contract, key, numberToHex(changed, { size: 32 }));
  }

  it('numbers, collects, appeals and pays beyond 65,535 participants', async () => {
    const { job, model } = await createJob();
    await pretendParticipants(job, 65_534);
    for (const player of players.slice(0, 3)) await play(job, { type: 'join' }, player);
    await play(job, { type: 'open', round: 0, model }, creator);
    const blobs = [fresh(), fresh(), fresh()];
    for (const [i, commitment] of blobs.entries()) {
      await play(job, { type: 'commit', round: 0, commitment }, players[i]!);
    }
    await chain.passTime(61);
    await play(job, { type: 'close', round: 0, unavailable: [65_535, 65_536] }, creator);
    const receipt = signReceipt(creator, blobs[1]!, 7);
    await play(job, { type: 'appeal', round: 0, receipt }, players[1]!);
    await chain.passTime(61);
    await play(job, { type: 'advance', round: 0 }, creator);
    expect(
      await ledger.rounds.submit(job, { type: 'step', round: 0, model: fresh(), refused: [65_536] }, creator),
    ).toMatchObject({ refused: 'WrongSet' });
    await play(job, { type: 'step', round: 0, model: fresh(), refused: [65_534] }, creator);
    await chain.passTime(61);
    await play(job, { type: 'advance', round: 0 }, creator);
    for (const [i, owed] of [false, true, false].entries()) {
      const outcome = await ledger.rounds.submit(job, { type: 'withdraw', rounds: [0] }, players[i]!);
      expect(isRefusal(outcome)).toBe(!owed);
    }
  });
});

describe('callers that are no client of ours', () => {
  async function expectRevert(
    functionName: string,
    args: readonly unknown[],
    reason: Hex,
    value = 0n,
  ): Promise<void> {
    const outcome = await sender.send(
      { to: ledger.contract, data: call(functionName, args), value },
      creator,
    );
    expect(outcome).toEqual({ reverted: reason });
  }

  const rawTerms = (change: object = {}) => ({
    job: fresh(),
    model: fresh(),
    rounds: 1,
    minimum: 1,
    maximum: 1,
    invited: false,
    phases: [0, 0, 0, 0, 0, 0],
    aggregators: [],
    watchers: [],
    stores: [],
    escrow: 0n,
    bond: 0n,
    ...change,
  });

  it.each([{ rounds: 0 }, { minimum: 0 }, { minimum: 2 }])('cannot create a job with %o', async (change) => {
    await expectRevert('create', [rawTerms(change)], error('InvalidTerms'));
  });

  it('must pay exactly the escrow and the bond', async () => {
    for (const value of [0n, 4n, 6n]) {
      await expectRevert('create', [rawTerms({ escrow: 5n })], error('WrongEscrow'), value);
    }
    const { job, model } = await createJob({ watchers: [creator.account] });
    await play(job, { type: 'join' }, players[0]!);
    await play(job, { type: 'open', round: 0, model }, creator);
    await play(job, { type: 'commit', round: 0, commitment: fresh() }, players[0]!);
    await play(job, { type: 'close', round: 0, unavailable: [] }, creator);
    await play(job, { type: 'step', round: 0, model: fresh(), refused: [] }, creator);
    for (const value of [0n, 9n, 11n])
      await expectRevert('object', [job, 0n, fresh(), []], error('WrongBond'), value);
  });

  it('cannot pay for what is free, nor send money without a call', async () => {
    const { job } = await createJob();
    await expectRevert('join', [job], '0x', 1n);
    expect(await sender.send({ to: ledger.contract, data: '0x', value: 1n }, creator)).toEqual({
      reverted: '0x',
    });
  });
});

describe('payments to contracts', () => {
  /** Deploys an accomplice that takes part in a job of two, up to the final round. */
  async function playWithAccomplice(name: string) {
    const text = compileContracts(join(import.meta.dirname, 'contracts'), [name]).get(
      `${name.toLowerCase()}Bytecode.ts`,
    )!;
    const bytecode = /Bytecode = '(0x[0-9a-f]+)'/.exec(text)![1] as Hex;
    const argument = encodeAbiParameters([{ type: 'address' }], [ledger.contract]);
    const receipt = await sender.send({ data: `${bytecode}${argument.slice(2)}` }, creator);
    if ('reverted' in receipt) throw expect.fail(receipt.reverted);
    const accomplice = receipt.contractAddress!.toLowerCase() as Account;
    const abi = [
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
        stateMutability: 'view',
        inputs: [{ type: 'bytes', name: '' }],
        outputs: [],
      },
    ] as const;
    const send = (functionName: 'call' | 'prepare', data: Hex) =>
      sender.send({ to: accomplice, data: encodeFunctionData({ abi, functionName, args: [data] }) }, creator);
    const { job, model } = await createJob({ minimum: 2 });
    expect(await send('call', call('join', [job]))).not.toHaveProperty('reverted');
    await play(job, { type: 'join' }, players[0]!);
    await play(job, { type: 'open', round: 0, model }, creator);
    expect(await send('call', call('commit', [job, 0n, fresh()]))).not.toHaveProperty('reverted');
    await play(job, { type: 'commit', round: 0, commitment: fresh() }, players[0]!);
    await play(job, { type: 'close', round: 0, unavailable: [] }, creator);
    await play(job, { type: 'step', round: 0, model: fresh(), refused: [] }, creator);
    await chain.passTime(61);
    await play(job, { type: 'advance', round: 0 }, creator);
    const balance = async () => BigInt(await rpc.request<Hex>('eth_getBalance', [accomplice, 'latest']));
    return { accomplice, job, send, balance };
  }

  it('pays a receiver that calls back only once', async () => {
    const { accomplice, job, send, balance } = await playWithAccomplice('Thief');
    const withdraw = call('withdraw', [job, [0n]]);
    await send('prepare', withdraw);
    expect(await send('call', withdraw)).not.toHaveProperty('reverted');
    // 1000 / 2 rounds / 2 accepted
    expect(await balance()).toBe(250n);
    const caught = await rpc.request<Hex>('eth_call', [
      { to: accomplice, data: keccak256(utf8('caught()')).slice(0, 10) },
    ]);
    expect(BigInt(caught)).toBe(1n);
    await play(job, { type: 'withdraw', rounds: [0] }, players[0]!);
  });

  it('changes nothing when the payment cannot be made', async () => {
    const { job, send, balance } = await playWithAccomplice('Poor');
    const withdraw = call('withdraw', [job, [0n]]);
    expect(await send('call', withdraw)).toEqual({ reverted: error('PaymentFailed') });
    expect(await balance()).toBe(0n);
    expect((await ledger.rounds.state(job)).rounds[0]!.paid).toEqual([]);
    await play(job, { type: 'withdraw', rounds: [0] }, players[0]!);
  });
});
