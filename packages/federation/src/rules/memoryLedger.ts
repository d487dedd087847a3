/**
 * A ledger in memory: the port `Ledger` over the reducer, for tests, simulations and the
 * differential test of the contract. It trusts its caller: a signer's account is taken for the
 * sender without a signature. One submission is one block.
 */
import { type Address, addressOf, type Hex, NonetError, toHex, utf8 } from '@nonet/core';
import type { Account } from '@nonet/core/identity';
import {
  type AnchorPosition,
  assertTerms,
  isRefusal,
  type JobState,
  jobIdOf,
  type Ledger,
  type LedgerEvent,
  type ModelRegistration,
  type Move,
  mostRegistrations,
  type Posted,
  type Refusal,
} from '@nonet/core/ports';
import { owedTo } from './money.ts';
import { reduceRound, weiOf } from './round.ts';
import { createJobState } from './state.ts';

/** How a ledger in memory tells the time, and what it calls itself. */
export interface MemoryLedgerParameters {
  /** Ledger seconds, never decreasing. Default: the wall clock. */
  readonly clock?: () => number;
  readonly chainId?: number;
  readonly contract?: Account;
}

/** A ledger in memory, with what tests look at. */
export interface MemoryLedger extends Ledger {
  /**
   * What an account has received less what it has paid: wei. The ledger's own account holds escrows
   * and bonds.
   */
  balanceOf(account: Account): bigint;
  /** Throws `ledger.job` for an unknown job. */
  stateOf(job: Address): JobState;
}

/** Where burnt wei go (docs/specs/round.md §11.4). */
export const zeroAccount = toHex(new Uint8Array(20));

interface StoredJob {
  state: JobState;
  readonly events: LedgerEvent[];
  /** Wakes the followers. */
  readonly wake: Set<() => void>;
}

/**
 * A ledger in this process, for tests and simulations: the reducer alone, without gas, with a block
 * for every submission.
 */
export function createMemoryLedger({
  clock = () => Math.floor(Date.now() / 1000),
  chainId = 31337,
  contract = toHex(new Uint8Array(20).fill(0x90)),
}: MemoryLedgerParameters = {}): MemoryLedger {
  const jobs = new Map<Address, StoredJob>();
  const anchors = new Map<string, AnchorPosition>();
  const registrations: { readonly modelId: Address; readonly found: ModelRegistration }[] = [];
  const balances = new Map<Account, bigint>();
  let block = 0;

  const transfer = (from: Account, to: Account, wei: bigint) => {
    balances.set(from, (balances.get(from) ?? 0n) - wei);
    balances.set(to, (balances.get(to) ?? 0n) + wei);
  };
  const post = (at: number): Posted => {
    block++;
    return { transaction: addressOf(utf8(`transaction ${block}`)) as Hex, block, at, gas: 0 };
  };
  const find = (job: Address): StoredJob => {
    const stored = jobs.get(job);
    if (stored === undefined) {
      throw new NonetError({
        code: 'ledger.job',
        expected: `job ${job} on the ledger`,
        found: 'no such job',
      });
    }
    return stored;
  };

  /** All of the moves or none. */
  function submit(job: Address, moves: readonly Move[], by: Account, wei: bigint): Posted | Refusal {
    const stored = jobs.get(job);
    if (stored === undefined) return refusal('JobUnknown', 'a job on the ledger', job);
    const at = clock();
    let { state } = stored;
    let owed = 0n;
    for (const move of moves) {
      const next = reduceRound(state, move, by, at);
      if (isRefusal(next)) return next;
      const due = weiOf(state, move);
      if (wei !== due) return refusal('WrongValue', `${due} wei`, `${wei}`);
      if (move.type === 'withdraw') owed += owedTo(state, move.rounds, by, at);
      state = next;
    }
    transfer(by, contract, wei);
    transfer(contract, by, owed);
    transfer(contract, zeroAccount, state.burnt - stored.state.burnt);
    stored.state = state;
    const posted = post(at);
    const { transaction, block } = posted;
    for (const move of moves) {
      stored.events.push({ move: structuredClone(move) as Move, by, at, block, transaction });
    }
    for (const wake of stored.wake) wake();
    return posted;
  }

  return {
    chainId,
    contract,
    operator: 'self',
    balanceOf: (account) => balances.get(account) ?? 0n,
    stateOf: (job) => find(job).state,
    now: async () => clock(),
    jobs: {
      async create(terms, by) {
        const job = jobIdOf(terms);
        if (jobs.has(job)) return refusal('JobExists', 'a new job', job);
        assertTerms(terms, by.account);
        const state = createJobState(structuredClone(terms), { chainId, contract });
        jobs.set(job, { state, events: [], wake: new Set() });
        transfer(by.account, contract, terms.escrow);
        return post(clock());
      },
      read: async (job) => jobs.get(job)?.state.terms,
    },
    rounds: {
      submit: async (job, move, by, wei = 0n) => submit(job, [move], by.account, wei),
      submitAll: async (job, moves, by) => submit(job, moves, by.account, 0n),
      moves: async (job) => [...find(job).events],
      gasUsed: async () => 0,
      async *follow(job, signal) {
        const { events, wake } = find(job);
        for (let next = 0; !signal.aborted; ) {
          if (next < events.length) {
            yield events[next++]!;
            continue;
          }
          await new Promise<void>((resolve) => {
            const done = () => {
              wake.delete(done);
              signal.removeEventListener('abort', done);
              resolve();
            };
            wake.add(done);
            signal.addEventListener('abort', done);
          });
        }
      },
    },
    anchors: {
      async post(job, root, by) {
        const position = { chainId, contract, ...post(clock()) };
        const key = `${job} ${root} ${by.account}`;
        if (!anchors.has(key)) anchors.set(key, position);
        return position;
      },
      find: async (job, root, by) => anchors.get(`${job} ${root} ${by}`),
    },
    models: {
      async register(modelId, registration, by) {
        const position = { chainId, contract, ...post(clock()) };
        const { gas: _, ...place } = position;
        registrations.push({ modelId, found: { ...place, registration, by: by.account } });
        return position;
      },
      find: async (modelId, by) =>
        registrations
          .filter((each) => each.modelId === modelId && (by === undefined || each.found.by === by))
          .map(({ found }) => found)
          .slice(0, mostRegistrations),
    },
  };
}

function refusal(refused: Refusal['refused'], expected: string, found: string): Refusal {
  return { refused, expected, found };
}
