/** The contract and its client against the reducer. */
import { testLedger } from '@nonet/core/testing';
import { ledgerRules } from '@nonet/federation/testing';
import { createContractFixture } from './contractFixture.ts';

testLedger('Nonet.sol', { ...ledgerRules, createLedger: createContractFixture, games: 12 });
