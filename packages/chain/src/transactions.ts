/**
 * Sending calls as transactions with the port's Signer. Calls of one account are estimated and
 * handed over one after the other, so that a signer that takes its time cannot mix up nonces; their
 * blocks are waited for together. A call that is refused is judged again once the account's calls
 * before it are fixed, since it may follow from them.
 *
 * A call takes effect once: everything signed for it has one nonce (settlement.ts), and it is begun
 * anew only when another transaction of the account has taken that.
 */
import { type Hex, MisuseError, pause, UndecidedError } from '@nonet/core';
import type { Account, Signer } from '@nonet/core/identity';
import type { Call } from './call.ts';
import { type Fees, raiseFees, readFees } from './fees.ts';
import { createHeads, type Heads, readUsualConfirmations } from './heads.ts';
import { createNonces } from './nonces.ts';
import { findRevertReason, type Receipt } from './receipts.ts';
import {
  createRpc,
  type OnNotice,
  type Rpc,
  RpcFailure,
  readBlockNumber,
  readCount,
  readQuantity,
  writeQuantity,
} from './rpc.ts';
import { createSettlement, maximumRaise, type Underway } from './settlement.ts';
import { broadcast, type SignedTransaction, signTransaction, tellsNonceTaken } from './signedTransaction.ts';

/** The contract refused the call; `data` says why. */
export interface Reverted {
  readonly reverted: Hex;
}

export interface Sender {
  /**
   * Resolves when the call is in a block that counts as fixed, or is refused. Throws
   * `ledger.funds`, `ledger.signature`, `ledger.pending` when it is in no block in time,
   * `ledger.unreachable`.
   */
  send(call: Call, by: Signer): Promise<Receipt | Reverted>;
  /** Sends calls whose gas is known in one go; resolves when all are in. */
  sendAll(calls: readonly (Call & { gas: bigint })[], by: Signer): Promise<readonly Receipt[]>;
}

export interface SenderOptions {
  readonly rpc: Rpc;
  readonly chainId: number;
  /** Which blocks count as fixed. Default: every one, as soon as it is there. */
  readonly heads?: Pick<Heads, 'immediate' | 'fixed'>;
  /**
   * How long a call may go without a sign of progress before its outcome is called undecided.
   * Default 180,000.
   */
  readonly patienceMilliseconds?: number;
  readonly pollMilliseconds?: number;
  /**
   * A transaction that waits so long, and that some blocks left out, is signed again with a higher
   * fee. Default 20,000.
   */
  readonly repriceMilliseconds?: number;
  readonly onNotice?: OnNotice | undefined;
}

/** A call that reverted in its block and would succeed now is tried so often. */
const maximumAttempts = 5;

