/**
 * Sending transactions with the port's Signer. Per account one transaction is under way at a time, from estimate to receipt, so that
 * nonces need no bookkeeping and each estimate sees the effect of the one before. A transaction is signed once and sent again as the
 * same bytes if the connection breaks, so it cannot take effect twice.
 */
import { fromHex, type Hex, MisuseError, NonetError, UndecidedError } from '@nonet/core';
import type { Account, Signer } from '@nonet/core/identity';
import type { TransactionSerializable } from 'viem';
import { keccak256, numberToHex, serializeTransaction } from 'viem/utils';
import { type Rpc, RpcFailure, readCount, readQuantity, unreachableLedger } from './rpc.ts';

export interface Call {
  readonly to?: Account;
  readonly data: Hex;
  /** Wei. */
  readonly value?: bigint;
  /** Skips the estimate. */
  readonly gas?: bigint;
}

export interface Receipt {
  readonly transactionHash: Hex;
  readonly blockNumber: Hex;
  readonly gasUsed: Hex;
  readonly status: Hex;
  readonly contractAddress: Hex | null;
}

/** The contract refused the call; `data` says why. */
export interface Reverted {
  readonly reverted: Hex;
}

export interface Sender {
  send(call: Call, by: Signer): Promise<Receipt | Reverted>;
}

export interface SenderOptions {
  readonly rpc: Rpc;
  readonly chainId: number;
  /** How long to wait for a receipt before the outcome is called undecided. */
  readonly patienceMilliseconds?: number;
  readonly pollMilliseconds?: number;
}

export function createSender({
  rpc,
  chainId,
  patienceMilliseconds = 180_000,
  pollMilliseconds = 100,
}: SenderOptions): Sender {
  const last = new Map<Account, Promise<unknown>>();

  async function send(call: Call, by: Signer): Promise<Receipt | Reverted> {
    const request = {
      from: by.account,
      ...(call.to === undefined ? {} : { to: call.to }),
      data: call.data,
      ...(call.value ? { value: numberToHex(call.value) } : {}),
    };
    let gas = call.gas;
    if (gas === undefined) {
      try {
        gas = withMargin(readQuantity(await rpc.request('eth_estimateGas', [request]), 'an estimate of gas'));
      } catch (error) {
        if (error instanceof RpcFailure && error.data !== undefined) return { reverted: error.data };
        throw await explainFailure(rpc, error, by.account, call.value ?? 0n);
      }
    }
    const fees = await readFees(rpc);
    const cost = gas * fees.ceiling + (call.value ?? 0n);
    for (let attempt = 0; ; attempt++) {
      const nonce = await readNonce(rpc, by.account);
      const signed = await signTransaction(
        { ...call, value: call.value ?? 0n, gas, nonce, chainId, ...fees.fields },
        by,
      );
      try {
        await broadcast(rpc, signed);
      } catch (error) {
        // Another process used this nonce between our question and our transaction.
        if (error instanceof RpcFailure && /nonce|replacement/i.test(error.reason) && attempt < 5) continue;
        throw await explainFailure(rpc, error, by.account, cost);
      }
      const receipt = await awaitReceipt(rpc, signed, patienceMilliseconds, pollMilliseconds);
      if (receipt.status === '0x1') return receipt;
      return { reverted: await findRevertReason(rpc, request, receipt) };
    }
  }

  return {
    send(call, by) {
      const turn = (last.get(by.account) ?? Promise.resolve()).then(() => send(call, by));
      last.set(
        by.account,
        turn.catch(() => undefined),
      );
      return turn;
    },
  };
}

/**
 * Between estimate and block, others' moves can make a call dearer; what is not used is not paid. Where that is more than Ethereum takes of one
 * transaction (EIP-7825), so much or the bare estimate.
 */
function withMargin(estimate: bigint): bigint {
  const wanted = (estimate * 3n) / 2n + 30_000n;
  const most = 2n ** 24n;
  return wanted <= most ? wanted : estimate > most ? estimate : most;
}

