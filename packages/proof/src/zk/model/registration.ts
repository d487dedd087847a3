/**
 * A registration as bytes (docs/specs/zk.md §9), read from untrusted data: how many values it holds
 * is bounded before any of them is built.
 */
import { type Canonical, decodeCanonical } from '@nonet/core/codec';
import { digestSize } from '../hash/hashKernels.ts';
import { describe, reject } from '../rejection.ts';
import { type Program, readProgram } from './program.ts';
import { registrationFormat } from './statement.ts';

/** Bytes of a registration that are looked at. */
const maximumBytes = 2 ** 26;

/** Values in it, those inside of others included. */
const maximumItems = 2 ** 20;

/** What a registration holds; nothing of it is a part of the bytes that it was read from. */
export interface Registration {
  readonly program: Program;
  readonly commitment: Uint8Array;
  readonly proof: Uint8Array;
}

/** Reads canonical bytes. Refuses with `registration.*`, `program.malformed`, `codec.malformed`. */
export function readRegistration(bytes: Uint8Array): Registration {
  if (!(bytes instanceof Uint8Array)) reject('registration.malformed', 'bytes', describe(bytes));
  if (bytes.length > maximumBytes) {
    reject('registration.oversized', `at most ${maximumBytes} bytes`, `${bytes.length}`);
  }
  assertItems(bytes, 'registration.oversized');
  const value = decodeCanonical(bytes);
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  const record = (isRecord && !(value instanceof Uint8Array) ? value : {}) as { [key: string]: Canonical };
  const { format, commitment, proof } = record;
  if (
    Object.keys(record).sort().join() !== 'commitment,format,program,proof' ||
    format !== registrationFormat
  ) {
    reject('registration.malformed', `a ${registrationFormat}`, describe(format ?? value));
  }
  const isWhole =
    commitment instanceof Uint8Array && commitment.length === digestSize && proof instanceof Uint8Array;
  if (!isWhole) reject('registration.malformed', 'a commitment of 32 bytes and a proof', 'others');
  return { program: readProgram(record.program!), commitment: commitment.slice(), proof: proof.slice() };
}

/**
 * Counts the heads of CBOR items (RFC 8949 §3), and refuses with `code` more than 2^20; what is no
 * CBOR the decoder refuses afterwards.
 */
export function assertItems(bytes: Uint8Array, code: string): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let items = 0;
  for (let at = 0; at < bytes.length; items++) {
    if (items === maximumItems) {
      reject(code, `at most ${maximumItems} values`, 'more of them');
    }
    const [major, information] = [bytes[at] >> 5, bytes[at] & 31];
    const width = information < 24 || information > 27 ? 0 : 2 ** (information - 24);
    const isText = major === 2 || major === 3;
    at += 1 + width;
    if (!isText || at > bytes.length) continue;
    at += width === 0 ? information : readLength(view, at - width, width);
  }
}

function readLength(view: DataView, at: number, width: number): number {
  if (width === 1) return view.getUint8(at);
  if (width === 2) return view.getUint16(at);
  return width === 4 ? view.getUint32(at) : Number(view.getBigUint64(at));
}
