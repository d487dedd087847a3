/**
 * The client's errors, each with its code; its patience; and what it makes of a chain that takes
 * blocks back.
 */
import { type Address, addressOf, type Hex, MisuseError, pause, UndecidedError, utf8 } from '@nonet/core';
import { type Account, createPrivateKey, createSigner, type Signer } from '@nonet/core/identity';
import type { JobTerms, LedgerEvent, Move, Posted } from '@nonet/core/ports';
import { isRefusal, jobIdOf } from '@nonet/core/ports';
import { encodeErrorResult } from 'viem/utils';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { nonetAbi } from '../src/artefacts/nonetAbi.ts';
import {
  balanceOf,
  type ConnectLedgerParameters,
  connectLedger,
  deployContracts,
  fund,
  type LedgerNotice,
  returnFunds,
} from '../src/index.ts';
import { encodeMove } from '../src/moves.ts';
import { createRpc } from '../src/rpc.ts';
import { type BareAnvil, type BareAnvilParameters, startBareAnvil } from './bareAnvil.ts';
import { type Answer, type Forwarder, startForwarder } from './forwarder.ts';
import { draftTerms, phases } from './terms.ts';

let chain: BareAnvil;
let contract: Account;
let signer: Signer;

beforeAll(async () => {
  chain = await startBareAnvil(3);
  signer = chain.signers[0]!;
  ({ contract } = await deployContracts({ url: chain.url, signer }));
});
afterAll(() => chain.close());

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

async function forward(answer?: Answer, { anvil }: BareAnvil = chain): Promise<Forwarder> {
  const forwarder = await startForwarder(anvil, answer);
  opened.push(forwarder);
  return forwarder;
}

const connect = (change: Partial<ConnectLedgerParameters> = {}) =>
  connectLedger({ url: chain.url, contract, operator: 'self', pollMilliseconds: 10, ...change });

const termsOf = (name: string, change: Partial<JobTerms> = {}) => draftTerms(name, signer.account, change);

/** Creates the job and returns its name. */
async function createJob(name: string, change: Partial<JobTerms> = {}, parameters = {}): Promise<Address> {
  const ledger = await connect(parameters);
  const terms = termsOf(name, change);
  const created = await ledger.jobs.create(terms, signer);
  if (isRefusal(created)) throw expect.fail(created.refused);
  return jobIdOf(terms);
}

const join: Move = { type: 'join' };

it('reads logs, and no blocks, of a chain that takes nothing back', async () => {
  const { url, asked } = await forward();
  const job = await createJob('logs alone', {}, { url });
  const ledger = await connect({ url });
  const asOf = await connect({ url, operator: 'other', confirmations: 0 });
  expect(await ledger.rounds.moves(job)).toEqual([]);
  const by = chain.signers[1]!;
  const before = asked.eth_getBlockByNumber ?? 0;
  const posted = await ledger.rounds.submit(job, join, by);
  expect(posted).toMatchObject({ at: expect.any(Number) });
  const moves = await ledger.rounds.moves(job);
  expect(moves).toMatchObject([{ move: join, by: by.account, at: (posted as { at: number }).at }]);
  // Fees alone.
  expect(asked.eth_getBlockByNumber! - before).toBe(1);
  expect(await asOf.rounds.moves(job)).toEqual(moves);
  expect(asked.eth_getBlockByNumber! - before).toBeGreaterThan(1);
});

it('takes no log of another event than the one that it asked for', async () => {
  const { url } = await forward(async (method, parameters) => {
    if (method !== 'eth_getLogs') return undefined;
    const logs = await chain.anvil.request<{ topics: Hex[] }[]>(method, ...parameters);
    return { result: logs.map((log) => ({ ...log, topics: [`0x${'11'.repeat(32)}`, log.topics[1]] })) };
  });
  const job = await createJob('another event');
  await expect((await connect({ url })).rounds.moves(job)).rejects.toMatchObject({ code: 'ledger.rpc' });
});

