/**
 * The embedded chain through crashes: what was answered is there afterwards, block for block as if
 * nothing had happened.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Address, addressOf, type Hex, utf8 } from '@nonet/core';
import { type Account, createPrivateKey, createSigner, type Signer } from '@nonet/core/identity';
import { isRefusal, jobIdOf, type Ledger, type LedgerEvent } from '@nonet/core/ports';
import { afterEach, expect, it } from 'vitest';
import { readTransaction } from '../src/embedded/admission.ts';
import { AnvilRefusal } from '../src/embedded/anvil.ts';
import { startEmbeddedChain } from '../src/embedded/index.ts';
import { openJournal } from '../src/embedded/journal.ts';
import { startRpcProxy } from '../src/embedded/rpcProxy.ts';
import { listSnapshots } from '../src/embedded/snapshots.ts';
import { type Supervisor, type SupervisorParameters, startSupervisor } from '../src/embedded/supervisor.ts';
import { connectLedger, deployContracts, fund } from '../src/index.ts';
import { signTransaction } from '../src/signedTransaction.ts';
import { draftTerms, phases } from './terms.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

function makeDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'nonet-chain-'));
  cleanUp.push(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

async function start(directory: string, change: Partial<SupervisorParameters> = {}): Promise<Supervisor> {
  const chain = await startSupervisor({ directory, batchMilliseconds: 5, blocksPerSnapshot: 7, ...change });
  cleanUp.push(() => chain.stop());
  return chain;
}

async function serve(chain: Supervisor): Promise<string> {
  const proxy = await startRpcProxy({ chain });
  cleanUp.push(() => proxy.close());
  return proxy.url;
}

/** A process with the chain; `killed` resolves when it is gone. */
async function startChild(directory: string, fatalBlock = 0) {
  const script = join(import.meta.dirname, 'embeddedChild.ts');
  const child: ChildProcess = spawn(process.execPath, [script, directory, String(fatalBlock)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  cleanUp.push(() => child.kill('SIGKILL'));
  const killed = once(child, 'exit');
  const [url] = (await once(child.stdout!.setEncoding('utf8'), 'data')) as [string];
  return { child, killed, url: url.trim() };
}

const hash = (text: string): Address => addressOf(utf8(text));

/** A job in the middle of round 0, with as many participants. */
async function startJob(url: string, faucet: Signer, participants: number) {
  const { contract } = await deployContracts({ url, signer: faucet });
  const ledger = await connectLedger({ url, contract, operator: 'self', patienceMilliseconds: 500 });
  const players = Array.from({ length: participants }, () => createSigner(createPrivateKey()));
  await fund(
    { url, signer: faucet },
    players.map(({ account }) => account),
    10n ** 18n,
  );
  const terms = draftTerms('job', faucet.account, {
    ...{ maxParticipants: 100, escrow: 1000n },
    phases: { ...phases, collecting: 3600, stepping: 3600 },
  });
  const job = jobIdOf(terms);
  await accept(ledger.jobs.create(terms, faucet));
  await Promise.all(players.map((player) => accept(ledger.rounds.submit(job, { type: 'join' }, player))));
  await accept(ledger.rounds.submit(job, { type: 'open', round: 0, model: terms.model }, faucet));
  return { ledger, players, contract, job };
}

async function accept(outcome: Promise<object>): Promise<void> {
  const found = await outcome;
  if (isRefusal(found)) throw expect.fail(JSON.stringify(found));
}

const commit = (ledger: Ledger, job: Address, player: Signer) =>
  accept(
    ledger.rounds.submit(job, { type: 'commit', round: 0, blob: hash(player.account), weight: 1 }, player),
  );

/** Who committed what. */
const commitments = (moves: readonly LedgerEvent[]) =>
  Object.fromEntries(moves.flatMap(({ move, by }) => (move.type === 'commit' ? [[by, move.blob]] : [])));

/** Number, timestamp, transactions and hash of every block, from the journal of a chain at rest. */
function readBlocks(directory: string) {
  const journal = openJournal(join(directory, 'journal.sqlite'));
  const blocks = [...journal.after(0)];
  journal.close();
  return blocks;
}

function forgetHashes(directory: string): void {
  const database = new DatabaseSync(join(directory, 'journal.sqlite'));
  database.exec('UPDATE blocks SET hash = NULL');
  database.close();
}

/** Plays the journal of a chain at rest on a chain that nobody disturbs. */
async function expectUndisturbedTwin(directory: string): Promise<void> {
  const blocks = readBlocks(directory);
  expect(blocks.length).toBeGreaterThan(0);
  for (const { hash } of blocks) expect(hash).toBeDefined();
  const twin = join(directory, 'twin');
  mkdirSync(twin);
  for (const file of ['chain.json', 'journal.sqlite']) copyFileSync(join(directory, file), join(twin, file));
  forgetHashes(twin);
  await (await startSupervisor({ directory: twin })).stop();
  expect(readBlocks(twin)).toEqual(blocks);
}

/** The anvil of the chain in `directory`, as long as there is one. */
function findAnvilOf(directory: string): number | undefined {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number)
    .find((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return command.includes('anvil') && command.includes(`${directory}/`);
      } catch {
        return false;
      }
    });
}

