/** The contract and its client against the reducer. */
import { testLedger } from '@nonet/core/testing';
import { ledgerRules } from '@nonet/federation/testing';
import { createContractFixture } from './contractFixture.ts';

testLedger('the contract', { ...ledgerRules, createLedger: createContractFixture, games: 6 });
