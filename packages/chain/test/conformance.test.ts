/** The contract and its client against the reducer, and the memory ledger against the same suite. */
import { testLedger } from '@nonet/core/testing';
import { createJobState, owedTo, reduceRound } from '@nonet/federation';
import { createContractFixture } from './contractFixture.ts';

testLedger('Nonet.sol', { createLedger: createContractFixture, createJobState, reduce: reduceRound, owedTo });
