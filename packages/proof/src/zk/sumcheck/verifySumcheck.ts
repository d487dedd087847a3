/** Verification of a sumcheck (docs/specs/zk.md §6): rounds and degree come from the caller. */
import { add, equal, type Quartic } from '@nonet/algebra';
import type { ProofReader } from '../proofBytes.ts';
import { reject } from '../rejection.ts';
import type { Transcript } from '../transcript.ts';
import { interpolate } from './roundPolynomial.ts';

/** Where a sumcheck ended, and what the summand has to be there. */
export interface SumcheckEnd {
  readonly challenges: readonly Quartic[];
  readonly claim: Quartic;
}

/**
 * Reads `rounds` round polynomials of degree `degree`. Refuses with `sumcheck.round` where one does
 * not add up to its claim.
 */
export function verifySumcheck(
  transcript: Transcript,
  reader: ProofReader,
  total: Quartic,
  rounds: number,
  degree: number,
): SumcheckEnd {
  const challenges: Quartic[] = [];
  let claim = total;
  for (let round = 0; round < rounds; round++) {
    const values = reader.quartics(degree + 1);
    const sum = add(values[0], values[1]);
    if (!equal(sum, claim)) {
      reject('sumcheck.round', `values at 0 and 1 that add up to ${claim} in round ${round}`, `${sum}`);
    }
    transcript.absorbElements('round', values);
    const [challenge] = transcript.elements('round', 1);
    claim = interpolate(values, challenge);
    challenges.push(challenge);
  }
  return { challenges, claim };
}
