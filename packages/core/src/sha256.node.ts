import { hash } from 'node:crypto';

/**
 * SHA-256 (FIPS 180-4) through OpenSSL. The digest comes as text of one character for each byte: on
 * the 256 bytes of a leaf of the content tree a digest in a Buffer takes twice as long (Node 24).
 */
export function sha256(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const text = hash('sha256', bytes, 'binary');
  const digest = new Uint8Array(32);
  for (let i = 0; i < digest.length; i++) digest[i] = text.charCodeAt(i);
  return digest;
}
