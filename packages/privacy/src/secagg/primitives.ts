/**
 * What secure aggregation asks of a cryptographic library (docs/specs/secagg.md §1). Two modules
 * give it, byte for byte the same: `primitives.node.ts` through OpenSSL, `primitives.browser.ts`
 * through noble, since WebCrypto is asynchronous and has no ChaCha20.
 */

/** X25519 (RFC 7748 §6.1) with one secret. */
export interface KeyAgreement {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /**
   * The shared secret with a public key of 32 bytes. 32 zero bytes for a point of low order, as the
   * function is defined; what that means for a protocol is for its caller to say.
   */
  agree(publicKey: Uint8Array): Uint8Array;
}

/** ChaCha20 (RFC 8439 §2.4) under one key, with nonce 0 and the block counter from 0. */
export interface Keystream {
  /** The next bytes of the stream, a multiple of 64, at an offset that is a multiple of 4. */
  next(bytes: number): Uint8Array;
}
