/**
 * What the conformance suite (memoryLedger.test.ts) cannot ask of the rules: moves that no client
 * can send, and what holds whatever is played. Each refusal has its case there.
 */
import { type Address, addressOf, type Hex, toHex, utf8 } from '@nonet/core';
import { type Account, createSigner } from '@nonet/core/identity';
import {
  isRefusal,
  type JobState,
  type JobTerms,
  type Move,
  type StoreReceipt,
  updateRefusalCodes,
} from '@nonet/core/ports';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { signStoreReceipt } from '../stores/storeReceipt.ts';
import { outstanding } from './attendance.ts';
import { followersJudge, isShown, type Judge, ledgerJudge } from './judge.ts';
import { bondLockSeconds, owedTo } from './money.ts';
import { heldFor } from './properties.ts';
import { foldMoves, reduceRound, weiOf } from './round.ts';
import {
  acceptedParticipants,
  createJobState,
  currentModel,
  finalModel,
  includedParticipants,
  isComplete,
  isJobOver,
  isOver,
  leadOf,
} from './state.ts';

const address = (name: string): Address => addressOf(utf8(name));
const account = (i: number): Account => toHex(new Uint8Array(20).fill(i));
const store = createSigner(toHex(new Uint8Array(32).fill(1)));
const [creator, first, second, watcher] = [account(100), account(101), account(102), account(103)];
const phases = {
  open: 0,
  collecting: 10,
  closing: 4,
  appealing: 5,
  complaining: 0,
  opening: 0,
  stepping: 5,
  objecting: 6,
};
const terms: JobTerms = {
  record: address('record'),
  creator,
  model: address('model'),
  rounds: 2,
  minParticipants: 2,
  maxParticipants: 4,
  invited: false,
  phases,
  grace: 2,
  attempts: 4,
  expiry: 1_000_000,
  aggregators: [first, second],
  watchers: [watcher],
  stores: [store.account],
  copies: 1,
  maximumWeight: 5,
  rule: { entries: 2, headerLeaves: 1 },
  escrow: 1000n,
  bond: 7n,
};
const ledger = { chainId: 1, contract: account(200) };

type Turn = readonly [Move, Account];

/** Plays moves that must all be accepted, at time 1000. */
function play(
  turns: readonly Turn[],
  from: JobState = createJobState(terms, ledger),
  judge?: Judge,
): JobState {
  return turns.reduce((state, [move, by]) => {
    const next = reduceRound(state, move, by, 1000, judge);
    if (isRefusal(next)) throw new Error(`${move.type}: ${next.refused}, ${next.expected}, ${next.found}`);
    return next;
  }, from);
}

const blobs = [0, 1, 2].map((i) => address(`update ${i}`));
const opened: readonly Turn[] = [
  [{ type: 'stake' }, first],
  ...[0, 1, 2].map((i): Turn => [{ type: 'join' }, account(i)]),
  [{ type: 'open', round: 0, model: terms.model }, creator],
];
const collected: readonly Turn[] = [
  ...opened,
  ...blobs.map((blob, i): Turn => [{ type: 'commit', round: 0, blob, weight: 1 + i }, account(i)]),
];

/**
 * Any receipts and proofs count, except that silence has to be true: what is played is not about
 * bytes.
 */
const credulous: Judge = {
  isReceiptSet: () => true,
  isShown: (state, round, lie, at) => lie.kind !== 'silence' || isShown(state, round, lie, at),
};

const anyReceipt: StoreReceipt = { blob: address('blob'), size: 1, store: store.account, signature: '0x' };

test('keys that no client can send are refused', () => {
  const { rule: _, ...clear } = terms;
  const masked: JobTerms = { ...clear, masks: { entries: 1, threshold: 66 } };
  const state = { ...play([[{ type: 'join' }, account(0)]]), terms: masked };
  const key = address('key');
  for (const wrong of ['0x', key.slice(0, -1), `${key}0`, key.toUpperCase()] as Hex[]) {
    for (const keys of [
      { mask: wrong, seal: key },
      { mask: key, seal: wrong },
    ]) {
      expect(reduceRound(state, { type: 'announce', ...keys }, account(0), 1000)).toMatchObject({
        refused: 'WrongCommitment',
      });
    }
  }
});

