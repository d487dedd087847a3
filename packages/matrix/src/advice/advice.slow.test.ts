/** The properties of advice on ten thousand random needs; the fast test has some hundreds. */
import fc from 'fast-check';
import { it } from 'vitest';
import { adviceViolations, randomNeeds } from '../testing/randomNeeds.ts';

it('ten thousand needs: stricter is never looser, fewer never less protected, no figure beyond a limit', () => {
  fc.assert(
    fc.property(randomNeeds, (needs) => {
      const violations = adviceViolations(needs, {
        available: ['federation.average', 'federation.rounds'],
        runs: [],
      });
      if (violations.length > 0) throw new RangeError(violations.join('; '));
    }),
    { numRuns: 10_000 },
  );
}, 600_000);
