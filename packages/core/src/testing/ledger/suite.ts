/**
 * Conformance of a ledger: whatever implements the port must refuse and accept as the rules do,
 * move by move, and end in the same state. The rules come as an argument, because they live in
 * @nonet/federation, which core does not import.
 *
 * Every test drives the ledger and the reducer side by side (game.ts), and says besides what the
 * outcome has to be, so that a rule that is missing in both is noticed too. Time stands still
 * except for `passTime`.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RefusalCode, refusalCodes } from '../../ports/index.ts';
import { testCollecting } from './collecting.ts';
import { testDemands } from './demands.ts';
import { testFirstReasons } from './firstReasons.ts';
import { type Game, type LedgerFixture, type LedgerRules, startGame, type TermsChange } from './game.ts';
import { testGroups } from './groups.ts';
import { testJobs } from './jobs.ts';
import { testMasking } from './masking.ts';
import { testMembership } from './membership.ts';
import { testMoney } from './money.ts';
import { testProofs } from './proofs.ts';
import { testRandomGames } from './randomGames.ts';
import { testStepping } from './stepping.ts';

/** What the parts of the suite share. */
export interface Suite {
  readonly rules: LedgerRules;
  fixture(): LedgerFixture;
  /** Creates a job with the suite's usual terms, changed. */
  start(change?: TermsChange): Promise<Game>;
  readonly refusedSoFar: Set<RefusalCode>;
}

/** Declares the suite; call it at the top level of a test file. */
export function testLedger(name: string, rules: LedgerRules): void {
  describe(`${name} as a ledger`, () => {
    let fixture: LedgerFixture;
    const refusedSoFar = new Set<RefusalCode>();
    const suite: Suite = {
      rules,
      refusedSoFar,
      fixture: () => fixture,
      start: (change = {}) => startGame(fixture, rules, refusedSoFar, change),
    };

    beforeAll(async () => {
      fixture = await rules.createLedger();
    });
    afterAll(() => fixture?.close?.());

    testJobs(suite);
    testMembership(suite);
    testCollecting(suite);
    testStepping(suite);
    testDemands(suite);
    testProofs(suite);
    testGroups(suite);
    testMasking(suite);
    testMoney(suite);
    testFirstReasons(suite);

    it('has shown every reason to refuse', () => {
      expect([...refusedSoFar].sort()).toEqual([...refusalCodes].sort());
    });

    testRandomGames(suite);
  });
}