test('numbers that no client can send are refused like any that do not fit', () => {
  const open = play(opened);
  const refusedBy = (state: JobState, move: Move, by: Account) => reduceRound(state, move, by, 1000);
  for (const weight of [1.5, Number.NaN, Number.POSITIVE_INFINITY, -1]) {
    const commit: Move = { type: 'commit', round: 0, blob: blobs[0]!, weight };
    expect(refusedBy(open, commit, account(0))).toMatchObject({ refused: 'WrongCommitment' });
  }
  for (const blob of ['0x', '0x0', `0x${'0'.repeat(64)}`] as Address[]) {
    const commit: Move = { type: 'commit', round: 0, blob, weight: 1 };
    expect(refusedBy(open, commit, account(0))).toMatchObject({ refused: 'WrongCommitment' });
  }
  const full = play(collected);
  for (const round of [-1, 0.5, Number.NaN]) {
    for (const move of [
      { type: 'close', round, committed: 3, unavailable: [] },
      { type: 'advance', round },
      { type: 'demand', round, participant: 0 },
    ] as const) {
      expect(refusedBy(full, move, first)).toMatchObject({ refused: 'WrongRound' });
    }
    expect(refusedBy(full, { type: 'withdraw', rounds: [round] }, first)).toMatchObject({
      refused: 'WrongSet',
    });
  }
  for (const one of [-1, 0.5, Number.NaN, '0' as never]) {
    const close: Move = { type: 'close', round: 0, committed: 3, unavailable: [one] };
    expect(refusedBy(full, close, first)).toMatchObject({ refused: 'WrongSet' });
    const unseen: Move = { type: 'close', round: 0, committed: one, unavailable: [] };
    expect(refusedBy(full, unseen, first)).toMatchObject({ refused: 'WrongSet' });
  }
  const closed = play([[{ type: 'close', round: 0, committed: 3, unavailable: [] }, first]], full);
  const { rule: _, ...unjudged } = terms;
  const objecting = play(
    [[{ type: 'step', round: 0, model: address('next'), refused: [], receipts: [anyReceipt] }, first]],
    { ...closed, terms: unjudged },
    credulous,
  );
  for (const one of [-1, 0.5, Number.NaN]) {
    const object: Move = { type: 'object', round: 0, model: address('other'), refused: [one] };
    expect(refusedBy(objecting, object, watcher)).toMatchObject({ refused: 'WrongSet' });
  }
  for (const entry of [-1, 0.5, Number.NaN, 2]) {
    const refused = [{ participant: 0, reason: 'OutOfRange', entry }] as const;
    const step: Move = { type: 'step', round: 0, model: address('next'), refused, receipts: [] };
    expect(refusedBy(closed, step, first)).toMatchObject({ refused: 'WrongSet' });
  }
  const reason = 'Unreadable' as (typeof updateRefusalCodes)[number];
  const step: Move = {
    type: 'step',
    round: 0,
    model: address('next'),
    refused: [{ participant: 0, reason, entry: 0 }],
    receipts: [],
  };
  expect(refusedBy(closed, step, first)).toMatchObject({ refused: 'WrongSet' });
});

test('a follower takes the word of its ledger for signatures of receipts, and for nothing else of them', async () => {
  const right = await signStoreReceipt(blobs[0]!, 10, store);
  const appealing = play([
    ...collected,
    [{ type: 'close', round: 0, committed: 3, unavailable: [0] }, first],
  ]);
  const outcome = (receipts: StoreReceipt[], judge: Judge) =>
    reduceRound(appealing, { type: 'appeal', round: 0, receipts }, account(0), 1000, judge);
  const unsigned = [{ ...right, signature: '0x' as const }];
  expect(outcome(unsigned, ledgerJudge)).toMatchObject({ refused: 'WrongReceipt' });
  expect(outcome(unsigned, followersJudge)).toEqual(outcome([right], ledgerJudge));
  for (const wrong of [
    [],
    [right, right],
    [{ ...right, blob: blobs[1]! }],
    [{ ...right, store: account(7) }],
  ]) {
    expect(outcome(wrong, followersJudge)).toMatchObject({ refused: 'WrongReceipt' });
  }
});

test('receipts and leaves that are no bytes are refused like any that are wrong', async () => {
  const right = await signStoreReceipt(blobs[0]!, 10, store);
  const appealing = play([
    ...collected,
    [{ type: 'close', round: 0, committed: 3, unavailable: [0] }, first],
  ]);
  const appeal = (receipt: StoreReceipt) =>
    reduceRound(appealing, { type: 'appeal', round: 0, receipts: [receipt] }, account(0), 1000);
  const { signature } = right;
  const signatures: Hex[] = [
    '0x',
    signature.slice(0, -2) as Hex,
    `${signature}00`,
    `${signature.slice(0, -1)}g` as Hex,
  ];
  for (const spoilt of signatures) {
    expect(appeal({ ...right, signature: spoilt }), spoilt).toMatchObject({ refused: 'WrongReceipt' });
  }
  for (const size of [-1, 0.5, Number.NaN, 2 ** 53]) {
    expect(appeal({ ...right, size })).toMatchObject({ refused: 'WrongReceipt' });
  }
  const accepted = appeal(right);
  if (isRefusal(accepted)) throw new Error(accepted.refused);

  const receipts = [await signStoreReceipt(terms.model, 10, store)];
  const objecting = play(
    [
      [{ type: 'close', round: 0, committed: 3, unavailable: [] }, first],
      [{ type: 'step', round: 0, model: terms.model, refused: [], receipts }, first],
    ],
    play(collected),
  );
  const leaves = ['0x0g', '0x0', '00', '0xAA', 7] as never[];
  for (const leaf of leaves) {
    const shown = { length: 1, leaf, path: [] };
    for (const lie of [
      { kind: 'header', index: 0, start: shown, next: shown },
      { kind: 'accepted', participant: 0, reason: 'WrongLength', entry: 0, shown },
    ] as const) {
      const outcome = reduceRound(objecting, { type: 'prove', round: 0, lie }, watcher, 1000);
      expect(outcome).toMatchObject({ refused: 'WrongProof' });
    }
  }
});

