/** Keccak-256, by which the EVM names transactions and code. By @noble. */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { fromHex, type Hex, toHex } from '@nonet/core';

/** 32 bytes. */
export function keccak256(bytes: Hex): Hex {
  return toHex(keccak_256(fromHex(bytes)));
}
