/** The primitives of secure aggregation through noble, for browsers. */
import { chacha20, chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { x25519 } from '@noble/curves/ed25519.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { KeyAgreement, Keystream } from './primitives.ts';

/** `secret` is 32 bytes, clamped in use. */
export function createKeyAgreement(secret: Uint8Array): KeyAgreement {
  const own = new Uint8Array(secret);
  return {
    publicKey: x25519.getPublicKey(own),
    agree(publicKey) {
      try {
        return x25519.getSharedSecret(own, publicKey);
      } catch {
        // noble fails where the result would be zero, and nowhere else on 32 bytes.
        return new Uint8Array(32);
      }
    },
  };
}

/** HKDF-SHA256 (RFC 5869) to 32 bytes. */
export function deriveKey(secret: Uint8Array, salt: Uint8Array, info: Uint8Array): Uint8Array {
  return hkdf(sha256, secret, salt, info, 32);
}

const nonce = new Uint8Array(12);
const blockBytes = 64;
let zeros = new Uint8Array(0);

/** `key` is 32 bytes. */
export function createKeystream(key: Uint8Array): Keystream {
  let block = 0;
  return {
    next(bytes) {
      if (zeros.length < bytes) zeros = new Uint8Array(bytes);
      const stream = chacha20(key, nonce, zeros.subarray(0, bytes), new Uint8Array(bytes), block);
      block += bytes / blockBytes;
      return stream;
    },
  };
}

/** ChaCha20-Poly1305 (RFC 8439 §2.8) with nonce 0, so a key seals once: ciphertext, then the tag. */
export function seal(key: Uint8Array, associated: Uint8Array, plaintext: Uint8Array): Uint8Array {
  return chacha20poly1305(key, nonce, associated).encrypt(plaintext);
}

/** The plaintext, or undefined if the box was not sealed with this key and associated data. */
export function open(key: Uint8Array, associated: Uint8Array, box: Uint8Array): Uint8Array | undefined {
  try {
    return chacha20poly1305(key, nonce, associated).decrypt(box);
  } catch {
    return undefined;
  }
}