describe('connecting', () => {
  it('says which node does not answer', async () => {
    const forwarder = await forward();
    forwarder.close();
    const failure = await connect({ url: forwarder.url }).catch((error) => error);
    expect(failure).toBeInstanceOf(UndecidedError);
    expect(failure).toMatchObject({ code: 'ledger.unreachable', expected: `a ledger at ${forwarder.url}` });
  });

  it('says what it found instead of the contract', async () => {
    const nothing = await connect({ contract: `0x${'11'.repeat(20)}` }).catch((error) => error);
    expect(nothing).toBeInstanceOf(MisuseError);
    expect(nothing).toMatchObject({ code: 'ledger.contract', found: 'no contract' });
    // Code that answers every call with nothing, and code that reverts.
    for (const [i, code] of ['0x00', '0x5f5ffd'].entries()) {
      const other: Account = `0x${'22'.repeat(19)}0${i}`;
      await chain.anvil.request('anvil_setCode', other, code);
      await expect(connect({ contract: other })).rejects.toMatchObject({ code: 'ledger.contract' });
    }
    await expect(connect({ contract: 'nonsense' as Account })).rejects.toMatchObject({
      code: 'ledger.contract',
    });
  });

  it('refuses another chain', async () => {
    const refused = connect({ chainId: 1 });
    await expect(refused).rejects.toMatchObject({ code: 'ledger.chain', found: 'chain 31337' });
    await connect({ chainId: 31337 });
  });

  it.each([-1, 0.5, Number.NaN])('refuses %d confirmations', async (confirmations) => {
    await expect(connect({ confirmations })).rejects.toMatchObject({ code: 'ledger.confirmations' });
  });

  it.each<[string, string, number]>([
    ['a development node', 'anvil/v1.7.1', 0],
    ['any other', 'Geth/v1.13.15', 2],
  ])('wants the usual confirmations of %s', async (_, version, confirmations) => {
    const { url, asked } = await forward((method) =>
      method === 'web3_clientVersion' ? { result: version } : undefined,
    );
    const job = await createJob(version);
    const ledger = await connect({ url, operator: 'other' });
    const sent = ledger.rounds.submit(job, join, chain.signers[1]!);
    let settled = false;
    void sent.finally(() => {
      settled = true;
    });
    await expect.poll(() => asked.eth_getTransactionReceipt ?? 0).toBeGreaterThan(0);
    await pause(300);
    expect(settled).toBe(confirmations === 0);
    await chain.mine(confirmations);
    expect(isRefusal(await sent)).toBe(false);
  });
});

describe('moves', () => {
  it('say who lacks how much', async () => {
    const ledger = await connect();
    const job = await createJob('poor');
    const poor = createSigner(createPrivateKey());
    const failure = await ledger.rounds.submit(job, join, poor).catch((error) => error);
    expect(failure).toBeInstanceOf(MisuseError);
    expect(failure).toMatchObject({ code: 'ledger.funds', found: '0 wei' });
    expect(failure.expected).toContain(poor.account);

    await fund({ url: chain.url, signer }, [poor.account], 10n ** 15n);
    expect(await balanceOf({ url: chain.url }, poor.account)).toBe(10n ** 15n);
    const rich = termsOf('rich', { creator: poor.account, escrow: 10n ** 18n });
    await expect(ledger.jobs.create(rich, poor)).rejects.toMatchObject({ code: 'ledger.funds' });
    expect(isRefusal(await ledger.rounds.submit(job, join, poor))).toBe(false);
    expect(await returnFunds({ url: chain.url }, [poor], signer.account)).toBeGreaterThan(0n);
  });

  it('ask for no more gas than a transaction may have, where the estimate fits', async () => {
    const ledger = await connect();
    const job = await createJob('many', { invited: true });
    const accounts = Array.from(
      { length: 500 },
      (_, i): Account => `0x${(i + 1).toString(16).padStart(40, '0')}`,
    );
    const posted = await ledger.rounds.submit(job, { type: 'admit', accounts }, signer);
    if (isRefusal(posted)) throw expect.fail(posted.refused);
    const sent = await chain.anvil.request<{ gas: Hex }>('eth_getTransactionByHash', posted.transaction);
    expect(posted.gas * 1.5).toBeGreaterThan(2 ** 24);
    expect(Number(sent.gas)).toBe(2 ** 24);
  });

  it.each<Move>([
    { type: 'advance', round: -1 },
    { type: 'close', round: 0, committed: 1, unavailable: [0.5] },
    { type: 'admit', accounts: ['0x12'] },
    { type: 'commit', round: 0, blob: '0x12' as never, weight: 1 },
  ])('are refused where they are malformed: %o', async (move) => {
    const submitted = connect().then((ledger) => ledger.rounds.submit(addressOf(utf8('x')), move, signer));
    await expect(submitted).rejects.toMatchObject({ code: 'ledger.move' });
  });

  it('of one account go out one after the other', async () => {
    const ledger = await connect();
    const terms = termsOf('concurrent');
    const job = jobIdOf(terms);
    const outcomes = await Promise.all([
      ledger.jobs.create(terms, signer),
      ledger.rounds.submit(job, join, signer),
      ledger.rounds.submit(job, { type: 'open', round: 0, model: terms.model }, signer),
      ledger.rounds.submit(job, { type: 'commit', round: 0, blob: job, weight: 7 }, signer),
    ]);
    for (const outcome of outcomes) expect(isRefusal(outcome)).toBe(false);
    const moves = await ledger.rounds.moves(job);
    expect(moves.map(({ move }) => move.type)).toEqual(['join', 'open', 'commit']);
    expect(moves.at(-1)).toEqual({
      move: { type: 'commit', round: 0, blob: job, weight: 7 },
      by: signer.account,
      ...(({ at, block, transaction }) => ({ at, block, transaction }))(
        outcomes[3] as { at: number; block: number; transaction: Hex },
      ),
    });
  });

  it('bring money only where the caller says so', async () => {
    const ledger = await connect();
    const job = await createJob('stake', { bond: 5n });
    expect(await ledger.rounds.submit(job, { type: 'stake' }, signer)).toMatchObject({
      refused: 'WrongValue',
    });
    expect(isRefusal(await ledger.rounds.submit(job, { type: 'stake' }, signer, 5n))).toBe(false);
  });
});

