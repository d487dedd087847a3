/** Promises as predicates, of states written by hand; the explorer asks them of every state. */
import { type Address, addressOf, toHex, utf8 } from '@nonet/core';
import type { Account } from '@nonet/core/identity';
import type { JobState, Round } from '@nonet/core/ports';
import { expect, test } from 'vitest';
import { createSampleRound } from '../testing/sampleRound.ts';
import { paysTo } from './money.ts';
import {
  differingSum,
  heldFor,
  stoppedBy,
  unfixedRound,
  unjustlyBarred,
  unjustlyStruck,
} from './properties.ts';
import { currentModel, latestRound } from './state.ts';

const { state: sample, round } = await createSampleRound({ participants: 3, entries: 1 });
const account = (i: number): Account => toHex(new Uint8Array(20).fill(i));
const model: Address = addressOf(utf8('next'));
const posted = {
  model,
  refused: [{ participant: 1, reason: 'WrongJob', entry: 0 }],
  by: account(1),
} as const;
const final: Round = { ...round, phase: 'final', posted, paid: [0] };
const failed: Round = { ...round, phase: 'void', failure: { reason: 'deadline' } };
const built: Round = { ...round, phase: 'void', failure: { reason: 'built', on: 1 } };
const state: JobState = {
  ...sample,
  terms: { ...sample.terms, rounds: 2, escrow: 101n, bond: 7n },
  aggregators: [
    { account: account(1), status: 'standing' },
    { account: account(2), status: 'absent' },
    { account: account(3), status: 'struck' },
    { account: account(4), status: 'standing' },
  ],
};

test('what is held: escrow less shares paid, stakes of those who stand, bonds not returned, rewards', () => {
  const held: JobState = {
    ...state,
    rounds: [final],
    locked: [
      { by: account(5), at: 1, wei: 7n, returned: true },
      { by: account(5), at: 2, wei: 14n, returned: false },
    ],
    rewards: { [account(6)]: 4n },
    burnt: 3n,
  };
  // Two share floor(101 / 2) = 50; one of them has its 25.
  expect(heldFor(held)).toBe(101n - 25n + 2n * 7n + 14n + 4n);
  // The creator has taken all but the shares.
  expect(heldFor({ ...held, refunded: true })).toBe(50n - 25n + 2n * 7n + 14n + 4n);
});

test('struck unjustly are the honest that are struck', () => {
  expect(unjustlyStruck(state, [account(1), account(3)])).toEqual([account(3)]);
  expect(unjustlyStruck(state, [account(1), account(2), account(4)])).toEqual([]);
});

test('a job is stopped by its last failure, unless it is complete or its creator ended it', () => {
  expect(stoppedBy({ ...state, rounds: [final, final] })).toBeUndefined();
  expect(stoppedBy({ ...state, rounds: [final], ended: true })).toBeUndefined();
  expect(stoppedBy({ ...state, rounds: [failed, final] })).toBe('deadline');
  expect(stoppedBy({ ...state, rounds: [failed, built, final] })).toBe('built');
  expect(stoppedBy({ ...state, rounds: [final] })).toBe('nothing');
});

test('a share of nothing is owed to no participant', () => {
  const [rich, poor] = [101n, 1n].map((escrow) => ({ ...state, terms: { ...state.terms, escrow } }));
  const { paid: _, ...rest } = final;
  const unpaid: Round = { ...rest, paid: [] };
  expect([paysTo(rich!, unpaid, 0), paysTo(poor!, unpaid, 0)]).toEqual([true, false]);
});

test('the next round starts from the latest step that stands, whatever rounds came after it', () => {
  const collecting: Round = { ...round, phase: 'collecting' };
  expect(currentModel({ ...state, rounds: [final, failed, collecting] })).toBe(model);
  expect(currentModel({ ...state, rounds: [failed, collecting] })).toBe(state.terms.model);
});

const blobAt = (name: string): Address => addressOf(utf8(name));
const masked = (phase: Round['phase'], members: readonly number[], keys = 'a'): Round => ({
  ...round,
  phase,
  masking: {
    keys: { 0: { mask: blobAt(`${keys} mask`), seal: blobAt(`${keys} seal`) } },
    threshold: 3,
    registrations: Object.fromEntries(members.map((one) => [one, blobAt(`registration ${one}`)])),
    complaints: {},
    reveals: {},
    revealed: [],
    asked: false,
  },
});

test('barred unjustly are the honest, unless most of the mask set is dishonest', () => {
  const participants = [0, 1, 2, 3].map((i) => ({ account: account(i), left: false, since: 0 }));
  const failure = { reason: 'complaints', accused: [1, 3] } as const;
  const barred: JobState = {
    ...state,
    participants,
    rounds: [masked('void', [0, 1, 2]), { ...masked('void', [0, 1, 2, 3]), failure }],
  };
  const honest = (...numbers: number[]) => unjustlyBarred(barred, numbers.map(account));
  expect(honest(0, 1)).toEqual([account(1)]);
  expect(honest(0, 1, 2, 3)).toEqual([account(1), account(3)]);
  expect(honest(0, 2)).toEqual([]);
  expect(honest(1)).toEqual([]);
});

