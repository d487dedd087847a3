/**
 * What is proven (docs/specs/zk.md §1), and how it gets into the transcript before anything else.
 */
import { type Address, fromHex } from '@nonet/core';
import { addressOfValue } from '@nonet/core/codec';
import type { Workspace } from '../hash/hashKernels.ts';
import { Transcript } from '../transcript.ts';
import type { Program } from './program.ts';

/** That the model gave these outputs for these inputs; `rows` of each, one after the other. */
export interface Statement {
  readonly modelId: Address;
  /** What the verifier chose, against replay; at most 1,024 bytes. */
  readonly context: Uint8Array;
  readonly rows: number;
  readonly inputs: Int32Array;
  /** All values of the last tensor, or one position for each row, as the program says. */
  readonly outputs: Int32Array;
}

/** Bytes of a context. */
export const maximumContext = 1024;

/** The format of a registration's canonical encoding. */
export const registrationFormat = 'nonet integrity registration 1';

/** §1.2. */
export function modelIdOf(program: Program, commitment: Uint8Array): Address {
  return addressOfValue(['nonet integrity model 1', program, commitment]);
}

/** Integers of 32 bits, little-endian. */
export function integerBytes(values: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) view.setInt32(4 * i, values[i], true);
  return bytes;
}

/** §9.2. */
export function registrationTranscript(workspace: Workspace, modelId: Address): Transcript {
  const transcript = new Transcript(workspace, 'nonet integrity registration 1');
  transcript.absorb('model', fromHex(modelId));
  return transcript;
}

/** §10.1. */
export function inferenceTranscript(workspace: Workspace, statement: Statement): Transcript {
  const transcript = new Transcript(workspace, 'nonet integrity inference 1');
  transcript.absorb('model', fromHex(statement.modelId));
  transcript.absorb('context', statement.context);
  transcript.absorb('rows', integerBytes([statement.rows]));
  transcript.absorb('inputs', integerBytes(statement.inputs));
  transcript.absorb('outputs', integerBytes(statement.outputs));
  return transcript;
}
