/**
 * Who says something: secp256k1 keys, EVM accounts and EIP-712 signatures over flat structures, so
 * that the same key signs ledger transactions and off-ledger messages, and a contract can check
 * either. Curve and Keccak by @noble.
 *
 * Signatures are 65 bytes r || s || v with v = 27 or 28 and s in the lower half of the order
 * (EIP-2); anything else is refused. Nested structures and arrays of EIP-712 are left out: no
 * message of Nonet has them.
 */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes, fromHex, type Hex, toHex, utf8 } from './bytes.ts';
import { MisuseError } from './errors.ts';

/** `0x` and 40 lower-case hexadecimal digits: the account of an EVM key. */
export type Account = Hex;

/** Whether `value` is an account: `0x` and 40 lower-case digits. */
export function isAccount(value: unknown): value is Account {
  return typeof value === 'string' && /^0x[0-9a-f]{40}$/.test(value);
}

/**
 * Who signs for an account: a key in memory here; a keystore, a hardware key or a remote signer
 * fits too.
 */
export interface Signer {
  readonly account: Account;
  /** Signs a 32-byte digest; resolves with r || s || v (65 bytes). */
  sign(digest: Uint8Array): Promise<Hex>;
}

/** A fresh private key for secp256k1, 32 bytes from the system's random source. */
export function createPrivateKey(): Hex {
  return toHex(secp256k1.utils.randomSecretKey());
}

/**
 * A key in memory; signatures are deterministic (RFC 6979). Throws `identity.key` unless
 * `privateKey` is a secp256k1 secret key of 32 bytes.
 */
export function createSigner(privateKey: Hex): Signer {
  const secret = fromHex(privateKey);
  if (!secp256k1.utils.isValidSecretKey(secret)) {
    throw new MisuseError({
      code: 'identity.key',
      expected: 'a valid secp256k1 private key of 32 bytes',
      found: secret.length === 32 ? '32 bytes that are not a valid key' : `${secret.length} bytes`,
    });
  }
  const account = accountOfPublicKey(secp256k1.getPublicKey(secret, false));
  return {
    account,
    async sign(digest) {
      const recovered = secp256k1.sign(digest, secret, { prehash: false, format: 'recovered' });
      return toHex(concatBytes(recovered.subarray(1), Uint8Array.of(27 + recovered[0]!)));
    },
  };
}

/**
 * Accounts by digest and signature, the oldest of which make way. A store's receipt is met by the
 * client of the store, by who chooses a set of them, and by the rules; each time would take 1.5 ms.
 */
const recovered = new Map<string, Account>();
const maximumRecovered = 512;

/** The account whose key signed `digest`, or undefined: hostile signatures are not an error. */
export function recoverAccount(digest: Uint8Array, signature: string): Account | undefined {
  // An array of one text, as hostile JSON may hold, would have the key of that text.
  if (typeof signature !== 'string') return undefined;
  const key = `${toHex(digest)} ${signature}`;
  const known = recovered.get(key);
  if (known !== undefined) return known;
  const account = computeAccount(digest, signature);
  // Only what was signed is kept: what is not costs its sender as much as before, and no room here.
  if (account === undefined) return undefined;
  recovered.set(key, account);
  if (recovered.size > maximumRecovered) recovered.delete(recovered.keys().next().value!);
  return account;
}

function computeAccount(digest: Uint8Array, signature: string): Account | undefined {
  try {
    const bytes = fromHex(signature);
    const v = bytes[64]! - 27;
    if (bytes.length !== 65 || (v !== 0 && v !== 1)) return undefined;
    const parsed = secp256k1.Signature.fromBytes(bytes.subarray(0, 64), 'compact');
    if (parsed.hasHighS()) return undefined;
    const point = parsed.addRecoveryBit(v).recoverPublicKey(digest);
    return accountOfPublicKey(point.toBytes(false));
  } catch {
    return undefined;
  }
}

function accountOfPublicKey(uncompressed: Uint8Array): Account {
  return toHex(keccak_256(uncompressed.subarray(1)).subarray(12));
}

/**
 * EIP-712 domain. Name and version are fixed; messages that mean nothing off one ledger name it.
 */
export interface Domain {
  readonly chainId?: number;
  readonly verifyingContract?: Account;
}

/** The types of EIP-712 that fields may have here. */
export type FieldType = 'bytes32' | 'address' | 'uint256' | 'string' | 'bytes';
/** A struct of EIP-712: its fields in the order in which they are hashed. No nesting. */
export interface StructType {
  readonly name: string;
  readonly fields: Readonly<Record<string, FieldType>>;
}

/** The digest that EIP-712 signs: keccak(0x1901 || domain separator || struct hash). */
export function typedDataDigest(
  domain: Domain,
  type: StructType,
  message: Readonly<Record<string, Hex | string | number | bigint>>,
): Uint8Array {
  const domainFields: Record<string, FieldType> = { name: 'string', version: 'string' };
  if (domain.chainId !== undefined) domainFields.chainId = 'uint256';
  if (domain.verifyingContract !== undefined) domainFields.verifyingContract = 'address';
  const separator = structHash(
    { name: 'EIP712Domain', fields: domainFields },
    { name: 'Nonet', version: '1', ...domain },
  );
  return keccak_256(concatBytes(Uint8Array.of(0x19, 0x01), separator, structHash(type, message)));
}

function structHash(
  { name, fields }: StructType,
  message: Readonly<Record<string, Hex | string | number | bigint>>,
): Uint8Array {
  const typeText = `${name}(${Object.entries(fields)
    .map(([field, type]) => `${type} ${field}`)
    .join(',')})`;
  return keccak_256(
    concatBytes(
      keccak_256(utf8(typeText)),
      ...Object.entries(fields).map(([field, type]) => encodeField(type, message[field], `${name}.${field}`)),
    ),
  );
}

function encodeField(
  type: FieldType,
  value: Hex | string | number | bigint | undefined,
  path: string,
): Uint8Array {
  const refuse = () =>
    new MisuseError({ code: 'identity.field', expected: `${path} to be a ${type}`, found: String(value) });
  if (type === 'uint256') {
    if ((typeof value !== 'number' || !Number.isSafeInteger(value)) && typeof value !== 'bigint')
      throw refuse();
    const digits = BigInt(value).toString(16);
    if (BigInt(value) < 0n || digits.length > 64) throw refuse();
    return fromHex(`0x${digits.padStart(64, '0')}`);
  }
  if (typeof value !== 'string') throw refuse();
  if (type === 'string') return keccak_256(utf8(value));
  const bytes = fromHex(value);
  if (type === 'bytes') return keccak_256(bytes);
  const width = type === 'bytes32' ? 32 : 20;
  if (bytes.length !== width) throw refuse();
  return concatBytes(new Uint8Array(32 - width), bytes);
}
