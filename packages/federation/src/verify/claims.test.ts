/**
 * Words of what no run in test/evidence.test.ts has: objections, every kind of lie, terms without a
 * rule.
 */
import { type Address, addressOf, utf8 } from '@nonet/core';
import type { Account } from '@nonet/core/identity';
import type { JobTerms, Lie, Move, ShownLeaf } from '@nonet/core/ports';
import { isRefusal } from '@nonet/core/ports';
import { type RoundJob, termsOf } from '@nonet/core/records';
import { sampleJob } from '@nonet/core/testing/run';
import { describe, expect, test } from 'vitest';
import { reduceRound } from '../rules/round.ts';
import { createJobState } from '../rules/state.ts';
import { assumptionsOf, incidentClaims, ledgerClaim, lieClaim, noFindings, roundClaim } from './claims.ts';

const account = (i: number): Account => `0x${String(i).repeat(40)}`;
const address = (name: string): Address => addressOf(utf8(name));
const { rule: _, ...unruled } = termsOf(sampleJob);

test('an objection names both steps and the price, and its round is repeated', () => {
  const terms: JobTerms = {
    ...unruled,
    creator: account(1),
    aggregators: [account(2), account(3)],
    watchers: [account(4)],
    invited: false,
    minParticipants: 1,
    stores: [account(5)],
    copies: 0,
    bond: 0n,
  };
  const moves: [Move, Account][] = [
    [{ type: 'join' }, account(6)],
    [{ type: 'open', round: 0, model: terms.model }, account(1)],
    [{ type: 'commit', round: 0, blob: address('update'), weight: 1 }, account(6)],
    [{ type: 'close', round: 0, committed: 1, unavailable: [] }, account(2)],
    [{ type: 'step', round: 0, model: address('posted'), refused: [], receipts: [] }, account(2)],
    [{ type: 'object', round: 0, model: address('right'), refused: [0] }, account(4)],
  ];
  let state = createJobState(terms, { chainId: 1, contract: account(9) });
  for (const [move, by] of moves) {
    const next = reduceRound(state, move, by, 1000);
    if (isRefusal(next)) throw new Error(`${move.type}: ${next.refused}, ${next.expected}`);
    state = next;
  }
  const record = { state, events: [], lostBonds: new Map() };
  expect(incidentClaims(record).map(({ sentence }) => sentence)).toEqual([
    `In round 1 ${account(4)} objected to the step of aggregator ${account(2)}: posted was model ${address('posted')} with every update, ` +
      `and it should have been ${address('right')} without the updates of participant 0. ` +
      'No ledger judged who was right; the round was repeated, and 0 wei of the objector were locked for a day.',
  ]);
  expect(roundClaim(state, 0, noFindings).sentence).toContain('because there was an objection to its step');
  expect(ledgerClaim(record).sentence).toContain(
    '0 of 10 rounds that were asked for are final; 1 led to no new model',
  );
  expect(ledgerClaim(record, 'count').sentence).toContain('1 led to no figures');
  expect(roundClaim(state, 0, noFindings, 'count').sentence).toContain(
    'it led to no figures, because there was an objection to its step; 1 of 1 participants had handed in counts',
  );
});

describe('a proven lie', () => {
  const leaf: ShownLeaf = { length: 1, leaf: '0x00', path: [] };
  const sentenceOf = (lie: Lie, lost = 10n) =>
    lieClaim(2, { reason: 'proven', lie, culprit: account(2), by: account(4) }, lost).sentence;

  test.each<[Lie, string]>([
    [
      { kind: 'header', index: 1, start: leaf, next: leaf },
      'leaf 1 of the model that it posted, which holds names and shapes, was changed',
    ],
    [
      { kind: 'header', index: 0, start: leaf, next: { ...leaf, length: 2 } },
      'the model that it posted has another length than the one before',
    ],
    [
      { kind: 'average', entry: 7, start: leaf, next: leaf, terms: [] },
      'number 7 of the model that it posted is not the average of the accepted updates',
    ],
    [
      { kind: 'group', group: 1, entry: 7, sum: leaf, terms: [] },
      "partial sum 7 of group 1 is not the sum of the group's updates",
    ],
    [
      { kind: 'accepted', participant: 3, reason: 'OutOfRange', entry: 5, shown: leaf },
      'it accepted the update of participant 3, although it has an entry out of range',
    ],
    [
      { kind: 'refused', participant: 3, shown: leaf },
      'it refused the update of participant 3 for a reason that is not true',
    ],
    [
      { kind: 'silence', participant: 3 },
      'it included the update of participant 3, and its receipts were not shown in time',
    ],
  ])('%j', (lie, words) => {
    expect(sentenceOf(lie)).toBe(
      `In round 3 aggregator ${account(2)} was proven to have lied: ${words}. ${account(4)} proved it; ` +
        `${account(2)} lost its bond of 10 wei, half of it burnt, half for ${account(4)}. The job went on from the last right step.`,
    );
  });

  test('of an aggregator without a bond costs it nothing', () => {
    expect(sentenceOf({ kind: 'silence', participant: 3 }, 0n)).toContain('had no bond left to lose');
  });
});

describe('assumptions', () => {
  const sentencesOf = (terms: JobTerms, job: RoundJob = sampleJob) =>
    assumptionsOf(terms, job)
      .map(({ sentence }) => sentence)
      .join('\n');

  test('print how many stores may lie', () => {
    expect(sentencesOf(termsOf(sampleJob))).toContain(
      'Fewer than 2 of the 2 stores that the job names were dishonest',
    );
  });

  test('name the ledger always, objectors only where no ledger can judge a step', () => {
    expect(sentencesOf(termsOf(sampleJob))).toContain('The ledger kept one order of moves');
    expect(sentencesOf(termsOf(sampleJob))).not.toContain('objection');
    expect(sentencesOf(unruled)).toContain('may have one made again by a bonded objection, right or wrong');
  });

  test('say what depends on watchers, test set and trainers', () => {
    const terms = termsOf(sampleJob);
    expect(sentencesOf({ ...terms, watchers: [] })).toContain('No watcher was named');
    const { testSet: _, ...untested } = sampleJob;
    expect(sentencesOf(terms, untested)).not.toContain('test set');
    expect(sentencesOf(terms, { ...sampleJob, training: { kind: 'external' } })).toContain(
      'cannot be run again here',
    );
  });
});
