/**
 * Sending transactions with the port's Signer. Per account one call is under way at a time, from
 * estimate to the block that counts as fixed, so that each estimate sees the effect of the one
 * before, and a signer that takes its time cannot mix up nonces.
 *
 * A call takes effect once: everything signed for it has one nonce. It is sent again as the same
 * bytes when the connection breaks, when the node forgot it or when its block was taken back;
 * signed again with a higher fee when blocks go by without it; and begun anew only when another
 * transaction of the account has taken its nonce.
 */
import { type Hex, MisuseError, pause, UndecidedError } from '@nonet/core';
import { type Account, recoverAccount, type Signer } from '@nonet/core/identity';
import { createHeads, type Heads, readUsualConfirmations } from './heads.ts';
import { keccak256 } from './keccak256.ts';
import {
  createRpc,
  type OnNotice,
  type Rpc,
  RpcFailure,
  readBlock,
  readBlockNumber,
  readBytes,
  readCount,
  readQuantity,
  writeQuantity,
} from './rpc.ts';
import {
  digestOf,
  encodeTransaction,
  type GasPrices,
  type UnsignedTransaction,
} from './transactionEnvelope.ts';

export interface Call {
  readonly to?: Account;
  readonly data: Hex;
  /** Wei. */
  readonly value?: bigint;
  /** Skips the estimate. */
  readonly gas?: bigint;
  /**
   * Asked when the node's simulation refuses the call: how much gas to send it with all the same,
   * if its block will judge differently.
   */
  readonly gasDespite?: (revert: Hex) => Promise<bigint | undefined>;
}

export interface Receipt {
  readonly transactionHash: Hex;
  readonly blockNumber: Hex;
  readonly gasUsed: Hex;
  readonly status: Hex;
  readonly contractAddress: Hex | null;
  /** Ledger seconds, where the call had events and the node says when. */
  readonly timestamp?: number;
}

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

/** Blocks that leave a transaction out before its fee is raised. */
const patientBlocks = 3;
/** A fee is raised up to so many times what was offered first. */
const maximumRaise = 10n;
/** A call that reverted in its block and would succeed now is tried so often. */
const maximumAttempts = 5;
/** Every so many polls: has the node forgotten the transaction, is it stuck, is its nonce taken? */
const pollsPerCheck = 10;
/** So many checks must find the nonce taken and no receipt: nodes can lag behind one another. */
const displacedChecks = 3;