test('the fold of accepted moves is the state, and a refused one is the error that is made of it', () => {
  const events = collected.map(([move, by]) => ({ move, by, at: 1000 }));
  const initial = createJobState(terms, ledger);
  const onRefusal = ({ refused }: { refused: string }, index: number) => new Error(`${refused} at ${index}`);
  expect(foldMoves(initial, events, onRefusal)).toEqual(play(collected));
  const wrong = [...events, { move: { type: 'join' }, by: account(0), at: 1000 } as const];
  expect(() => foldMoves(initial, wrong, onRefusal)).toThrow(`Repeated at ${events.length}`);
});

test('nobody is awaited in a round that opened before they joined', () => {
  const state = play([...opened, [{ type: 'join' }, account(3)]]);
  expect(outstanding(state, 0)).toEqual([0, 1, 2]);
});

/** Moves that mean something often enough: numbers and models near those of a game. */
const rounds = fc.nat(4);
const numbers = fc.nat(4);
const lists = fc.uniqueArray(numbers, { maxLength: 3 }).map((list) => list.toSorted((a, b) => a - b));
const models = fc.constantFrom(terms.model, ...[0, 1, 2, 3].map((i) => address(`model ${i}`)));
const shown = { length: 0, leaf: '0x', path: [] } as const;
const record = <T extends Move['type'], F extends object>(
  type: T,
  fields: { [K in keyof F]: fc.Arbitrary<F[K]> },
) => fc.record(fields).map((values) => ({ type, ...values }) as unknown as Move);
const moves: fc.Arbitrary<Move> = fc.oneof(
  fc.constantFrom<Move>({ type: 'join' }, { type: 'join' }, { type: 'leave' }, { type: 'stake' }),
  record('open', { round: rounds, model: models }),
  record('commit', { round: rounds, blob: models, weight: fc.nat(6) }),
  record('close', { round: rounds, committed: fc.nat(4), unavailable: lists }),
  record('appeal', { round: rounds, receipts: fc.constant([]) }),
  record('step', {
    round: rounds,
    model: models,
    refused: lists.map((list) =>
      list.map((participant) => ({ participant, reason: updateRefusalCodes[participant]!, entry: 0 })),
    ),
    receipts: fc.constant([anyReceipt]),
  }),
  record('demand', { round: rounds, participant: numbers }),
  record('answer', { round: rounds, participant: numbers, receipts: fc.constant([]) }),
  record('prove', {
    round: rounds,
    lie: numbers.map((participant) =>
      participant === 4 ? { kind: 'refused', participant, shown } : { kind: 'silence', participant },
    ),
  }),
  record('object', { round: rounds, model: models, refused: lists }),
  record('advance', { round: rounds }),
  record('withdraw', { rounds: lists }),
);
const everybody = [...[0, 1, 2, 3, 4].map(account), creator, first, second, watcher];
const players = fc.constantFrom(...everybody);

/** One that is likely to be accepted, whatever the state, so that games get somewhere. */
function helpful(state: JobState, choice: number): Turn {
  const round = state.rounds.length - 1;
  const current = state.rounds[round];
  const absent = state.aggregators.find(({ status }) => status === 'absent');
  if (absent !== undefined && choice % 2 === 0) return [{ type: 'stake' }, absent.account];
  if (state.participants.length < 3) return [{ type: 'join' }, account(state.participants.length)];
  if (current === undefined || current.posted !== undefined || current.phase === 'void') {
    const open: Move = { type: 'open', round: round + 1, model: currentModel(state) };
    return choice % 3 === 0 ? [{ type: 'advance', round: Math.max(round, 0) }, account(0)] : [open, creator];
  }
  const lead = leadOf(state) ?? first;
  const committed = Object.keys(current.commitments).length;
  if (current.phase === 'collecting') {
    const missing = [0, 1, 2].find((i) => current.commitments[i] === undefined);
    return missing === undefined || choice % 5 === 0
      ? [{ type: 'close', round, committed, unavailable: choice % 4 === 0 ? [0] : [] }, lead]
      : [{ type: 'commit', round, blob: blobs[missing]!, weight: 1 + missing }, account(missing)];
  }
  if (current.phase === 'closing') return [{ type: 'close', round, committed, unavailable: [] }, lead];
  if (current.phase === 'stepping') {
    return [
      { type: 'step', round, model: address(`model ${round}`), refused: [], receipts: [anyReceipt] },
      lead,
    ];
  }
  return [{ type: 'advance', round }, account(0)];
}