/** Ends the next anvil that appears for `directory`, as soon as it does. */
async function killNextAnvil(directory: string, known?: number): Promise<void> {
  for (;;) {
    const pid = findAnvilOf(directory);
    if (pid !== undefined && pid !== known) return void process.kill(pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
};

it('goes on when anvil is killed in the middle of a round, again and again', async () => {
  const directory = makeDirectory();
  const chain = await start(directory);
  const url = await serve(chain);
  const { ledger, players, job } = await startJob(url, chain.faucet, 24);
  // Killed at a different moment of each third commitment: estimating, waiting, journaled, mined,
  // read.
  for (const [i, player] of players.entries()) {
    const sent = commit(ledger, job, player);
    if (i % 3 === 0) {
      await new Promise((resolve) => setTimeout(resolve, 2 * i));
      process.kill((await chain.anvil()).pid, 'SIGKILL');
    }
    await sent;
  }
  await accept(
    ledger.rounds.submit(
      job,
      { type: 'close', round: 0, committed: players.length, unavailable: [] },
      chain.faucet,
    ),
  );
  const moves = await ledger.rounds.moves(job);
  expect(moves.at(-1)!.move.type).toBe('close');
  expect(commitments(moves)).toEqual(
    Object.fromEntries(players.map(({ account }) => [account, hash(account)])),
  );
  // What a client sees afresh is what this one followed.
  const { contract } = ledger;
  expect(await (await connectLedger({ url, contract, operator: 'self' })).rounds.moves(job)).toEqual(moves);
  await chain.stop();
  await expectUndisturbedTwin(directory);
});

it.each([1, 6, 14])(
  'resumes when everything is killed with block %i on disk and not made',
  async (fatalBlock) => {
    const directory = makeDirectory();
    const { url, killed } = await startChild(directory, fatalBlock);
    const pid = findAnvilOf(directory);
    const { faucetKey } = JSON.parse(readFileSync(join(directory, 'chain.json'), 'utf8')) as {
      faucetKey: Hex;
    };
    const faucet = createSigner(faucetKey);
    const broken = (async () => {
      const { ledger, players, job } = await startJob(url, faucet, 3);
      for (const player of players) await commit(ledger, job, player);
      for (let i = 0; ; i++) await ledger.anchors.post(job, hash(`anchor ${i}`), faucet);
    })().catch((error) => error);
    await killed;
    expect(await broken).toMatchObject({ code: 'ledger.unreachable' });
    expect(pid).toBeDefined();
    await expect.poll(() => findAnvilOf(directory)).toBeUndefined();

    const chain = await start(directory);
    const head = await chain.request<{ number: Hex; transactions: Hex[] }>(
      'eth_getBlockByNumber',
      'latest',
      false,
    );
    expect(Number(head.number)).toBe(fatalBlock);
    // The chain goes on.
    await fund(
      { url: await serve(chain), signer: chain.faucet },
      [createSigner(createPrivateKey()).account],
      1n,
    );
    await chain.stop();
    await expectUndisturbedTwin(directory);
  },
);

it('keeps what was answered when everything is killed at any time', async () => {
  const directory = makeDirectory();
  const first = await startChild(directory);
  const { faucetKey } = JSON.parse(readFileSync(join(directory, 'chain.json'), 'utf8')) as { faucetKey: Hex };
  const { players, ledger, contract, job } = await startJob(first.url, createSigner(faucetKey), 12);
  const answered: Account[] = [];
  const commits = Promise.allSettled(
    players.map(async (player, i) => {
      await new Promise((resolve) => setTimeout(resolve, 15 * i));
      await commit(ledger, job, player);
      answered.push(player.account);
      if (answered.length === 5) first.child.kill('SIGKILL');
    }),
  );
  await first.killed;
  await commits;

  const chain = await start(directory);
  const again = await connectLedger({ url: await serve(chain), contract, operator: 'self' });
  const committed = Object.keys(commitments(await again.rounds.moves(job)));
  expect(committed).toEqual(expect.arrayContaining(answered));
  for (const player of players) if (!committed.includes(player.account)) await commit(again, job, player);
  await accept(
    again.rounds.submit(
      job,
      { type: 'close', round: 0, committed: players.length, unavailable: [] },
      chain.faucet,
    ),
  );
  await chain.stop();
  await expectUndisturbedTwin(directory);
});

it('passes over torn snapshots, and does without any', async () => {
  const directory = makeDirectory();
  const chain = await start(directory);
  const { ledger, players, job } = await startJob(await serve(chain), chain.faucet, 4);
  for (const player of players) await commit(ledger, job, player);
  const moves = await ledger.rounds.moves(job);
  await chain.stop();
  expect(listSnapshots(directory)).toHaveLength(2);

  const spoil: ((path: string) => void)[] = [
    (path) => truncateSync(path, readFileSync(path).length - 10),
    (path) => writeFileSync(path, ''),
    (path) => writeFileSync(path, readFileSync(path, 'utf8').replace(/"block":\d/, '"block":9')),
    (path) => rmSync(path),
  ];
  for (const tear of spoil) {
    for (const torn of [1, 2]) {
      for (const { path } of listSnapshots(directory).slice(0, torn)) tear(path);
      writeFileSync(join(directory, 'snapshot-99999.json.tmp'), 'half a snapshot');
      const resumed = await startSupervisor({ directory, batchMilliseconds: 5, blocksPerSnapshot: 7 });
      const url = await serve(resumed);
      const again = await connectLedger({ url, contract: ledger.contract, operator: 'self' });
      expect(await again.rounds.moves(job)).toEqual(moves);
      await fund({ url, signer: resumed.faucet }, [players[0]!.account], 1n);
      await resumed.stop();
    }
  }
  await expectUndisturbedTwin(directory);
});

it('names the block that cannot be made again as it was', async () => {
  const directory = makeDirectory();
  const chain = await start(directory, { blocksPerSnapshot: 1000 });
  await startJob(await serve(chain), chain.faucet, 2);
  await chain.stop();
  for (const { path } of listSnapshots(directory)) rmSync(path);
  const database = new DatabaseSync(join(directory, 'journal.sqlite'));
  database.exec("UPDATE blocks SET hash = x'00' WHERE number = 3");
  database.close();
  await expect(startSupervisor({ directory })).rejects.toMatchObject({
    code: 'chain.diverged',
    expected: 'block 3 to be 0x00',
  });
});

it('runs once per directory', async () => {
  const directory = makeDirectory();
  const chain = await start(directory);
  await expect(startSupervisor({ directory })).rejects.toMatchObject({ code: 'chain.running' });
  expect(await chain.request('eth_blockNumber')).toBe('0x0');
});

it('keeps ledger time behind wall time, and still while it is down', async () => {
  const directory = makeDirectory();
  const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  const before = performance.now();
  const first = await startEmbeddedChain({ directory });
  const { contract } = await deployContracts({ url: first.url, signer: first.faucet });
  const ledger = await connectLedger({ url: first.url, contract, operator: 'self' });
  const begin = await ledger.now();
  await wait(2100);
  const reached = await ledger.now();
  expect(reached).toBeGreaterThanOrEqual(begin + 1);
  expect(reached - begin).toBeLessThanOrEqual((performance.now() - before) / 1000 + 1);
  // Nobody asks, nothing is made.
  await wait(1100);
  await first.stop();
  const blocks = readBlocks(directory).length;
  await wait(1500);
  const resumedAt = performance.now();
  const second = await startEmbeddedChain({ directory });
  cleanUp.push(() => second.stop());
  expect([second.url, second.chainId]).toEqual([first.url, first.chainId]);
  const again = await connectLedger({ url: second.url, contract, operator: 'self' });
  const resumed = await again.now();
  expect(resumed).toBeGreaterThanOrEqual(reached);
  expect(resumed - reached).toBeLessThanOrEqual((performance.now() - resumedAt) / 1000 + 1);
  await second.stop();
  expect(readBlocks(directory).length - blocks).toBeLessThanOrEqual(2);
});

it('listens elsewhere when its port is taken, and says so when told which', async () => {
  const directory = makeDirectory();
  const first = await startEmbeddedChain({ directory });
  await first.stop();
  const squatter = createServer();
  await once(squatter.listen(Number(new URL(first.url).port), '127.0.0.1'), 'listening');
  cleanUp.push(() => squatter.close());
  await expect(
    startEmbeddedChain({ directory, port: Number(new URL(first.url).port) }),
  ).rejects.toMatchObject({ code: 'chain.port' });
  const second = await startEmbeddedChain({ directory });
  cleanUp.push(() => second.stop());
  expect(second.url).not.toBe(first.url);
});

it('leaves no process and no lock behind when it is stopped', async () => {
  const directory = makeDirectory();
  const chain = await startSupervisor({ directory });
  const { pid } = await chain.anvil();
  expect(isAlive(pid)).toBe(true);
  await chain.stop();
  expect(isAlive(pid)).toBe(false);
});

/** A transfer of any size that takes all of its gas. */
async function burn(
  chain: Supervisor,
  nonce: number,
  gas = 3_000_000n,
  data: Hex = '0x5b5f56',
  by = chain.faucet,
) {
  const { chainId } = chain;
  const fees = { maxFeePerGas: 10n ** 11n, maxPriorityFeePerGas: 1n };
  const { raw } = await signTransaction({ chainId, nonce, gas, data, ...fees, value: 0n }, by);
  return readTransaction(raw, chainId);
}

it('starts again an anvil that is killed while it starts, each time', async () => {
  const directory = makeDirectory();
  const starting = start(directory);
  await killNextAnvil(directory);
  const chain = await starting;
  expect(await chain.request('eth_blockNumber')).toBe('0x0');
  const first = (await chain.anvil()).pid;
  process.kill(first, 'SIGKILL');
  await killNextAnvil(directory, first);
  expect(await chain.request('eth_chainId')).toBe(`0x${chain.chainId.toString(16)}`);
  expect(await chain.submit(await burn(chain, 0))).toBeDefined();
});

it('spreads over blocks what no block has room for', async () => {
  const directory = makeDirectory();
  const chain = await start(directory);
  const sent = await Promise.all(Array.from({ length: 20 }, (_, nonce) => burn(chain, nonce)));
  await Promise.all(sent.map((transaction) => chain.submit(transaction)));
  await chain.stop();
  await expectUndisturbedTwin(directory);
});

it('fills a block although what is waiting in front is refused', async () => {
  const directory = makeDirectory();
  const chain = await start(directory);
  const anvil = await chain.anvil();
  const { request } = anvil;
  const asked: string[] = [];
  (anvil as { request: typeof request }).request = (method, ...parameters) => {
    asked.push(method);
    return request(method, ...parameters);
  };
  const poor = Array.from({ length: 30 }, () => createSigner(createPrivateKey()));
  const refused = await Promise.all(poor.map((by) => burn(chain, 0, 30_000_000n, '0x', by)));
  const outcomes = Promise.allSettled(refused.map((transaction) => chain.submit(transaction)));
  await chain.submit(await burn(chain, 0));
  for (const outcome of await outcomes) expect(outcome.status).toBe('rejected');
  // What is ready is asked once per block.
  expect(asked.filter((method) => method === 'txpool_content')).toHaveLength(1);
});

it('is in no state while it makes a block, so that no answer from before is given for one from after', async () => {
  const states: (number | undefined)[] = [];
  const chain: Supervisor = await start(makeDirectory(), { onJournaled: () => states.push(chain.state) });
  const url = await serve(chain);
  await fund({ url, signer: chain.faucet }, [createSigner(createPrivateKey()).account], 1n);
  expect(states.length).toBeGreaterThan(0);
  expect(new Set(states)).toEqual(new Set([undefined]));
  await expect.poll(() => chain.state).toBeGreaterThan(0);
});

it('lets no sender wait for all that another has sent', async () => {
  const directory = makeDirectory();
  const chain = await start(directory);
  const other = createSigner(createPrivateKey());
  await fund({ url: await serve(chain), signer: chain.faucet }, [other.account], 10n ** 20n);
  const sent = await Promise.all(Array.from({ length: 6 }, (_, i) => burn(chain, 1 + i, 16_000_000n)));
  const late = await burn(chain, 0, 16_000_000n, '0x5b5f56', other);
  await Promise.all([...sent, late].map((transaction) => chain.submit(transaction)));
  await chain.stop();
  const order = readBlocks(directory).flatMap(({ transactions }) => transactions);
  expect(order.indexOf(late.raw) - order.indexOf(sent[0]!.raw)).toBe(1);
});

it('keeps transactions out of its journal that never get into a block', async () => {
  const directory = makeDirectory();
  const chain = await start(directory);
  const ahead = await Promise.all(
    Array.from({ length: 20 }, (_, i) => burn(chain, 5 + i, 3_000_000n, `0x${'ff'.repeat(30_000)}`)),
  );
  for (const outcome of await Promise.allSettled(ahead.map((transaction) => chain.submit(transaction)))) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { found: 'nonce too high or replaced' } });
  }
  await chain.stop();
  expect(readBlocks(directory).flatMap(({ transactions }) => transactions)).toEqual([]);
});

