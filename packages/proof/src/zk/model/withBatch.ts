/**
 * How many rows a program's batch has where its author does not say. The size is part of the
 * program, and so of the model's identity: one that was registered for few rows cannot prove more of
 * them together.
 */
import { MisuseError } from '@nonet/core';
import { Rejected } from '../rejection.ts';
import { analyseProgram, type Program } from './program.ts';
import { assertSoundness } from './soundness.ts';

/** Rows that are proven together at most, where the caller does not say. */
const usualBatch = 256;

/**
 * The program with this `maximumBatch`; if left out, the largest of 256, 128, ..., 1 that can be
 * proven. Throws `program.*` where none can.
 */
export function withBatch(program: Program, maximumBatch: number | undefined): Program {
  for (let rows = maximumBatch ?? usualBatch; ; rows = Math.floor(rows / 2)) {
    const sized = { ...program, maximumBatch: rows };
    try {
      assertSoundness(sized, analyseProgram(sized));
      return sized;
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
      if (rows > 1 && maximumBatch === undefined) continue;
      throw new MisuseError({ ...error.rejection, cause: error });
    }
  }
}