it('reads back the terms of a job, and none of an unknown one', async () => {
  const ledger = await connect();
  const terms = termsOf('terms', { escrow: 12n, rule: { entries: 7, headerLeaves: 2 } });
  await ledger.jobs.create(terms, signer);
  expect(await ledger.jobs.read(jobIdOf(terms))).toEqual(terms);
  expect(await ledger.jobs.read(addressOf(utf8('none')))).toBeUndefined();
  await expect(ledger.rounds.moves(addressOf(utf8('none')))).rejects.toMatchObject({ code: 'ledger.job' });
});

it('adds up the gas of transactions, each once', async () => {
  const ledger = await connect();
  const job = await createJob('gas');
  const posted: Posted[] = [];
  for (const player of chain.signers.slice(0, 2)) {
    const outcome = await ledger.rounds.submit(job, join, player);
    if (isRefusal(outcome)) throw expect.fail(outcome.refused);
    posted.push(outcome);
  }
  const transactions = posted.map(({ transaction }) => transaction);
  const gas = posted.map((one) => one.gas);
  expect(await ledger.rounds.gasUsed(transactions)).toBe(gas[0]! + gas[1]!);
  expect(await ledger.rounds.gasUsed([...transactions, ...transactions])).toBe(gas[0]! + gas[1]!);
  expect(await ledger.rounds.gasUsed([])).toBe(0);
});

it('finds a job when its block counts as fixed, and no earlier', async () => {
  const reader = await connect({ operator: 'other', confirmations: 3 });
  const job = await createJob('fixed');
  expect(await reader.jobs.read(job)).toBeUndefined();
  await chain.mine(2);
  expect(await reader.jobs.read(job)).toBeUndefined();
  await chain.mine(1);
  expect(await reader.jobs.read(job)).toMatchObject({ creator: signer.account });
});

it('finds the anchor of an account, not that of a stranger', async () => {
  const ledger = await connect();
  const [own, stranger] = chain.signers as [Signer, Signer];
  const [job, root] = [addressOf(utf8('job')), addressOf(utf8('root'))];
  await ledger.anchors.post(job, root, stranger);
  expect(await ledger.anchors.find(job, root, own.account)).toBeUndefined();
  const posted = await ledger.anchors.post(job, root, own);
  await ledger.anchors.post(job, root, own);
  expect(await ledger.anchors.find(job, root, own.account)).toEqual(posted);
});