const games = fc.array(
  fc.record({ move: moves, by: players, wait: fc.constantFrom(0, 0, 0, 1, 4, 6, 11), choice: fc.nat(60) }),
  { minLength: 30, maxLength: 120 },
);

/** Freezes everything in it, so that a change in place throws. */
function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) freeze(part);
  }
  return value;
}

function expectSettled(before: JobState, after: JobState): void {
  for (const [i, earlier] of before.rounds.entries()) {
    const later = after.rounds[i]!;
    expect({ model: later.model, size: later.size, step: later.step }).toEqual({
      model: earlier.model,
      size: earlier.size,
      step: earlier.step,
    });
    if (earlier.phase === 'final' || earlier.phase === 'void') {
      expect({ ...later, paid: [] }).toEqual({ ...earlier, paid: [] });
      expect(later.paid).toEqual(expect.arrayContaining([...earlier.paid]));
    }
    if (['complaining', 'opening', 'stepping', 'objecting'].includes(earlier.phase)) {
      expect(includedParticipants(later)).toEqual(includedParticipants(earlier));
    }
    if (earlier.posted !== undefined) expect(later.posted).toEqual(earlier.posted);
    expect(acceptedParticipants(later)).toEqual(expect.arrayContaining([...later.paid]));
  }
  for (const [i, { status }] of before.aggregators.entries()) {
    if (status === 'struck') expect(after.aggregators[i]!.status).toBe('struck');
  }
}

test.each([true, false])(
  'whatever is played (judged: %s): no state changes in place, what is settled stays, every wei is accounted for',
  (judged) => {
    let completed = 0;
    const { rule, ...unjudged } = terms;
    fc.assert(
      fc.property(games, (game) => {
        let state = freeze(createJobState(judged ? { ...unjudged, rule: rule! } : unjudged, ledger));
        let at = 1000;
        let held = terms.escrow;
        const make = (move: Move, by: Account) => {
          const next = reduceRound(state, move, by, at, credulous);
          if (isRefusal(next)) return;
          held += weiOf(state, move) - (next.burnt - state.burnt);
          if (move.type === 'withdraw') {
            const owed = owedTo(state, move.rounds, by, at);
            expect(owed).toBeGreaterThan(0n);
            held -= owed;
          }
          expect(heldFor(next)).toBe(held);
          expectSettled(state, next);
          expect(finalModel(next)).toBe(
            next.rounds.findLast(({ phase }) => phase === 'final')?.posted?.model ?? terms.model,
          );
          state = freeze(next);
        };
        for (const { move: wild, by: anyone, wait, choice } of game) {
          at += wait;
          const [move, by] = choice % 4 === 1 ? ([wild, anyone] as const) : helpful(state, choice);
          make(move, by);
        }
        // Everything comes to its end, and every account asks for all that it is owed: nothing is
        // left.
        make({ type: 'end' }, creator);
        for (let i = 0; i < 40; i++) {
          at += 100;
          for (const round of state.rounds.keys()) {
            for (const participant of [0, 1, 2, 3]) {
              make({ type: 'answer', round, participant, receipts: [] }, creator);
            }
            make({ type: 'advance', round }, creator);
          }
        }
        expect(state.rounds.every(isOver) && isJobOver(state, at)).toBe(true);
        at += bondLockSeconds;
        const all = [...state.rounds.keys()];
        for (const by of everybody) make({ type: 'withdraw', rounds: all }, by);
        expect(held).toBe(0n);
        if (isComplete(state)) completed++;
      }),
      { numRuns: 150 },
    );
    expect(completed).toBeGreaterThan(0);
  },
);

test('a fold stops at the first move that the rules refuse, and says which', () => {
  const initial = createJobState(terms, { chainId: 1, contract: account(9) });
  const join = (by: Account) => ({ move: { type: 'join' } as const, by, at: 1 });
  const moves = [join(account(1)), join(account(2)), join(account(1)), join(account(3))];
  expect(foldMoves(initial, moves.slice(0, 2), () => new Error()).participants).toHaveLength(2);
  const told: unknown[] = [];
  const fold = () =>
    foldMoves(initial, moves, (refusal, index) => {
      told.push([refusal.refused, index]);
      return new RangeError('refused');
    });
  expect(fold).toThrow(RangeError);
  expect(told).toEqual([['Repeated', 2]]);
});
