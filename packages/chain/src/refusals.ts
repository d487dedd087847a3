/**
 * From the contract's custom errors to the port's refusals, and to errors for what a correct client
 * never causes.
 */
import { type Hex, NonetError } from '@nonet/core';
import type { Account } from '@nonet/core/identity';
import { type Refusal, type RefusalCode, refusalCodes } from '@nonet/core/ports';
import { errorNameOf } from './abi.ts';

const expectations: Readonly<Record<RefusalCode, string>> = {
  JobUnknown: 'a job that was created on this ledger',
  JobExists: 'a job address that is not taken',
  JobEnded: 'a job that goes on',
  JobComplete: 'fewer stepped rounds than the job wants',
  WrongRole: 'a sender whose role allows this move',
  NotAdmitted: 'an account that the creator admitted',
  Repeated: 'a move that was not made before',
  CohortFull: 'room in the cohort',
  CohortTooSmall: 'at least the smallest cohort',
  NoAggregator: 'an aggregator that has staked and was not struck',
  WrongRound: 'the number of a round that exists, or of the next one to open',
  WrongPhase: "the round to be in the move's phase",
  TooEarly: 'a move whose time has come',
  TooLate: 'a move before the deadline',
  WrongModel: 'the model that the rules name, or an objection that differs from the step',
  WrongSet: 'ascending numbers that the round has',
  WrongCommitment: 'an address other than zero, and a weight from 1 to the largest',
  WrongReceipt: 'receipts of as many listed stores as the job wants copies, for this blob',
  WrongProof: 'leaves that show the lie and lead to the addresses on the ledger',
  NothingOwed: 'something owed to the sender',
  WrongValue: 'exactly the wei that the move costs',
};

/** What a revert means. Throws `ledger.contract` for a revert that is not one of the rules'. */
export function refusalOf(data: Hex, what: string, by: Account): Refusal {
  const name = errorNameOf(data);
  if (refusalCodes.includes(name as RefusalCode)) {
    const refused = name as RefusalCode;
    return { refused, expected: expectations[refused], found: `${what} by ${by}` };
  }
  throw new NonetError({
    code: 'ledger.contract',
    expected: `the contract to accept or refuse ${what} by ${by}`,
    found: name ?? `revert data ${data}`,
    hint: 'Check that the address is that of the contract of this version of Nonet.',
  });
}
