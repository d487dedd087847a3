/** The primitives of secure aggregation through OpenSSL. */
import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
} from 'node:crypto';
import { concatBytes } from '@nonet/core';
import type { KeyAgreement, Keystream } from './primitives.ts';

// DER of X25519 keys (RFC 8410): what comes before the 32 bytes of the key.
const secretPrefix = Buffer.from('302e020100300506032b656e04220420', 'hex');
const publicPrefix = Buffer.from('302a300506032b656e032100', 'hex');

/** `secret` is 32 bytes, clamped in use. */
export function createKeyAgreement(secret: Uint8Array): KeyAgreement {
  const der = Buffer.concat([secretPrefix, secret]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  der.fill(0);
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return {
    publicKey: new Uint8Array(spki.subarray(publicPrefix.length)),
    agree(publicKey) {
      const key = Buffer.concat([publicPrefix, publicKey]);
      try {
        return new Uint8Array(
          diffieHellman({ privateKey, publicKey: createPublicKey({ key, format: 'der', type: 'spki' }) }),
        );
      } catch {
        // OpenSSL fails where the result would be zero, and nowhere else on 32 bytes.
        return new Uint8Array(32);
      }
    },
  };
}

/** HKDF-SHA256 (RFC 5869) to 32 bytes. */
export function deriveKey(secret: Uint8Array, salt: Uint8Array, info: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, salt, info, 32));
}

let zeros = new Uint8Array(0);

/** `key` is 32 bytes. */
export function createKeystream(key: Uint8Array): Keystream {
  // OpenSSL's 16 bytes of IV are the counter, little-endian, and the nonce.
  const cipher = createCipheriv('chacha20', key, new Uint8Array(16));
  return {
    next(bytes) {
      if (zeros.length < bytes) zeros = new Uint8Array(bytes);
      return cipher.update(zeros.subarray(0, bytes));
    },
  };
}

const nonce = new Uint8Array(12);
const tagBytes = 16;
const options = { authTagLength: tagBytes };

/** ChaCha20-Poly1305 (RFC 8439 §2.8) with nonce 0, so a key seals once: ciphertext, then the tag. */
export function seal(key: Uint8Array, associated: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const cipher = createCipheriv('chacha20-poly1305', key, nonce, options);
  cipher.setAAD(associated, { plaintextLength: plaintext.length });
  return concatBytes(cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
}

/** The plaintext, or undefined if the box was not sealed with this key and associated data. */
export function open(key: Uint8Array, associated: Uint8Array, box: Uint8Array): Uint8Array | undefined {
  const end = box.length - tagBytes;
  const decipher = createDecipheriv('chacha20-poly1305', key, nonce, options);
  decipher.setAAD(associated, { plaintextLength: end });
  decipher.setAuthTag(box.subarray(end));
  const plaintext = decipher.update(box.subarray(0, end));
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  return new Uint8Array(plaintext);
}