it('does not let time bring into a block what was never journaled', async () => {
  const directory = makeDirectory();
  const chain = await start(directory);
  // As after a journal that could not be written.
  await (await chain.anvil()).request('eth_sendRawTransaction', (await burn(chain, 0)).raw);
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await chain.catchUp();
  await chain.stop();
  const blocks = readBlocks(directory);
  expect(blocks).toMatchObject([{ number: 1, transactions: [] }]);
  await expectUndisturbedTwin(directory);
});

it('makes again the block that anvil did not take the first time', async () => {
  const directory = makeDirectory();
  const chain = await start(directory);
  const { request } = await chain.anvil();
  let refused = 0;
  ((await chain.anvil()) as { request: typeof request }).request = (method, ...parameters) => {
    if (method === 'evm_mine' && refused++ === 0)
      throw new AnvilRefusal(method, { code: 1, message: 'not now' });
    return request(method, ...parameters);
  };
  const transaction = await burn(chain, 0);
  expect(await chain.submit(transaction)).toBe(transaction.hash);
  expect(await chain.submit(await burn(chain, 1))).toBeDefined();
  await chain.stop();
  await expectUndisturbedTwin(directory);
});

it('tells a damaged journal from one that is in use', async () => {
  const directory = makeDirectory();
  writeFileSync(join(directory, 'journal.sqlite'), 'no database'.repeat(1000));
  await expect(startSupervisor({ directory })).rejects.toMatchObject({ code: 'chain.journal' });
  await expect(async () => openJournal(join(directory, 'nowhere', 'x'))).rejects.toMatchObject({
    code: 'chain.journal',
  });
});

it('is stopped once, however often it is asked', async () => {
  const chain = await startSupervisor({ directory: makeDirectory() });
  await Promise.all([chain.stop(), chain.stop()]);
});