test('a mask set changes no more after open, and an inclusion set after the last appeal', () => {
  const commitments = (...numbers: number[]) =>
    Object.fromEntries(numbers.map((one) => [one, { blob: blobAt(`message ${one}`), weight: 1 }]));
  const committed = (of: Round, ...numbers: number[]) => ({ ...of, commitments: commitments(...numbers) });
  const changes = (before: Round, after: Round) =>
    unfixedRound({ ...state, rounds: [final, before] }, { ...state, rounds: [final, after] });
  const three = masked('collecting', [0, 1, 2]);
  expect(changes(masked('open', [0, 1]), three)).toBeUndefined();
  expect(changes(three, masked('closing', [0, 1, 2]))).toBeUndefined();
  expect(changes(three, masked('closing', [0, 1]))).toBe(1);
  expect(changes(three, masked('void', [0, 1]))).toBeUndefined();
  const first = unfixedRound(
    { ...state, rounds: [three] },
    { ...state, rounds: [masked('closing', [0, 1])] },
  );
  expect(first).toBe(0);
  for (const phase of ['collecting', 'closing', 'appealing'] as const) {
    const before = committed(masked(phase, [0, 1, 2]), 0, 1);
    expect(changes(before, committed(masked('opening', [0, 1, 2]), 0, 1, 2))).toBeUndefined();
  }
  for (const phase of ['complaining', 'opening', 'stepping', 'objecting'] as const) {
    const before = committed(masked(phase, [0, 1, 2]), 0, 1);
    expect(changes(before, committed(masked('objecting', [0, 1, 2]), 0, 1))).toBeUndefined();
    expect(changes(before, committed(masked('objecting', [0, 1, 2]), 0, 1, 2))).toBe(1);
  }
});

test('keys are used in one round', () => {
  const opens = (keys: string) =>
    unfixedRound(
      { ...state, rounds: [final, masked('void', [0])] },
      { ...state, rounds: [final, masked('void', [0]), masked('open', [], keys)] },
    );
  expect(opens('b')).toBeUndefined();
  expect(opens('a')).toBe(2);
});

test('a second sum of a step is over those of the first', () => {
  const commitments = (numbers: readonly number[]) =>
    Object.fromEntries(numbers.map((one) => [one, { blob: blobAt(`message ${one}`), weight: 1 }]));
  const opened = (
    phase: Round['phase'],
    numbers: readonly number[],
    reveals: number,
    asked = true,
  ): Round => {
    const round = masked(phase, [0, 1, 2, 3]);
    const revealed = [0, 1, 2, 3].slice(0, reveals);
    const { threshold } = round.masking!;
    expect(threshold).toBeLessThan(4);
    return {
      ...round,
      commitments: commitments(numbers),
      masking: {
        ...round.masking!,
        asked,
        revealed,
        reveals: Object.fromEntries(revealed.map((one) => [one, blobAt(`reveal ${one}`)])),
      },
    };
  };
  const differing = (rounds: readonly Round[], barred = -1) =>
    differingSum({
      ...state,
      participants: [0, 1, 2, 3].map((i) => ({
        ...{ account: account(i), left: i === barred, since: 0 },
        ...(i === barred ? { barred: true } : {}),
      })),
      rounds,
    });
  const first = opened('void', [0, 1, 2, 3], 4);
  expect(differing([first])).toBeUndefined();
  expect(differing([first, opened('opening', [0, 1, 2, 3], 4)])).toBeUndefined();
  expect(differing([first, opened('opening', [0, 1, 2], 4)])).toBe(1);
  // Fewer than recover a secret have revealed.
  expect(differing([first, opened('opening', [0, 1, 2], 0)])).toBeUndefined();
  // Shares were asked for: what was told and got no receipts is not on the ledger.
  const asked = opened('void', [0, 1, 2, 3], 0);
  expect(differing([asked, opened('opening', [0, 1, 2], 4)])).toBe(1);
  // The first set binds all attempts, whatever was asked for and not answered since.
  expect(
    differing([asked, opened('void', [0, 1, 2], 0), opened('opening', [0, 1, 2, 3], 4)]),
  ).toBeUndefined();
  const closed = opened('void', [0, 1, 2, 3], 0, false);
  expect(differing([closed, opened('opening', [0, 1, 2], 4)])).toBeUndefined();
  // A majority may have barred an honest one, to learn its update from the difference.
  expect(differing([first, opened('opening', [0, 1, 2], 4)], 3)).toBe(1);
  expect(differing([first, opened('void', [0, 1, 2, 3], 4)], 3)).toBeUndefined();
  expect(differing([first, { ...opened('opening', [0, 1, 2], 4), step: first.step + 1 }])).toBeUndefined();
  // From another model, which may differ from the first in its last digit.
  expect(differing([first, { ...opened('opening', [0, 1, 2], 4), model: blobAt('another') }])).toBe(1);
  // Of clear updates every message is its own sum.
  const clear = (numbers: readonly number[]): Round => ({ ...failed, commitments: commitments(numbers) });
  expect(differing([clear([0, 1, 2]), clear([0, 1])])).toBeUndefined();
});

test('the running round is the one without a step that is not void, or else the last', () => {
  const { posted: _, ...running } = { ...round, phase: 'opening' as const };
  const latest = (...rounds: readonly Round[]) => latestRound({ ...state, rounds });
  expect(latest()).toBe(-1);
  expect(latest(final)).toBe(0);
  expect(latest(running)).toBe(0);
  expect(latest(final, running)).toBe(1);
  expect(latest(failed, final)).toBe(1);
  expect(latest(final, failed)).toBe(1);
  expect(latest(failed, running, built)).toBe(1);
  expect(latest(running, built, built)).toBe(0);
});