it('halves a range of blocks that a node refuses, and asks for times that a node leaves out', async () => {
  const { url } = await forward(async (method, [filter]) => {
    if (method !== 'eth_getLogs') return undefined;
    const { fromBlock, toBlock } = filter as { fromBlock: Hex; toBlock: Hex };
    if (Number(toBlock) - Number(fromBlock) > 3)
      return { error: { code: -32000, message: 'range too large' } };
    const logs = await chain.anvil.request<Record<string, unknown>[]>(method, filter);
    return { result: logs.map(({ blockTimestamp: _, ...log }) => log) };
  });
  const job = await createJob('ranges');
  const direct = await connect();
  for (const player of chain.signers) {
    await chain.passTime(10);
    await direct.rounds.submit(job, join, player);
    for (let i = 0; i < 5; i++) await chain.passTime(1);
  }
  const narrow = await connect({ url });
  expect(await narrow.rounds.moves(job)).toEqual(await direct.rounds.moves(job));
  expect(await narrow.rounds.moves(job)).toHaveLength(3);
  await narrow.anchors.post(job, job, signer);
  expect(await narrow.anchors.find(job, job, signer.account)).toBeDefined();
});

it('goes on following after the node was away', async () => {
  const forwarder = await forward();
  const ledger = await connect({ url: forwarder.url });
  const direct = await connect();
  const job = await createJob('away');
  const abort = new AbortController();
  const seen: LedgerEvent[] = [];
  const following = (async () => {
    for await (const event of ledger.rounds.follow(job, abort.signal)) {
      seen.push(event);
      if (seen.length === 3) abort.abort();
    }
  })();
  await direct.rounds.submit(job, join, chain.signers[0]!);
  await expect.poll(() => seen.length).toBe(1);
  forwarder.away = true;
  await direct.rounds.submit(job, join, chain.signers[1]!);
  await expect(ledger.now()).rejects.toMatchObject({ code: 'ledger.unreachable' });
  await direct.rounds.submit(job, join, chain.signers[2]!);
  forwarder.away = false;
  await following;
  expect(seen.map(({ by }) => by)).toEqual(chain.signers.map(({ account }) => account));
});

it('begins to follow while the node is away', async () => {
  const forwarder = await forward();
  const ledger = await connect({ url: forwarder.url });
  const job = await createJob('away at first');
  await (await connect()).rounds.submit(job, join, signer);
  forwarder.away = true;
  const following = ledger.rounds.follow(job, new AbortController().signal)[Symbol.asyncIterator]();
  const first = following.next();
  // More than one question is repeated: it was given up, and asked anew.
  await expect.poll(() => forwarder.refused, { timeout: 20_000 }).toBeGreaterThan(5);
  forwarder.away = false;
  expect((await first).value).toMatchObject({ by: signer.account });
  await following.return?.(undefined);
});

it('stops following between two moves', async () => {
  const ledger = await connect();
  const job = await createJob('stop between');
  for (const player of chain.signers.slice(0, 2)) await ledger.rounds.submit(job, join, player);
  const abort = new AbortController();
  const following = ledger.rounds.follow(job, abort.signal)[Symbol.asyncIterator]();
  expect(await following.next()).toMatchObject({ done: false });
  abort.abort();
  expect(await following.next()).toMatchObject({ done: true });
});

it('stops following at once', async () => {
  const ledger = await connect({ pollMilliseconds: 3_600_000 });
  const job = await createJob('stop');
  const abort = new AbortController();
  const following = ledger.rounds.follow(job, abort.signal)[Symbol.asyncIterator]().next();
  setTimeout(() => abort.abort(), 20);
  expect(await following).toMatchObject({ done: true });
  const unknown = ledger.rounds.follow(addressOf(utf8('none')), new AbortController().signal);
  await expect(unknown[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'ledger.job' });
});