/** The number of the account's next transaction. */
export async function readNonce(rpc: Rpc, account: Account): Promise<number> {
  return readCount(await rpc.request('eth_getTransactionCount', [account, 'pending']), 'a nonce');
}

export interface SignedTransaction {
  readonly raw: Hex;
  readonly hash: Hex;
}

export async function signTransaction(
  transaction: TransactionSerializable,
  by: Signer,
): Promise<SignedTransaction> {
  const signature = await by.sign(fromHex(keccak256(serializeTransaction(transaction))));
  const raw = serializeTransaction(transaction, {
    r: signature.slice(0, 66) as Hex,
    s: `0x${signature.slice(66, 130)}`,
    v: BigInt(`0x${signature.slice(130)}`),
    yParity: Number.parseInt(signature.slice(130), 16) - 27,
  });
  return { raw, hash: keccak256(raw) };
}

/** EIP-1559 where the chain has a base fee; else a legacy gas price. */
export async function readFees(rpc: Rpc): Promise<{
  ceiling: bigint;
  fields: { maxFeePerGas: bigint; maxPriorityFeePerGas: bigint } | { gasPrice: bigint };
}> {
  const [block, tip] = await Promise.all([
    rpc.request<{ baseFeePerGas?: Hex } | null>('eth_getBlockByNumber', ['latest', false]),
    rpc.request('eth_maxPriorityFeePerGas').then(readPrice, () => 1_000_000_000n),
  ]);
  if (block?.baseFeePerGas === undefined) {
    const gasPrice = readPrice(await rpc.request('eth_gasPrice'));
    return { ceiling: gasPrice, fields: { gasPrice } };
  }
  const maxFeePerGas = 2n * readPrice(block.baseFeePerGas) + tip;
  return { ceiling: maxFeePerGas, fields: { maxFeePerGas, maxPriorityFeePerGas: tip } };
}

const readPrice = (answer: unknown) => readQuantity(answer, 'a price of gas');

/** Hands the transaction to the node; one that the node already has is no failure. */
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

/** Throws `ledger.pending` when the transaction is in no block in time. */
export async function awaitReceipt(
  rpc: Rpc,
  signed: SignedTransaction,
  patience: number,
  poll: number,
): Promise<Receipt> {
  const start = performance.now();
  let failure: unknown;
  for (let tries = 0; performance.now() - start < patience; tries++) {
    try {
      const receipt = await rpc.request<Receipt | null>('eth_getTransactionReceipt', [signed.hash]);
      if (receipt !== null) return receipt;
      failure = undefined;
      // A node that restarted may have forgotten what it had accepted.
      if (tries % 50 === 49) await broadcast(rpc, signed);
    } catch (error) {
      failure = error;
    }
    await new Promise((resolve) => setTimeout(resolve, poll));
  }
  if (failure !== undefined) throw unreachableLedger(rpc.url, failure);
  throw new UndecidedError({
    code: 'ledger.pending',
    expected: `transaction ${signed.hash} in a block within ${patience / 1000} s`,
    found: 'no receipt',
    hint: 'It may still be mined: look at the ledger before sending the move again.',
  });
}

/** Runs a reverted call again where it was mined: what beat it is in that block's state. */
async function findRevertReason(
  rpc: Rpc,
  request: object,
  { blockNumber, transactionHash }: Receipt,
): Promise<Hex> {
  try {
    await rpc.request('eth_call', [request, blockNumber]);
  } catch (error) {
    if (error instanceof RpcFailure && error.data !== undefined) return error.data;
    throw error;
  }
  throw new NonetError({
    code: 'ledger.reverted',
    expected: `transaction ${transactionHash} to succeed or to say why not`,
    found: 'a failed transaction that would succeed now',
    hint: 'Send the move again.',
  });
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
