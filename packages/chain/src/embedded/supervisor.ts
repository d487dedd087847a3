/**
 * The supervised chain: anvil made durable. It collects transactions for some milliseconds, writes the block's number, timestamp and
 * transactions to the journal, and only then has anvil make the block. Whoever sent a transaction is answered when its block is made, so
 * what was answered survives a SIGKILL of anvil, of this process or of both: a start loads the newest readable snapshot, replays the
 * journal after it and compares every block hash. While anvil restarts, requests wait.
 *
 * Ledger time is the last block's timestamp plus the wall time since then in this run: it stands still while the chain is down and never
 * runs ahead. Blocks of the same second share a timestamp. A block is made when transactions wait, or when somebody asks what depends on
 * time and the last block is a second old; an idle chain makes none.
 */
import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Hex, NonetError } from '@nonet/core';
import { createPrivateKey, createSigner, type Signer } from '@nonet/core/identity';
import { type Anvil, AnvilRefusal, killOrphan, startAnvil } from './anvil.ts';
import { type JournaledBlock, openJournal } from './journal.ts';
import { readSnapshots, writeDurably, writeSnapshot } from './snapshots.ts';

export interface SupervisorParameters {
  /** Holds the chain's keys, journal and snapshots; made if missing. */
  readonly directory: string;
  /** How long transactions are collected before a block. Default 20. */
  readonly batchMilliseconds?: number;
  /** Default 1000. */
  readonly blocksPerSnapshot?: number;
  /** For crash tests: called when a block is on disk and not yet made. */
  readonly onJournaled?: () => void;
}

export interface Transaction {
  readonly raw: Hex;
  readonly hash: Hex;
  readonly gas: bigint;
}

export interface Supervisor {
  readonly chainId: number;
  /** Holds the chain's money. */
  readonly faucet: Signer;
  /** The running anvil; for tests. */
  anvil(): Promise<Anvil>;
  /** Asks anvil, across its restarts. */
  request<Result>(method: string, ...parameters: readonly unknown[]): Promise<Result>;
  /** Resolves when the transaction is in a block; throws AnvilRefusal if it cannot be. */
  submit(transaction: Transaction): Promise<Hex>;
  /** Makes a block if ledger time has moved on since the last one. */
  catchUp(): Promise<void>;
  stop(): Promise<void>;
}

/** anvil's own, whatever the genesis says. */
export const blockGasLimit = 30_000_000;

interface Identity {
  readonly chainId: number;
  readonly faucetKey: Hex;
  readonly genesisTimestamp: number;
}

interface Pending extends Transaction {
  readonly answer: PromiseWithResolvers<Hex>;
}