describe('a chain that takes blocks back', () => {
  /** A chain of its own, with a job, and a client that follows it. */
  async function startJob(confirmations: number) {
    const own = await startBareAnvil(3);
    opened.push(own);
    const [creator] = own.signers as [Signer];
    const deployed = await deployContracts({ url: own.url, signer: creator });
    const direct = {
      url: own.url,
      contract: deployed.contract,
      operator: 'self',
      pollMilliseconds: 10,
    } as const;
    const writer = await connectLedger(direct);
    const terms = draftTerms('reorganised', creator.account, {});
    const beforeJob = await own.anvil.request<Hex>('evm_snapshot');
    await writer.jobs.create(terms, creator);
    const reader = await connectLedger({ ...direct, operator: 'other', confirmations });
    return { own, terms, job: jobIdOf(terms), writer, reader, beforeJob };
  }

  /** Follows until it ends; what it saw, and how it ended. */
  function follow(reader: Awaited<ReturnType<typeof connectLedger>>, job: Address) {
    const abort = new AbortController();
    const seen: Account[] = [];
    const ended = (async () => {
      for await (const { by } of reader.rounds.follow(job, abort.signal)) seen.push(by);
    })();
    ended.catch(() => undefined);
    return { seen, ended, abort };
  }

  it('does not trouble followers as long as it takes back less than they wait for', async () => {
    const { own, job, writer, reader } = await startJob(2);
    const [a, b, c] = own.signers as [Signer, Signer, Signer];
    await own.mine(2);
    const { seen, ended, abort } = follow(reader, job);
    await writer.rounds.submit(job, join, a);
    const snapshot = await own.anvil.request<Hex>('evm_snapshot');
    await writer.rounds.submit(job, join, b);
    await expect.poll(async () => (await reader.rounds.moves(job)).length).toBe(0);
    // The block of b's move goes, and c's comes in its place.
    await own.anvil.request('evm_revert', snapshot);
    await writer.rounds.submit(job, join, c);
    await own.mine(2);
    await expect.poll(() => seen).toEqual([a.account, c.account]);
    abort.abort();
    await ended;
  });

  it('tells followers who were given a move that is gone, and those who begin again see the other branch', async () => {
    const { own, job, writer, reader } = await startJob(0);
    const [a, b, c] = own.signers as [Signer, Signer, Signer];
    await writer.rounds.submit(job, join, a);
    await expect.poll(async () => (await reader.rounds.moves(job)).length).toBe(1);
    const snapshot = await own.anvil.request<Hex>('evm_snapshot');
    await writer.rounds.submit(job, join, b);
    const told = follow(reader, job);
    await expect.poll(() => told.seen).toEqual([a.account, b.account]);
    // One that has not got so far needs no telling.
    const slow = reader.rounds.follow(job, new AbortController().signal)[Symbol.asyncIterator]();
    expect((await slow.next()).value).toMatchObject({ by: a.account });
    const [kept] = await reader.rounds.moves(job);

    await own.anvil.request('evm_revert', snapshot);
    await writer.rounds.submit(job, join, c);
    await own.mine();
    await expect(told.ended).rejects.toBeInstanceOf(UndecidedError);
    await expect(told.ended).rejects.toMatchObject({ code: 'ledger.reorganised' });
    expect((await slow.next()).value).toMatchObject({ by: c.account });
    const moves = await reader.rounds.moves(job);
    expect(moves.map(({ by }) => by)).toEqual([a.account, c.account]);
    // Back to the common ancestor, not to the beginning.
    expect(moves[0]).toBe(kept);
    const again = follow(reader, job);
    await expect.poll(() => again.seen).toEqual([a.account, c.account]);
    again.abort.abort();
  });

  it('may take back the job itself: followers wait until it is there again', async () => {
    const { own, terms, job, writer, reader, beforeJob } = await startJob(0);
    const [creator, b] = own.signers as [Signer, Signer];
    await writer.rounds.submit(job, join, b);
    const told = follow(reader, job);
    await expect.poll(() => told.seen).toEqual([b.account]);
    await own.anvil.request('evm_revert', beforeJob);
    await own.mine(3);
    await expect(told.ended).rejects.toMatchObject({ code: 'ledger.reorganised' });
    const early = follow(reader, job);
    await expect(early.ended).rejects.toMatchObject({ code: 'ledger.reorganised' });
    // To a client that never saw it, it is simply unknown.
    const fresh = await connectLedger({
      ...{ url: own.url, contract: reader.contract, operator: 'other', confirmations: 0 },
    });
    await expect(fresh.rounds.moves(job)).rejects.toMatchObject({ code: 'ledger.job' });
    const anew = await connectLedger({ url: own.url, contract: reader.contract, operator: 'self' });
    await anew.jobs.create(terms, creator);
    await anew.rounds.submit(job, join, creator);
    const late = follow(reader, job);
    await expect.poll(() => late.seen).toEqual([creator.account]);
    late.abort.abort();
  });

  it('is not mistaken for a node that is behind', async () => {
    const { own, job, writer } = await startJob(0);
    let behind = false;
    const { url } = await forward(async (method, parameters) => {
      if (!behind) return undefined;
      if (method === 'eth_blockNumber') return { result: '0x2' };
      return method === 'eth_getBlockByNumber' && Number(parameters[0]) > 2 ? { result: null } : undefined;
    }, own);
    const parameters = { contract: writer.contract, operator: 'other', confirmations: 0 } as const;
    const reader = await connectLedger({ ...parameters, url, pollMilliseconds: 10 });
    const [a, b] = own.signers as [Signer, Signer];
    await writer.rounds.submit(job, join, a);
    const { seen, ended, abort } = follow(reader, job);
    await expect.poll(() => seen).toEqual([a.account]);
    behind = true;
    await writer.rounds.submit(job, join, b);
    await pause(100);
    expect(await reader.rounds.moves(job)).toHaveLength(1);
    behind = false;
    await expect.poll(() => seen).toEqual([a.account, b.account]);
    abort.abort();
    await ended;
  });
});

