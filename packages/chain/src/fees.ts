/** What a unit of gas costs: the market's price, and more where blocks leave a transaction out. */
import { type Rpc, readBlock, readQuantity } from './rpc.ts';
import type { GasPrices } from './transactionEnvelope.ts';

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

export function atLeast(fees: Fees, market: Fees): Fees {
  const larger = (a: bigint, b: bigint) => (a > b ? a : b);
  if ('gasPrice' in fees.fields || 'gasPrice' in market.fields)
    return fees.ceiling > market.ceiling ? fees : market;
  return dynamicFees(
    larger(fees.fields.maxFeePerGas, market.fields.maxFeePerGas),
    larger(fees.fields.maxPriorityFeePerGas, market.fields.maxPriorityFeePerGas),
  );
}
