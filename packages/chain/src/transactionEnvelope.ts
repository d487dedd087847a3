/**
 * Transactions as bytes: EIP-1559 and legacy ones, whose signature names the chain (EIP-155), are
 * written; those with an access list alone (EIP-2930) are read, too. RLP by ox; the lists of fields
 * are here because ox's own envelopes load a second secp256k1, 30 ms of start-up for each of a
 * run's many processes. Blobs and delegations are left out.
 */
import { fromHex, type Hex, MisuseError } from '@nonet/core';
import type { Account } from '@nonet/core/identity';
import * as Rlp from 'ox/Rlp';
import { keccak256 } from './keccak256.ts';

/**
 * Wei for a unit of gas: the most that may be paid and the tip in it, or the price of a legacy
 * transaction.
 */
export type GasPrices =
  | { readonly maxFeePerGas: bigint; readonly maxPriorityFeePerGas: bigint }
  | { readonly gasPrice: bigint };

/** EIP-1559 with `maxFeePerGas`, legacy with `gasPrice`. */
export type UnsignedTransaction = GasPrices & {
  readonly chainId: number;
  readonly nonce: number;
  /** The limit of it. */
  readonly gas: bigint;
  /** None creates a contract. */
  readonly to?: Account;
  /** Wei. */
  readonly value: bigint;
  readonly data: Hex;
};

/** What a raw transaction says, and what its signature is of. */
export interface SignedEnvelope {
  /** None: the signature holds on any chain. */
  readonly chainId: number | undefined;
  readonly nonce: number;
  /** The limit of it. */
  readonly gas: bigint;
  /** Wei, the most that a unit of gas may cost. */
  readonly price: bigint;
  /** Wei. */
  readonly value: bigint;
  /** 32 bytes. */
  readonly digest: Uint8Array;
  /** r || s || v with v = 27 or 28. */
  readonly signature: Hex;
}

type Fields = readonly (Hex | readonly Hex[])[];

/** The fields of each type in the order of their list, without the signature: v, r, s. */
const layouts = {
  legacy: ['nonce', 'gasPrice', 'gas', 'to', 'value', 'data'],
  eip2930: ['chainId', 'nonce', 'gasPrice', 'gas', 'to', 'value', 'data', 'accessList'],
  eip1559: [
    ...['chainId', 'nonce', 'maxPriorityFeePerGas', 'maxFeePerGas'],
    ...['gas', 'to', 'value', 'data', 'accessList'],
  ],
} as const;

type TransactionType = keyof typeof layouts;

/** The byte in front of the list (EIP-2718), as digits. */
const prefixes: Readonly<Record<TransactionType, string>> = { legacy: '', eip2930: '01', eip1559: '02' };

/** The raw transaction with a signature of its digest (r || s || v). */
export function encodeTransaction(transaction: UnsignedTransaction, signature: Hex): Hex {
  const [r, s] = [signature.slice(2, 66), signature.slice(66, 130)].map((word) =>
    quantity(BigInt(`0x${word}`)),
  );
  const parity = Number.parseInt(signature.slice(130), 16) - 27;
  const type = typeOf(transaction);
  const v = type === 'legacy' ? 35 + 2 * transaction.chainId + parity : parity;
  return envelope(type, [...fieldsOf(transaction), quantity(v), r!, s!]);
}

/** What is signed, 32 bytes. */
export function digestOf(transaction: UnsignedTransaction): Uint8Array {
  return digestOfFields(typeOf(transaction), fieldsOf(transaction), transaction.chainId);
}

function typeOf(transaction: UnsignedTransaction): TransactionType {
  return 'gasPrice' in transaction ? 'legacy' : 'eip1559';
}

function fieldsOf(transaction: UnsignedTransaction): Fields {
  const { to = '0x', data } = transaction;
  const numbers: Readonly<Record<string, unknown>> = transaction;
  return layouts[typeOf(transaction)].map((name) => {
    if (name === 'to') return to;
    if (name === 'data') return data;
    return name === 'accessList' ? [] : quantity(numbers[name] as number | bigint);
  });
}

function digestOfFields(type: TransactionType, fields: Fields, chainId: number | undefined): Uint8Array {
  const chain: Fields = type === 'legacy' && chainId !== undefined ? [quantity(chainId), '0x', '0x'] : [];
  return fromHex(keccak256(envelope(type, [...fields, ...chain])));
}

function envelope(type: TransactionType, fields: Fields): Hex {
  return `0x${prefixes[type]}${Rlp.fromHex(fields).slice(2)}`;
}

/** Big-endian without leading zeros; nothing for zero. */
function quantity(value: number | bigint): Hex {
  if (value === 0 || value === 0n) return '0x';
  const digits = value.toString(16);
  return `0x${digits.length % 2 === 0 ? '' : '0'}${digits}`;
}

/**
 * Reads a raw transaction in lower case. Throws `ledger.transaction` for other types, and for bytes
 * that a node would write differently: the hash of a transaction is that of one encoding alone.
 */
export function decodeTransaction(raw: Hex): SignedEnvelope {
  const type = typeOfRaw(raw);
  const names = layouts[type];
  const list: Hex = `0x${raw.slice(2 + prefixes[type].length)}`;
  const found = Rlp.toHex(list);
  if (!Array.isArray(found) || found.length !== names.length + 3 || Rlp.fromHex(found) !== list)
    throw malformed(`the ${names.length + 3} fields of a transaction`, 'another list');
  const fields = found.slice(0, names.length) as Fields;
  const [v, r, s] = found.slice(names.length).map(readQuantity) as [bigint, bigint, bigint];
  const read = (name: string) => readQuantity(fields[(names as readonly string[]).indexOf(name)]);
  // EIP-155: 35 + 2 * chainId + parity; 27 + parity before it.
  const named = type === 'legacy' ? (v >= 35n ? (v - 35n) / 2n : undefined) : read('chainId');
  const chainId = named === undefined ? undefined : Number(named);
  const parity = type === 'legacy' ? (v + 1n) % 2n : v;
  return {
    chainId,
    nonce: Number(read('nonce')),
    gas: read('gas'),
    price: read(type === 'eip1559' ? 'maxFeePerGas' : 'gasPrice'),
    value: read('value'),
    digest: digestOfFields(type, fields, chainId),
    signature: `0x${word(r)}${word(s)}${(27n + parity).toString(16)}`,
  };
}

function typeOfRaw(raw: Hex): TransactionType {
  const first = Number.parseInt(raw.slice(2, 4), 16);
  if (first >= 0xc0) return 'legacy';
  if (first === 1) return 'eip2930';
  if (first === 2) return 'eip1559';
  throw malformed('a transaction of type 0, 1 or 2', `type ${first}`);
}

function readQuantity(field: unknown): bigint {
  if (typeof field !== 'string' || /^0x00/.test(field) || field.length > 2 + 64)
    throw malformed('a number of at most 32 bytes without leading zeros', 'other bytes');
  return field === '0x' ? 0n : BigInt(field);
}

const word = (value: bigint) => value.toString(16).padStart(64, '0');

function malformed(expected: string, found: string): MisuseError {
  return new MisuseError({ code: 'ledger.transaction', expected, found });
}