/** Starts or resumes the chain in `directory`. */
export async function startSupervisor({
  directory: location,
  batchMilliseconds = 20,
  blocksPerSnapshot = 1000,
  onJournaled,
}: SupervisorParameters): Promise<Supervisor> {
  // Absolute, because an orphan is recognised by it, from whichever folder a run is resumed.
  const directory = resolve(location);
  mkdirSync(directory, { recursive: true });
  const journal = openJournal(join(directory, 'journal.sqlite'));
  const { chainId, faucet, genesisFile, genesisTimestamp } = openIdentity(directory);
  const pidFile = join(directory, 'anvil.pid');

  const newest = journal.last();
  let last = { number: newest?.number ?? 0, timestamp: newest?.timestamp ?? genesisTimestamp };
  let snapshotAt = 0;
  let stopping = false;
  let stopped: Promise<void> | undefined;

  // Anvil and its restarts

  let current: Promise<Anvil> = recover();

  async function recover(): Promise<Anvil> {
    if (existsSync(pidFile)) killOrphan(Number(readFileSync(pidFile, 'utf8')), genesisFile);
    for (const snapshot of [...readSnapshots(directory), undefined]) {
      const anvil = await startAnvil({ genesisFile, chainId });
      writeFileSync(pidFile, String(anvil.pid));
      try {
        if (snapshot !== undefined) {
          await anvil.request('anvil_loadState', snapshot.state);
          if ((await latestBlock(anvil)).hash !== snapshot.hash)
            throw mismatch(snapshot.block, snapshot.hash, 'another');
        }
      } catch {
        await anvil.kill();
        continue;
      }
      snapshotAt = snapshot?.block ?? 0;
      try {
        for (const block of journal.after(snapshotAt)) await replay(anvil, block);
      } catch (error) {
        await anvil.kill();
        throw error;
      }
      void anvil.exited.then(() => {
        if (stopping) return;
        current = recover();
        // Whoever asks next gets the failure; nobody may be asking now.
        current.catch(() => undefined);
      });
      return anvil;
    }
    throw new NonetError({ code: 'chain.start', expected: 'a chain to start from', found: 'none' });
  }

  async function replay(anvil: Anvil, block: JournaledBlock): Promise<void> {
    for (const raw of block.transactions) await anvil.request('eth_sendRawTransaction', raw);
    const { hash, number } = await makeBlock(anvil, block.timestamp);
    if (number !== block.number || (block.hash !== undefined && block.hash !== hash)) {
      throw mismatch(block.number, block.hash ?? `number ${block.number}`, `${hash}, number ${number}`);
    }
    if (block.hash === undefined) journal.recordHash(number, hash);
  }

  /** Does `work` on the running anvil, again after a restart if anvil is lost on the way. */
  async function withAnvil<Result>(work: (anvil: Anvil) => Promise<Result>): Promise<Result> {
    for (let attempt = 0; ; attempt++) {
      const anvil = await current;
      try {
        return await work(anvil);
      } catch (error) {
        if (!(error instanceof NonetError) || error.code !== 'chain.lost' || stopping || attempt >= 5)
          throw error;
        await Promise.race([anvil.exited, new Promise((resolve) => setTimeout(resolve, 1000))]);
      }
    }
  }

  // Time and blocks

  const started = performance.now();
  const startTimestamp = last.timestamp;
  const clock = () => startTimestamp + Math.floor((performance.now() - started) / 1000);

  let waiting: Pending[] = [];
  const known = new Map<Hex, Pending>();
  let timer: NodeJS.Timeout | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  /** One block at a time. */
  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  }

  function schedule(): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      void inTurn(produceBlock);
    }, batchMilliseconds);
  }

  /** As many waiting transactions as a block has room for. */
  function takeBatch(): Pending[] {
    let gas = 0n;
    const fits = waiting.findIndex((pending) => (gas += pending.gas) > blockGasLimit);
    const batch = fits < 0 ? waiting : waiting.slice(0, fits);
    waiting = waiting.slice(batch.length);
    if (waiting.length > 0) schedule();
    return batch;
  }

  async function produceBlock(): Promise<void> {
    const batch = takeBatch();
    try {
      const { anvil, accepted } = await withAnvil(async (anvil) => ({
        anvil,
        accepted: await offer(anvil, batch),
      }));
      if (accepted.length === 0) return;
      const raw = accepted.map((pending) => pending.raw);
      answerBatch(accepted, await extendChain(anvil, raw));
    } catch (error) {
      for (const { answer } of batch) answer.reject(error);
    } finally {
      for (const { hash } of batch) known.delete(hash);
    }
  }

  /** Answers those among `hashes`, and refuses the others. */
  function answerBatch(batch: readonly Pending[], hashes: readonly Hex[]): void {
    const included = new Set(hashes);
    const refusal = { code: -32003, message: 'nonce too high or replaced' };
    for (const { hash, answer } of batch) {
      if (included.has(hash)) answer.resolve(hash);
      else answer.reject(new AnvilRefusal('eth_sendRawTransaction', refusal));
    }
  }

  /** Puts transactions into anvil's pool, which then holds nothing else, in order; answers those that the next block cannot hold. */
  async function offer(anvil: Anvil, batch: readonly Pending[]): Promise<Pending[]> {
    const accepted: Pending[] = [];
    await anvil.request('anvil_dropAllTransactions');
    for (const pending of batch) {
      try {
        await anvil.request('eth_sendRawTransaction', pending.raw);
        accepted.push(pending);
      } catch (error) {
        if (!(error instanceof AnvilRefusal)) throw error;
        // Sent again after its answer was lost.
        if ((await anvil.request('eth_getTransactionByHash', pending.hash)) !== null)
          pending.answer.resolve(pending.hash);
        else pending.answer.reject(error);
      }
    }
    if (accepted.length === 0) return [];
    // What waits for an earlier nonce costs its sender nothing; it does not get into the journal.
    const { pending: ready } = await anvil.request<{
      pending: Record<string, Record<string, { hash: Hex }>>;
    }>('txpool_content');
    const hashes = new Set(
      Object.values(ready).flatMap((byNonce) => Object.values(byNonce).map(({ hash }) => hash)),
    );
    answerBatch(
      accepted.filter(({ hash }) => !hashes.has(hash)),
      [],
    );
    return accepted.filter(({ hash }) => hashes.has(hash));
  }

  /** Journal first, then the block on the anvil whose pool holds `transactions`; returns the hashes of those that it includes. */
  async function extendChain(anvil: Anvil, transactions: readonly Hex[]): Promise<readonly Hex[]> {
    const { number, timestamp } = { number: last.number + 1, timestamp: Math.max(last.timestamp, clock()) };
    journal.append({ number, timestamp, transactions });
    last = { number, timestamp };
    onJournaled?.();
    const made = await makeBlock(anvil, timestamp).catch(async () => {
      // Lost on the way, or refused: the restart makes the block from the journal.
      await anvil.kill();
      return withAnvil(latestBlock);
    });
    if (made.number !== number) throw mismatch(number, `number ${number}`, `number ${made.number}`);
    journal.recordHash(number, made.hash);
    if (number - snapshotAt >= blocksPerSnapshot) void inTurn(takeSnapshot);
    return made.transactions;
  }

  async function takeSnapshot(): Promise<void> {
    try {
      const anvil = await current;
      const { number, hash } = await latestBlock(anvil);
      if (number === snapshotAt) return;
      writeSnapshot(directory, { block: number, hash, state: await anvil.request<Hex>('anvil_dumpState') });
      snapshotAt = number;
    } catch {
      // The journal has it all; the next start is only slower.
    }
  }

  try {
    await current;
  } catch (error) {
    journal.close();
    throw error;
  }

  return {
    chainId,
    faucet,
    anvil: () => current,
    request: (method, ...parameters) => withAnvil((anvil) => anvil.request(method, ...parameters)),
    submit(transaction) {
      let pending = known.get(transaction.hash);
      if (pending === undefined) {
        pending = { ...transaction, answer: Promise.withResolvers<Hex>() };
        known.set(transaction.hash, pending);
        waiting.push(pending);
        schedule();
      }
      return pending.answer.promise;
    },
    async catchUp() {
      if (clock() <= last.timestamp) return;
      await inTurn(async () => {
        const anvil = await current;
        if (clock() <= last.timestamp) return;
        // A batch whose journaling failed is still in the pool.
        await offer(anvil, []);
        await extendChain(anvil, []);
      });
    },
    stop: () => (stopped ??= stop()),
  };

  async function stop(): Promise<void> {
    clearTimeout(timer);
    while (waiting.length > 0) await inTurn(produceBlock);
    await inTurn(takeSnapshot);
    stopping = true;
    await current.then(
      (anvil) => anvil.kill(),
      () => undefined,
    );
    rmSync(pidFile, { force: true });
    journal.close();
  }
}