describe('time', () => {
  const startOwn = async (parameters: BareAnvilParameters) => {
    const own = await startBareAnvil(2, parameters);
    opened.push(own);
    const { contract } = await deployContracts({ url: own.url, signer: own.signers[0]! });
    return { own, contract };
  };

  it('is that of the latest block on a ledger of our own', async () => {
    const ledger = await connect();
    const before = await ledger.now();
    await pause(1100);
    expect(await ledger.now()).toBe(before);
    await chain.passTime(7);
    expect(await ledger.now()).toBe(before + 7);
  });

  it('goes on where blocks are made for transactions only, and a move whose time has come goes through', async () => {
    const { own, contract } = await startOwn({ wallClock: true });
    const [creator] = own.signers as [Signer];
    const ledger = await connectLedger({ url: own.url, contract, operator: 'other' });
    const terms = draftTerms('idle', creator.account, {
      phases: { ...phases, collecting: 1 },
    });
    const job = jobIdOf(terms);
    await ledger.jobs.create(terms, creator);
    await ledger.rounds.submit(job, join, creator);
    const opened = await ledger.rounds.submit(job, { type: 'open', round: 0, model: terms.model }, creator);
    const { at } = opened as { at: number };
    const latest = () => own.anvil.request<{ timestamp: Hex }>('eth_getBlockByNumber', 'latest', false);
    await expect.poll(() => ledger.now(), { timeout: 10_000 }).toBeGreaterThan(at + 1);
    expect(Number((await latest()).timestamp)).toBe(at);
    const advanced = await ledger.rounds.submit(job, { type: 'advance', round: 0 }, creator);
    expect(isRefusal(advanced)).toBe(false);
    // A lower bound of what the move was judged by.
    expect((advanced as { at: number }).at).toBeGreaterThan(at + 1);
  });

  it('does not make a node that simulates in the past refuse a move, nor one that is really early go out', async () => {
    const { own, contract } = await startOwn({ wallClock: true });
    const [creator] = own.signers as [Signer];
    const terms = draftTerms('past', creator.account, {
      phases: { ...phases, collecting: 1 },
    });
    const job = jobIdOf(terms);
    const advance: Move = { type: 'advance', round: 0 };
    const silence: Move = { type: 'prove', round: 0, lie: { kind: 'silence', participant: 0 } };
    const shown = { length: 1, leaf: '0x00', path: [] } as const;
    const other: Move = { type: 'prove', round: 0, lie: { kind: 'refused', participant: 0, shown } };
    const again: Move = { type: 'prove', round: 0, lie: { kind: 'silence', participant: 1 } };
    const [early, wrong, repeated] = (['TooEarly', 'WrongProof', 'Repeated'] as const).map((errorName) =>
      encodeErrorResult({ abi: nonetAbi, errorName }),
    );
    const reverts = new Map([
      [encodeMove(job, advance), early],
      [encodeMove(job, silence), wrong],
      [encodeMove(job, other), wrong],
      [encodeMove(job, again), repeated],
    ]);
    const { url, asked } = await forward((method, [request]) => {
      const data = method === 'eth_estimateGas' ? reverts.get((request as { data: Hex }).data) : undefined;
      return data === undefined ? undefined : { error: { code: 3, message: 'execution reverted', data } };
    }, own);
    const ledger = await connectLedger({ url, contract, operator: 'other' });
    await ledger.jobs.create(terms, creator);
    await ledger.rounds.submit(job, join, creator);
    const opened = await ledger.rounds.submit(job, { type: 'open', round: 0, model: terms.model }, creator);
    const sent = asked.eth_sendRawTransaction;
    expect(await ledger.rounds.submit(job, advance, creator)).toMatchObject({ refused: 'TooEarly' });
    expect(asked.eth_sendRawTransaction).toBe(sent);
    const { at } = opened as { at: number };
    await expect.poll(() => ledger.now(), { timeout: 10_000 }).toBeGreaterThan(at + 1);
    expect(isRefusal(await ledger.rounds.submit(job, advance, creator))).toBe(false);
    const before = await ledger.now();
    await expect.poll(() => ledger.now(), { timeout: 10_000 }).toBeGreaterThan(before);
    // What no time makes right does not go out, however late it is.
    const none = asked.eth_sendRawTransaction!;
    expect(await ledger.rounds.submit(job, other, creator)).toMatchObject({ refused: 'WrongProof' });
    expect(await ledger.rounds.submit(job, again, creator)).toMatchObject({ refused: 'Repeated' });
    expect(isRefusal(await ledger.rounds.submit(job, join, creator))).toBe(true);
    expect(asked.eth_sendRawTransaction).toBe(none);
    // Whether one has been silent for long enough, the chain says.
    await ledger.rounds.submit(job, silence, creator);
    expect(asked.eth_sendRawTransaction).toBe(none + 1);
  });
});