export function createSender({
  rpc,
  chainId,
  heads = createHeads({ rpc, confirmations: 0 }),
  patienceMilliseconds = 180_000,
  pollMilliseconds = 100,
  repriceMilliseconds = 20_000,
  onNotice,
}: SenderOptions): Sender {
  const last = new Map<Account, Promise<unknown>>();
  const waits = { patienceMilliseconds, pollMilliseconds, repriceMilliseconds, onNotice };
  const nonces = createNonces({ rpc, ...waits });
  const settle = createSettlement({ rpc, heads, nonces, sign, ...waits });

  /** One after the other by account: what was handed over is not waited for. */
  function inTurn<Result>(account: Account, work: () => Promise<Result>): Promise<Result> {
    const turn = (last.get(account) ?? Promise.resolve()).then(work);
    const settled = turn
      .catch(() => undefined)
      .then(() => {
        if (last.get(account) === settled) last.delete(account);
      });
    last.set(account, settled);
    return turn;
  }

  async function send(call: Call, by: Signer): Promise<Receipt | Reverted> {
    const request = {
      from: by.account,
      ...(call.to === undefined ? {} : { to: call.to }),
      data: call.data,
      ...(call.value ? { value: writeQuantity(call.value) } : {}),
    };
    for (let attempt = 1; ; attempt++) {
      const launched = await inTurn(by.account, async () => {
        const gas = call.gas ?? (await estimateInTurn(call, request));
        return typeof gas === 'object' ? gas : launch({ ...call, gas }, by);
      });
      if ('reverted' in launched) return launched;
      const receipt = await settle(launched);
      if (receipt?.status === '0x1') return receipt;
      const reverted = receipt && (await findRevertReason(rpc, request, receipt));
      if (reverted !== undefined) return { reverted };
      if (attempt < maximumAttempts) continue;
      throw new UndecidedError({
        code: 'ledger.reverted',
        expected: `a call of ${by.account} to take effect in ${maximumAttempts} attempts`,
        found:
          receipt === undefined
            ? 'other transactions of the account in its place'
            : 'failed transactions that would succeed afterwards',
        hint: 'Does another process send with the same key? Send the move again.',
      });
    }
  }

  /**
   * A call that is refused may follow from those before it: it is judged again once they are fixed.
   */
  async function estimateInTurn(call: Call, request: { from: Account }): Promise<bigint | Reverted> {
    for (;;) {
      const before = nonces.countUnsettled(request.from);
      const gas = await estimateGas(call, request);
      if (typeof gas === 'bigint' || before === 0) return gas;
      while (nonces.countUnsettled(request.from) > 0) await pause(pollMilliseconds);
    }
  }

  async function estimateGas(call: Call, request: { from: Account }): Promise<bigint | Reverted> {
    const estimate = async (...block: string[]) =>
      withMargin(
        readQuantity(await rpc.request('eth_estimateGas', [request, ...block]), 'an estimate of gas'),
      );
    try {
      return await estimate();
    } catch (error) {
      if (!(error instanceof RpcFailure) || error.data === undefined)
        throw await explainFailure(rpc, error, request.from, call.value ?? 0n);
      const gas = await call.gasDespite?.(error.data);
      if (gas === undefined) return { reverted: error.data };
      // Some nodes simulate the pending block at the time that it will have.
      return estimate('pending').catch(() => gas);
    }
  }

  /** Signs a call with the next nonce and hands it over. */
  async function launch(call: Call & { gas: bigint }, by: Signer): Promise<Underway> {
    const start = performance.now();
    for (;;) {
      const { nonce, replaces } = await nonces.take(by.account);
      const fees = await readFees(rpc);
      let offered: Pick<Underway, 'fees' | 'signed'>;
      try {
        offered = await offer(call, nonce, fees, replaces, by);
      } catch (error) {
        if (!(error instanceof RpcFailure) || !tellsNonceTaken(error) || isLate(start))
          throw await explainFailure(rpc, error, by.account, call.gas * fees.ceiling + (call.value ?? 0n));
        // Another process used this nonce between our question and our transaction; not again in
        // step with it.
        await pause(2 * pollMilliseconds * Math.random());
        continue;
      }
      const since = performance.now();
      const sinceBlock = await readBlockNumber(rpc);
      nonces.note(by.account, nonce);
      return { call, by, nonce, firstCeiling: fees.ceiling, ...offered, since, sinceBlock };
    }
  }

  const isLate = (start: number) => performance.now() - start > patienceMilliseconds;

  /**
   * Signs and hands over; against a stuck transaction with the same nonce at as high a fee as it
   * takes.
   */
  async function offer(
    call: Call & { gas: bigint },
    nonce: number,
    fees: Fees,
    replaces: boolean,
    by: Signer,
  ): Promise<Pick<Underway, 'fees' | 'signed'>> {
    for (let offered = fees; ; offered = raiseFees(offered)) {
      const signed = await sign(call, nonce, offered, by);
      try {
        await broadcast(rpc, signed);
        return { fees: offered, signed: [signed] };
      } catch (error) {
        const raises = error instanceof RpcFailure && (replaces || !tellsNonceTaken(error));
        if (!raises || !/replacement|underpriced/i.test(error.reason)) throw error;
        if (raiseFees(offered).ceiling > maximumRaise * fees.ceiling) throw error;
      }
    }
  }

  function sign(
    call: Call & { gas: bigint },
    nonce: number,
    fees: Fees,
    by: Signer,
  ): Promise<SignedTransaction> {
    const { data, gas, to, value = 0n } = call;
    const transaction = { data, gas, nonce, chainId, value, ...(to === undefined ? {} : { to }) };
    return signTransaction({ ...transaction, ...fees.fields }, by);
  }

  /**
   * In one go: portions travel in one request each, so that they arrive in the order of their
   * nonces.
   */
  async function launchAll(
    calls: readonly (Call & { gas: bigint })[],
    by: Signer,
  ): Promise<readonly Underway[]> {
    const { nonce: first } = await nonces.take(by.account);
    const [fees, sinceBlock] = await Promise.all([readFees(rpc), readBlockNumber(rpc)]);
    const underways: Underway[] = [];
    // One by one: a hardware key shows each to its owner.
    for (const [i, call] of calls.entries()) {
      const nonce = first + i;
      const signed = [await sign(call, nonce, fees, by)];
      underways.push({
        ...{ call, by, nonce, fees, signed, firstCeiling: fees.ceiling },
        ...{ since: performance.now(), sinceBlock },
      });
    }
    for (let i = 0; i < underways.length; i += 100) {
      const portion = underways.slice(i, i + 100);
      const cost = portion.reduce((sum, { call }) => sum + call.gas * fees.ceiling + (call.value ?? 0n), 0n);
      try {
        await Promise.all(portion.map(({ signed }) => broadcast(rpc, signed[0]!)));
      } catch (error) {
        throw await explainFailure(rpc, error, by.account, cost);
      }
    }
    // Not before: what was handed over of calls that fail together is followed by no one.
    for (const { nonce } of underways) nonces.note(by.account, nonce);
    return underways;
  }

  return {
    send,
    async sendAll(calls, by) {
      const underways = await inTurn(by.account, () => launchAll(calls, by));
      const receipts: Receipt[] = [];
      try {
        for (const underway of underways) {
          const outcome = (await settle(underway)) ?? (await send(underway.call, by));
          if (!('reverted' in outcome)) receipts.push(outcome);
        }
      } finally {
        // Of those behind one that failed, too.
        for (const { nonce } of underways) nonces.forget(by.account, nonce);
      }
      return receipts;
    },
  };
}

