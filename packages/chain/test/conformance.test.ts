/** The contract and its client against the reducer. */
import { testLedger } from '@nonet/core/testing';
import { createJobState, owedTo, reduceRound } from '@nonet/federation';
import { createContractFixture } from './contractFixture.ts';

testLedger('Nonet.sol', {
  createLedger: createContractFixture,
  createJobState,
  reduce: reduceRound,
  owedTo,
  games: 12,
});