describe('several nodes', () => {
  it('stand in for one that is out of reach, and all get transactions', async () => {
    const [first, second] = [await forward(), await forward()];
    const notices: LedgerNotice[] = [];
    const ledger = await connect({
      url: [first.url, second.url],
      onNotice: (notice) => notices.push(notice),
    });
    const job = await createJob('nodes', {}, { url: [first.url, second.url] });
    expect(second.asked.eth_getBlockByNumber ?? 0).toBe(0);
    await expect.poll(() => second.asked.eth_sendRawTransaction).toBe(1);
    expect(first.asked.eth_sendRawTransaction).toBe(1);
    first.away = true;
    expect(isRefusal(await ledger.rounds.submit(job, join, signer))).toBe(false);
    expect(await ledger.rounds.moves(job)).toHaveLength(1);
    expect(notices.map(({ type }) => type)).toEqual(['switched']);
    expect(notices[0]!.message).toContain(`reads go to ${second.url} now`);
    second.away = true;
    await expect(ledger.now()).rejects.toMatchObject({ code: 'ledger.unreachable' });
    first.away = false;
    expect(await ledger.now()).toBeGreaterThan(0);
  });

  it('stand in for one that is behind', async () => {
    let stuckAt: Hex | undefined;
    const first = await forward((method) =>
      method === 'eth_blockNumber' && stuckAt !== undefined ? { result: stuckAt } : undefined,
    );
    const second = await forward();
    const notices: LedgerNotice[] = [];
    const ledger = await connect({
      ...{ url: [first.url, second.url], operator: 'other', confirmations: 0 },
      onNotice: (notice) => notices.push(notice),
    });
    const job = await createJob('behind');
    expect(await ledger.rounds.moves(job)).toHaveLength(0);
    stuckAt = await chain.anvil.request<Hex>('eth_blockNumber');
    await (await connect()).rounds.submit(job, join, signer);
    await chain.mine(3);
    await expect.poll(async () => (await ledger.rounds.moves(job)).length).toBe(1);
    expect(notices[0]!.message).toMatch(/is 4 blocks behind$/);
  });

  it('must be of one chain', async () => {
    const first = await forward();
    const other = await forward((method) => (method === 'eth_chainId' ? { result: '0x1' } : undefined));
    const ledger = await connect({ url: [first.url, other.url] });
    first.away = true;
    await expect(ledger.now()).rejects.toMatchObject({ code: 'ledger.chain', found: 'chain 1' });
    expect(() => createRpc([])).toThrow(/at least one node/);
  });
});
