/**
 * Proof files (docs/specs/proof-files.md §1): a registration and proven answers of its model in one file,
 * so that a reader needs no other file to check it. Canonical CBOR.
 */
import { encodeCanonical } from '@nonet/core/codec';
import { integerBytes, type Statement } from './statement.ts';

/** The format that this version reads and writes. */
export const proofFileFormat = 'nonet integrity proof 1';

/** Bytes of a proof file that are looked at. */
export const maximumProofFile = 2 ** 27;

/** Answers to rows that were proven together. */
export interface ProvenRows {
  readonly rows: number;
  readonly inputs: Int32Array;
  readonly outputs: Int32Array;
  readonly proof: Uint8Array;
}

/** What the maker of a file says beside what it proves; taken on trust. */
export interface Stated {
  /** What positions are called, in order; empty where they have no names. */
  readonly labels: readonly string[];
  /** What one unit of an output that is a value stands for; null where that is not said. */
  readonly scale: number | null;
}

/** The content of a proof file. */
export interface ProofFile {
  /** A canonical registration. */
  readonly registration: Uint8Array;
  readonly context: Uint8Array;
  readonly stated: Stated;
  /** One batch after the other. */
  readonly answers: readonly ProvenRows[];
}

/** The bytes of a proof file. */
export function encodeProofFile({
  registration,
  context,
  stated,
  answers,
}: ProofFile): Uint8Array<ArrayBuffer> {
  return encodeCanonical({
    format: proofFileFormat,
    registration,
    context,
    stated: { labels: stated.labels, scale: stated.scale },
    answers: answers.map(({ rows, inputs, outputs, proof }) => ({
      rows,
      inputs: integerBytes(inputs),
      outputs: integerBytes(outputs),
      proof,
    })),
  });
}

/** Integers of 32 bits, little-endian; undefined for bytes that are not whole integers. */
export function decodeIntegers(bytes: Uint8Array): Int32Array | undefined {
  if (bytes.length % 4 !== 0) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Int32Array.from({ length: bytes.length / 4 }, (_, i) => view.getInt32(4 * i, true));
}

/** A statement with its proof, as an entry of a proof file. */
export function provenRows({ rows, inputs, outputs }: Statement, proof: Uint8Array): ProvenRows {
  return { rows, inputs, outputs, proof };
}

const lettersOf = (text: string) => [...text].map((letter) => letter.charCodeAt(0));

/** A map of five entries; `format` is first because keys are ordered by their lengths. */
const proofOpening = [0xa5, 0x66, ...lettersOf('format')];
/** A map of four entries, `proof` first. */
const registrationOpening = [0xa4, 0x65, ...lettersOf('proof')];

const begins = (bytes: Uint8Array, opening: readonly number[]) =>
  opening.every((byte, i) => bytes[i] === byte);

/** Whether bytes are meant to be a proof file, right or wrong. */
export function resemblesProofFile(bytes: Uint8Array): boolean {
  return begins(bytes, proofOpening);
}

/** Whether bytes are meant to be a registration, right or wrong. */
export function resemblesRegistration(bytes: Uint8Array): boolean {
  return begins(bytes, registrationOpening);
}
