/**
 * How many rows a program's batch can have. The size is part of the program, and so of the model's
 * identity: one that was registered for few rows cannot prove more of them together.
 */
import { MisuseError } from '@nonet/core';
import { Rejected } from '../rejection.ts';
import { analyseProgram, type Program } from './program.ts';
import { inferenceRelations, registrationRelations } from './relations.ts';
import { combineBits, estimateSoundness, requiredBits } from './soundness.ts';

/**
 * The program with the largest `maximumBatch` that is `most`, halved as often as it takes. Throws
 * `program.*` where not even one row can be proven, and says why.
 */
export function withLargestBatch(program: Program, most: number): Program {
  for (let maximumBatch = most; ; maximumBatch = Math.floor(maximumBatch / 2)) {
    const sized = { ...program, maximumBatch };
    try {
      const ranges = analyseProgram(sized);
      const registration = estimateSoundness(registrationRelations(sized, ranges));
      const positions = Array<number>(maximumBatch).fill(0);
      const largest = estimateSoundness(inferenceRelations(sized, ranges, maximumBatch, positions));
      if (combineBits(registration, largest) >= requiredBits || maximumBatch === 1) return sized;
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
      if (maximumBatch === 1) throw new MisuseError({ ...error.rejection, cause: error });
    }
  }
}