/** A sender on the chain of a node, with the confirmations that are usual there. */
export async function connectSender(
  url: string | readonly string[],
): Promise<{ rpc: Rpc; chainId: number; sender: Sender }> {
  const rpc = createRpc(url);
  const [chainId, confirmations] = await Promise.all([readChainId(rpc), readUsualConfirmations(rpc)]);
  return {
    rpc,
    chainId,
    sender: createSender({ rpc, chainId, heads: createHeads({ rpc, confirmations }) }),
  };
}

export async function readChainId(rpc: Rpc): Promise<number> {
  return readCount(await rpc.request('eth_chainId'), 'the chain id');
}

/**
 * Between estimate and block, others' moves can make a call dearer; what is not used is not paid.
 * Where that is more than Ethereum takes of one transaction (EIP-7825), so much or the bare
 * estimate.
 */
function withMargin(estimate: bigint): bigint {
  const wanted = (estimate * 3n) / 2n + 30_000n;
  const most = 2n ** 24n;
  return wanted <= most ? wanted : estimate > most ? estimate : most;
}

/** Wei. */
export async function readBalance(rpc: Rpc, account: Account): Promise<bigint> {
  return readQuantity(await rpc.request('eth_getBalance', [account, 'latest']), 'a balance');
}

/** Whether `account` is simply too poor; else the failure itself. */
async function explainFailure(rpc: Rpc, failure: unknown, account: Account, need: bigint): Promise<unknown> {
  if (!(failure instanceof RpcFailure)) return failure;
  const balance = await readBalance(rpc, account);
  if (balance >= need && !/insufficient funds/i.test(failure.reason)) return failure;
  return new MisuseError({
    code: 'ledger.funds',
    expected: `account ${account} to hold ${need} wei for value and gas`,
    found: `${balance} wei`,
    hint: 'Send it funds on this chain, then try again.',
    cause: failure,
  });
}
