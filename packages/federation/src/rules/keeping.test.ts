/** How long blobs are kept, against rounds that take as long as the rules and honest roles let them. */
import { type Address, addressOf, toHex, utf8 } from '@nonet/core';
import type { Account } from '@nonet/core/identity';
import { isRefusal, type JobState, type JobTerms, type Move, type StoreReceipt } from '@nonet/core/ports';
import { expect, test } from 'vitest';
import { patienceOf } from '../roles/deadlines.ts';
import { keptUntil } from './keeping.ts';
import { reduceRound } from './round.ts';
import { createJobState, endOfPhase, isAsked, isJobOver, isOver, leadOf } from './state.ts';

const account = (i: number): Account => toHex(new Uint8Array(20).fill(i));
const address = (name: string): Address => addressOf(utf8(name));
const members = [1, 2, 3, 4, 5, 6].map(account);
const [creator, first, second, watcher] = [account(100), account(101), account(102), account(103)];
const phases = {
  ...{ open: 3, collecting: 10, closing: 4, appealing: 5 },
  ...{ complaining: 2, opening: 7, stepping: 6, objecting: 8 },
};
const terms: JobTerms = {
  ...{ record: address('record'), creator, model: address('model'), rounds: 1 },
  ...{ minParticipants: 3, maxParticipants: 6, invited: false, phases, grace: 2, attempts: 5 },
  ...{ expiry: 1000, aggregators: [first, second], watchers: [watcher], stores: [account(110)] },
  ...{ copies: 1, maximumWeight: 1, masks: { entries: 1, threshold: 50 }, escrow: 0n, bond: 0n },
};
/** The judge takes any receipt. */
const receipt: StoreReceipt = { blob: address('blob'), size: 1, store: account(110), signature: '0x' };
const judge = { isReceiptSet: () => true, isShown: () => false };

function makeMove(state: JobState, move: Move, by: Account, at: number): JobState {
  const next = reduceRound(state, move, by, at, judge);
  if (isRefusal(next)) throw new Error(`${move.type}: ${next.refused}, ${next.expected}, ${next.found}`);
  return next;
}

/** Opens a round in the second of the expiry; each phase goes on for as long as honest roles wait. */
function playSlowly(job: JobTerms): number {
  let at = job.expiry;
  let state = createJobState(job, { chainId: 1, contract: account(200) });
  const make = (move: Move, by: Account) => {
    state = makeMove(state, move, by, at);
  };
  for (const by of members) {
    make({ type: 'join' }, by);
    make({ type: 'announce', mask: address('mask'), seal: address('seal') }, by);
  }
  make({ type: 'open', round: 0, model: job.model }, creator);
  const round = 0;
  const blob = address('blob');
  while (!isOver(state.rounds[0]!)) {
    const current = state.rounds[0]!;
    // Shares are asked for from `opening` on, and not before (docs/specs/round.md §12.9).
    expect(isAsked(current)).toBe(['opening', 'stepping', 'objecting'].includes(current.phase));
    at = endOfPhase(job, current) + patienceOf(state, current) + 1;
    const lead = leadOf(state)!;
    if (current.phase === 'open') {
      for (const by of members) make({ type: 'register', round, blob, receipts: [] }, by);
    } else if (current.phase === 'collecting') {
      for (const by of members) make({ type: 'commit', round, blob, weight: 1 }, by);
      make({ type: 'advance', round }, watcher);
    } else if (current.phase === 'closing' && current.turn === 1) {
      make({ type: 'close', round, committed: 6, unavailable: [5] }, lead);
    } else if (current.phase === 'opening' && Object.keys(current.masking!.reveals).length === 0) {
      for (const by of members) make({ type: 'reveal', round, blob, receipts: [] }, by);
      make({ type: 'advance', round }, watcher);
    } else if (current.phase === 'stepping' && current.turn === 1) {
      const model = address(`model of ${lead} at ${at}`);
      make({ type: 'step', round, model, refused: [], receipts: [receipt] }, lead);
    } else if (current.phase === 'objecting') {
      make({ type: 'object', round, model: address('another'), refused: [] }, watcher);
    } else make({ type: 'advance', round }, watcher);
  }
  expect(isJobOver(state, at)).toBe(true);
  return at;
}

test('is the expiry, and nine times all phases for each turn of each attempt', () => {
  expect(keptUntil(terms)).toBe(1000 + 9 * 5 * 2 * (3 + 10 + 4 + 5 + 2 + 7 + 6 + 8));
});

test('outlasts the slowest round, which outlasts its phases', () => {
  for (const attempts of [1, 2, 5, 12]) {
    const job = { ...terms, attempts };
    const end = playSlowly(job);
    expect(end).toBeLessThanOrEqual(keptUntil(job));
    // A store that counted each phase once would have deleted what can still be shown.
    expect(end).toBeGreaterThan(job.expiry + 45);
  }
});

test('counts from the expiry, after which no account joins and no round opens', () => {
  const late = createJobState(terms, { chainId: 1, contract: account(200) });
  for (const move of [{ type: 'join' }, { type: 'open', round: 0, model: terms.model }] as const) {
    const after = reduceRound(late, move, creator, terms.expiry + 1, judge);
    expect(after).toMatchObject({ refused: 'JobEnded' });
  }
});