/** A call under way: everything signed for it has the same nonce. */
interface Underway {
  readonly call: Call & { readonly gas: bigint };
  readonly by: Signer;
  readonly nonce: number;
  readonly firstCeiling: bigint;
  fees: Fees;
  /** The newest last. */
  readonly signed: SignedTransaction[];
  since: number;
  sinceBlock: number;
}

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
  /** Nonces of what this sender has handed over and not seen in a fixed block, by account. */
  const unsettled = new Map<Account, Set<number>>();

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
      const before = unsettled.get(request.from)?.size ?? 0;
      const gas = await estimateGas(call, request);
      if (typeof gas === 'bigint' || before === 0) return gas;
      while ((unsettled.get(request.from)?.size ?? 0) > 0) await pause(pollMilliseconds);
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
      const { nonce, replaces } = await takeNonce(by.account);
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
      noteUnsettled(by.account, nonce);
      return { call, by, nonce, firstCeiling: fees.ceiling, ...offered, since, sinceBlock };
    }
  }

  function noteUnsettled(account: Account, nonce: number): void {
    const nonces = unsettled.get(account) ?? new Set();
    unsettled.set(account, nonces.add(nonce));
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

  /**
   * The account's next nonce. Transactions that are not ours are waited for; one that is stuck, as
   * a process that was killed can leave behind, is replaced by ours.
   */
  async function takeNonce(account: Account): Promise<{ nonce: number; replaces: boolean }> {
    const begun = performance.now();
    let [waiting, since, sinceBlock] = [-1, 0, 0];
    for (;;) {
      const [mined, pending] = await Promise.all([
        readNonce(rpc, account, 'latest'),
        readNonce(rpc, account),
      ]);
      // A node may not have heard of our latest yet.
      const own = [...(unsettled.get(account) ?? [])].filter((nonce) => nonce >= mined);
      const next = Math.max(pending, ...own.map((nonce) => nonce + 1));
      if (pending - mined <= own.length || isLate(begun)) return { nonce: next, replaces: false };
      const block = await readBlockNumber(rpc);
      if (mined !== waiting) [waiting, since, sinceBlock] = [mined, performance.now(), block];
      if (isStuck(since, sinceBlock, block)) {
        const message = `a transaction of ${account} that ${block - sinceBlock} blocks left out is replaced: nonce ${mined}`;
        onNotice?.({ type: 'replaced', message });
        return { nonce: mined, replaces: true };
      }
      await pause(pollMilliseconds);
    }
  }

  function isStuck(since: number, sinceBlock: number, block: number): boolean {
    return performance.now() - since >= repriceMilliseconds && block - sinceBlock >= patientBlocks;
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

  /** The receipt, or undefined when another transaction took the nonce. */
  async function settle(underway: Underway): Promise<Receipt | undefined> {
    try {
      return await untilFixed(underway);
    } finally {
      unsettled.get(underway.by.account)?.delete(underway.nonce);
    }
  }

  /** Waits for the block that counts as fixed, and does what it takes to get there. */
  async function untilFixed(underway: Underway): Promise<Receipt | undefined> {
    let progress = performance.now();
    let failure: unknown;
    let seen: Receipt | undefined;
    let fixed = -1;
    let displaced = 0;
    for (let polls = 1; performance.now() - progress < patienceMilliseconds; polls++) {
      try {
        if (seen !== undefined) {
          // In this order: the receipt is read when the block that it must be in, or before, is
          // known to be fixed.
          const before = fixed;
          fixed = await heads.fixed();
          if (fixed !== before) progress = performance.now();
        }
        const receipt = await findAny(underway);
        failure = undefined;
        if (receipt !== undefined) {
          if (heads.immediate || readCount(receipt.blockNumber, 'a block number') <= fixed) return receipt;
          if (receipt.blockNumber !== seen?.blockNumber) {
            seen = receipt;
            progress = performance.now();
            // Chains that are final at once need not be waited for.
            if (fixed < 0) continue;
          }
        } else if (seen !== undefined) {
          const lost = seen;
          seen = undefined;
          fixed = -1;
          progress = performance.now();
          await repost(underway, lost);
        } else if (polls % pollsPerCheck === 0) {
          if (await isDisplaced(underway)) displaced++;
          else displaced = 0;
          if (displaced === displacedChecks) return undefined;
          await remind(underway);
        }
      } catch (error) {
        if (!(error instanceof UndecidedError) && !(error instanceof RpcFailure)) throw error;
        failure = error;
      }
      await pause(pollMilliseconds);
    }
    if (failure instanceof UndecidedError) throw failure;
    throw new UndecidedError({
      code: 'ledger.pending',
      expected: `transaction ${underway.signed.at(-1)!.hash} in a block within ${patienceMilliseconds / 1000} s`,
      found:
        seen === undefined ? 'no receipt' : `one in block ${Number(seen.blockNumber)}, which is not fixed`,
      hint: 'It may still be mined: look at the ledger before sending the move again.',
      cause: failure,
    });
  }

  async function findAny({ signed }: Underway): Promise<Receipt | undefined> {
    const found = await Promise.all(signed.map(({ hash }) => findReceipt(rpc, hash)));
    return found.find((receipt) => receipt !== undefined);
  }

  /** The block of a transaction was taken back. */
  async function repost({ signed }: Underway, { transactionHash, blockNumber }: Receipt): Promise<void> {
    onNotice?.({
      type: 'reposted',
      message: `transaction ${transactionHash} is sent again: its block ${Number(blockNumber)} was taken back`,
    });
    const lost = signed.find(({ hash }) => hash === transactionHash.toLowerCase()) ?? signed.at(-1)!;
    await broadcast(rpc, lost);
  }

  async function isDisplaced({ by, nonce }: Underway): Promise<boolean> {
    return (await readNonce(rpc, by.account, 'latest')) > nonce;
  }

  /**
   * A node that restarted may have forgotten the transaction, and one that blocks leave out needs a
   * higher fee.
   */
  async function remind(underway: Underway): Promise<void> {
    const { signed, since, sinceBlock } = underway;
    const block = await readBlockNumber(rpc);
    if (isStuck(since, sinceBlock, block)) {
      underway.since = performance.now();
      underway.sinceBlock = block;
      const raised = await raise(underway, block - sinceBlock);
      if (raised !== undefined) {
        await broadcast(rpc, raised.signed);
        underway.fees = raised.fees;
        signed.push(raised.signed);
        return;
      }
    }
    if (performance.now() - since >= repriceMilliseconds / 4) await broadcast(rpc, signed.at(-1)!);
  }

  /**
   * The same call at a higher fee; undefined where the limit or the signer forbids it, which is
   * said.
   */
  async function raise({ call, by, nonce, fees, firstCeiling, signed }: Underway, blocks: number) {
    const say = (message: string) =>
      onNotice?.({
        type: 'repriced',
        message: `${blocks} blocks left out transaction ${signed.at(-1)!.hash} at ${fees.ceiling} wei a unit of gas: ${message}`,
      });
    const raised = atLeast(raiseFees(fees), await readFees(rpc));
    if (raised.ceiling > maximumRaise * firstCeiling) {
      say(`${raised.ceiling} is above the limit of ${maximumRaise} times the first offer`);
      return undefined;
    }
    try {
      const again = await sign(call, nonce, raised, by);
      say(`${again.hash} replaces it at ${raised.ceiling}`);
      return { fees: raised, signed: again };
    } catch {
      say('its signer does not sign again');
      return undefined;
    }
  }

  /**
   * In one go: portions travel in one request each, so that they arrive in the order of their
   * nonces.
   */
  async function launchAll(
    calls: readonly (Call & { gas: bigint })[],
    by: Signer,
  ): Promise<readonly Underway[]> {
    const { nonce: first } = await takeNonce(by.account);
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
      for (const { nonce } of portion) noteUnsettled(by.account, nonce);
    }
    return underways;
  }

  return {
    send,
    async sendAll(calls, by) {
      const underways = await inTurn(by.account, () => launchAll(calls, by));
      const receipts: Receipt[] = [];
      for (const underway of underways) {
        const outcome = (await settle(underway)) ?? (await send(underway.call, by));
        if (!('reverted' in outcome)) receipts.push(outcome);
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

/**
 * The number of the account's next transaction: after those that wait (`pending`), or after those
 * in blocks.
 */
export async function readNonce(
  rpc: Rpc,
  account: Account,
  block: 'latest' | 'pending' = 'pending',
): Promise<number> {
  return readCount(await rpc.request('eth_getTransactionCount', [account, block]), 'a nonce');
}

export interface SignedTransaction {
  readonly raw: Hex;
  readonly hash: Hex;
}

/**
 * Throws `ledger.signature` if the signer signs with another key than its account's: money would
 * leave another account.
 */
export async function signTransaction(
  transaction: UnsignedTransaction,
  by: Signer,
): Promise<SignedTransaction> {
  const digest = digestOf(transaction);
  const signature = await by.sign(digest);
  const signedBy = recoverAccount(digest, signature);
  if (signedBy !== by.account) {
    throw new MisuseError({
      code: 'ledger.signature',
      expected: `a signature of account ${by.account}`,
      found: signedBy === undefined ? 'an invalid one' : `one of ${signedBy}`,
      hint: 'Check which key the signer uses.',
    });
  }
  const raw = encodeTransaction(transaction, signature);
  return { raw, hash: keccak256(raw) };
}

/** Wei for a unit of gas. */
export interface Fees {
  /** The most that the transaction may cost. */
  readonly ceiling: bigint;
  readonly fields: GasPrices;
}

/** EIP-1559 where the chain has a base fee; else a legacy gas price. */
export async function readFees(rpc: Rpc): Promise<Fees> {
  const [block, tip] = await Promise.all([
    readBlock(rpc, 'latest'),
    rpc.request('eth_maxPriorityFeePerGas').then(readPrice, () => 1_000_000_000n),
  ]);
  if (block?.baseFee !== undefined) return dynamicFees(2n * block.baseFee + tip, tip);
  return legacyFees(readPrice(await rpc.request('eth_gasPrice')));
}

const readPrice = (answer: unknown) => readQuantity(answer, 'a price of gas');
const legacyFees = (gasPrice: bigint): Fees => ({ ceiling: gasPrice, fields: { gasPrice } });
const dynamicFees = (maxFeePerGas: bigint, maxPriorityFeePerGas: bigint): Fees => ({
  ceiling: maxFeePerGas,
  fields: { maxFeePerGas, maxPriorityFeePerGas },
});

/**
 * By an eighth, rounded up: nodes ask for a tenth more before they replace a transaction, some for
 * an eighth.
 */
export function raiseFees({ fields }: Fees): Fees {
  const raise = (price: bigint) => price + price / 8n + 1n;
  if ('gasPrice' in fields) return legacyFees(raise(fields.gasPrice));
  return dynamicFees(raise(fields.maxFeePerGas), raise(fields.maxPriorityFeePerGas));
}

function atLeast(fees: Fees, market: Fees): Fees {
  const larger = (a: bigint, b: bigint) => (a > b ? a : b);
  if ('gasPrice' in fees.fields || 'gasPrice' in market.fields)
    return fees.ceiling > market.ceiling ? fees : market;
  return dynamicFees(
    larger(fees.fields.maxFeePerGas, market.fields.maxFeePerGas),
    larger(fees.fields.maxPriorityFeePerGas, market.fields.maxPriorityFeePerGas),
  );
}

/** Whether another transaction of the account has the nonce, in a block or in the pool. */
function tellsNonceTaken({ reason }: RpcFailure): boolean {
  return /nonce|replacement/i.test(reason);
}

/** Hands the transaction to the nodes; one that a node already has is no failure. */
async function broadcast(rpc: Rpc, { raw, hash }: SignedTransaction): Promise<void> {
  try {
    await rpc.request<Hex>('eth_sendRawTransaction', [raw]);
  } catch (error) {
    if (!(error instanceof RpcFailure)) throw error;
    if (/already (known|imported)/i.test(error.reason)) return;
    if (await rpc.request<object | null>('eth_getTransactionByHash', [hash]).catch(() => null)) return;
    throw error;
  }
}

/** The receipt of a transaction that is in a block; throws `ledger.rpc` for nonsense. */
export async function findReceipt(rpc: Rpc, transaction: Hex): Promise<Receipt | undefined> {
  const found = await rpc.request<Record<string, unknown> | null>('eth_getTransactionReceipt', [transaction]);
  if (found === null) return undefined;
  const [log] = Array.isArray(found.logs) ? found.logs : [];
  const quantity = (name: string) =>
    writeQuantity(readQuantity(found[name], `${name} of the receipt of ${transaction}`));
  return {
    transactionHash: readBytes(found.transactionHash, 'the hash of a transaction', 32),
    blockNumber: quantity('blockNumber'),
    gasUsed: quantity('gasUsed'),
    status: quantity('status'),
    contractAddress: found.contractAddress
      ? readBytes(found.contractAddress, 'the address of a contract', 20)
      : null,
    ...(log?.blockTimestamp === undefined
      ? {}
      : { timestamp: readCount(log.blockTimestamp, 'the time of a log') }),
  };
}

/**
 * Runs a reverted call again where it was mined: what beat it is in that block's state. Undefined
 * if it would succeed there now.
 */
async function findRevertReason(
  rpc: Rpc,
  request: object,
  { blockNumber }: Receipt,
): Promise<Hex | undefined> {
  try {
    await rpc.request('eth_call', [request, blockNumber]);
    return undefined;
  } catch (error) {
    if (error instanceof RpcFailure && error.data !== undefined) return error.data;
    throw error;
  }
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