interface MadeBlock {
  readonly number: number;
  readonly hash: Hex;
  readonly transactions: readonly Hex[];
}

async function latestBlock(anvil: Anvil): Promise<MadeBlock> {
  const block = await anvil.request<{ number: Hex; hash: Hex; transactions: Hex[] }>(
    'eth_getBlockByNumber',
    'latest',
    false,
  );
  return { ...block, number: Number(block.number) };
}

/** Makes a block of what is in the pool. What cannot be executed now is dropped, because a restart would forget it. */
async function makeBlock(anvil: Anvil, timestamp: number): Promise<MadeBlock> {
  await anvil.request('evm_setNextBlockTimestamp', timestamp);
  await anvil.request('evm_mine');
  const [block] = await Promise.all([latestBlock(anvil), anvil.request('anvil_dropAllTransactions')]);
  return block;
}

/** Who this chain is: drawn once, kept in the directory. */
function openIdentity(directory: string) {
  const file = join(directory, 'chain.json');
  const genesisFile = join(directory, 'genesis.json');
  if (!existsSync(file)) {
    const identity: Identity = {
      // Of its own, so that a transaction for one embedded chain is none for another.
      chainId: 2 ** 30 + randomInt(2 ** 30),
      faucetKey: createPrivateKey(),
      genesisTimestamp: Math.floor(Date.now() / 1000),
    };
    writeDurably(file, JSON.stringify(identity));
  }
  const { chainId, faucetKey, genesisTimestamp } = JSON.parse(readFileSync(file, 'utf8')) as Identity;
  const faucet = createSigner(faucetKey);
  const hex = (value: number) => `0x${value.toString(16)}`;
  const genesis = {
    config: { chainId },
    timestamp: hex(genesisTimestamp),
    gasLimit: hex(blockGasLimit),
    baseFeePerGas: hex(1_000_000_000),
    difficulty: '0x0',
    alloc: { [faucet.account]: { balance: `0x${(10n ** 27n).toString(16)}` } },
  };
  writeFileSync(genesisFile, JSON.stringify(genesis));
  return { chainId, faucet, genesisFile, genesisTimestamp };
}

function mismatch(block: number, expected: string, found: string): NonetError {
  return new NonetError({
    code: 'chain.diverged',
    expected: `block ${block} to be ${expected}`,
    found,
    hint: 'The journal or the chain software changed; this chain cannot be continued.',
  });
}
