/**
 * Each lie of docs/specs/round.md §8: shown where it is true, and not with any part of it altered.
 */
import { type Address, addressOf, fromHex, type Hex, toHex } from '@nonet/core';
import type { Signer } from '@nonet/core/identity';
import type { Lie, Move, ShownLeaf, UpdateRefusalCode } from '@nonet/core/ports';
import { updateRefusalCodes } from '@nonet/core/ports';
import { decodeFunctionData, encodeFunctionData } from 'viem/utils';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { nonetAbi } from '../src/artefacts/nonetAbi.ts';
import { encodeMove, packLeaves } from '../src/moves.ts';
import { encodePartials, flip, showLeaf } from './blobs.ts';
import { type JudgedRound, leafOf, postRound, simulate } from './judgedRound.ts';
import { createJob, fresh, type Play, receiptsOf, shortPhases, startPlay, termsBy } from './play.ts';
import { pretendParticipants } from './pretendParticipants.ts';
import { readView } from './readStorage.ts';

let play: Play;
let creator: Signer;
let aggregator: Signer;
let players: Signer[];
let snapshot: unknown;

beforeAll(async () => {
  play = await startPlay(6);
  [creator, aggregator, ...players] = play.signers as [Signer, Signer, ...Signer[]];
});
afterAll(() => play.chain.close());
beforeEach(async () => {
  snapshot = await play.chain.anvil.request('evm_snapshot');
});
afterEach(() => play.chain.anvil.request('evm_revert', snapshot));

const entries = 130;
const headerLeaves = 2;
const post = (change: Partial<Parameters<typeof postRound>[1]> = {}) =>
  postRound(play, { entries, headerLeaves, players: players.slice(0, 3), ...change });

/** The byte of a model at which number `entry` begins. */
const byteOf = (entry: number) => 256 * headerLeaves + 4 * entry;

/** Everything that can be altered of a shown leaf. */
function alterLeaf({ length, leaf, path }: ShownLeaf): ShownLeaf[] {
  const bytes = fromHex(leaf);
  const other = toHex(flip(fromHex(path[0] ?? `0x${'00'.repeat(32)}`), 31)) as Address;
  return [
    { length: length + 4, leaf, path },
    { length: length - 4, leaf, path },
    { length, leaf: toHex(flip(bytes, 0)), path },
    { length, leaf: toHex(flip(bytes, bytes.length - 1)), path },
    { length, leaf: toHex(bytes.subarray(1)), path },
    { length, leaf: toHex(Uint8Array.from([...bytes, 0])), path },
    { length, leaf, path: [...path, other] },
    ...(path.length === 0
      ? []
      : [
          { length, leaf, path: [other, ...path.slice(1)] },
          { length, leaf, path: path.slice(1) },
          { length, leaf, path: path.slice(0, -1) },
        ]),
  ];
}

/** The lie with one part of it altered. */
function alter(lie: Lie): Lie[] {
  switch (lie.kind) {
    case 'header':
      return [
        ...alterLeaf(lie.start).map((start) => ({ ...lie, start })),
        ...alterLeaf(lie.next).map((next) => ({ ...lie, next })),
        { ...lie, index: lie.index + 1 },
        { ...lie, start: lie.next, next: lie.start },
      ];
    case 'average':
      return [
        ...alterLeaf(lie.start).map((start) => ({ ...lie, start })),
        ...alterLeaf(lie.next).map((next) => ({ ...lie, next })),
        ...alterTerms(lie.terms).map((terms) => ({ ...lie, terms })),
        { ...lie, entry: lie.entry + 64 },
        { ...lie, entry: 2 ** 32 - 1 },
        { ...lie, start: lie.next },
      ];
    case 'group':
      return [
        ...alterLeaf(lie.sum).map((sum) => ({ ...lie, sum })),
        ...alterTerms(lie.terms).map((terms) => ({ ...lie, terms })),
        { ...lie, entry: lie.entry + 64 },
        { ...lie, group: lie.group + 1 },
        { ...lie, group: 2 ** 32 },
      ];
    case 'accepted':
      return [
        ...alterLeaf(lie.shown).map((shown) => ({ ...lie, shown })),
        ...updateRefusalCodes.filter((reason) => reason !== lie.reason).map((reason) => ({ ...lie, reason })),
        { ...lie, participant: lie.participant + 1 },
        { ...lie, participant: 70_000 },
        { ...lie, entry: entries },
      ];
    case 'refused':
      return [
        ...alterLeaf(lie.shown).map((shown) => ({ ...lie, shown })),
        { ...lie, participant: lie.participant + 1 },
        { ...lie, participant: 70_000 },
      ];
    case 'silence':
      return [{ ...lie, participant: lie.participant + 1 }];
  }
}

function alterTerms(terms: readonly ShownLeaf[]): ShownLeaf[][] {
  const without = [terms.slice(1), terms.slice(0, -1), [...terms, terms[0]!], [...terms].reverse()];
  return [
    ...terms.flatMap((term, i) => alterLeaf(term).map((other) => terms.with(i, other))),
    ...without.filter((other) => JSON.stringify(other) !== JSON.stringify(terms)).map((other) => [...other]),
  ];
}

async function expectLie(round: Pick<JudgedRound, 'judge'>, lie: Lie): Promise<void> {
  expect(await round.judge(lie)).toBe('accepted');
  for (const altered of alter(lie)) {
    expect([await round.judge(altered), altered]).toEqual(['WrongProof', altered]);
  }
}

describe('a right step', () => {
  it('is not shown to be wrong by anything that belongs to it', async () => {
    const round = await post();
    for (const index of [0, 1, 2, 4]) {
      const [start, next] = [showLeaf(round.start, index), showLeaf(round.next, index)];
      expect(await round.judge({ kind: 'header', index, start, next })).toBe('WrongProof');
    }
    for (const entry of [0, 63, 64, 129]) {
      expect(await round.judge(round.showAverage(entry))).toBe('WrongProof');
    }
    for (const reason of updateRefusalCodes) {
      const shown = showLeaf(round.messages[1]!, reason === 'OutOfRange' ? leafOf(100) : 0);
      expect(await round.judge({ kind: 'accepted', participant: 1, reason, entry: 100, shown })).toBe(
        'WrongProof',
      );
    }
    const shown = showLeaf(round.messages[1]!, 0);
    expect(await round.judge({ kind: 'refused', participant: 1, shown })).toBe('WrongProof');
    expect(await round.judge({ kind: 'silence', participant: 1 })).toBe('WrongProof');
    for (const lie of [round.showAverage(0), { kind: 'silence', participant: 1 } as const]) {
      const call = encodeMove(round.job, { type: 'prove', round: 1, lie });
      expect(await simulate(play, call, creator)).toBe('WrongRound');
    }
    const group = { kind: 'group', group: 0, entry: 0, sum: shown, terms: [] } as const;
    expect(await round.judge(group)).toBe('WrongProof');
  });

  it('with a right refusal is not shown to be wrong by anything that belongs to it', async () => {
    const round = await post({
      refused: [{ participant: 1, reason: 'Malformed', entry: 0 }],
      spoil: (bytes, participant) => (participant === 1 ? flip(bytes, 15) : bytes),
    });
    expect(await round.judge(round.showAverage(0))).toBe('WrongProof');
    const shown = showLeaf(round.messages[1]!, 0);
    expect(await round.judge({ kind: 'refused', participant: 1, shown })).toBe('WrongProof');
    const accepted = { kind: 'accepted', participant: 1, reason: 'Malformed', entry: 0, shown } as const;
    expect(await round.judge(accepted)).toBe('WrongProof');
  });
});

describe('a header', () => {
  const headerLie = (round: JudgedRound, index: number): Lie => ({
    kind: 'header',
    index,
    start: showLeaf(round.start, index),
    next: showLeaf(round.next, index),
  });

  it.each([0, 300, 511])('that differs in byte %i', async (byte) => {
    const round = await post({ post: (right) => flip(right, byte) });
    await expectLie(round, headerLie(round, byte >> 8));
    expect(await round.judge(headerLie(round, byte >> 8 ? 0 : 1))).toBe('WrongProof');
  });

  it.each([
    ['longer', (right: Uint8Array) => Uint8Array.from([...right, 0])],
    ['shorter', (right: Uint8Array) => right.subarray(0, -4)],
  ])('of a model that is %s', async (_, change) => {
    const round = await post({ post: change });
    // Any leaf shows it.
    for (const index of [0, 1, 3]) expect(await round.judge(headerLie(round, index))).toBe('accepted');
    await expect(round.prove(headerLie(round, 0))).resolves.toHaveProperty('gas');
  });

  it('of a model that lacks a number, which is no wrong number', async () => {
    const round = await post({ post: (right) => right.subarray(0, -4) });
    expect(await round.judge(round.showAverage(entries - 1))).toBe('WrongProof');
    expect(await round.judge(headerLie(round, 0))).toBe('accepted');
  });

  it('of an empty model', async () => {
    const round = await post({ post: () => new Uint8Array() });
    expect(await round.judge(headerLie(round, 0))).toBe('accepted');
  });
});

describe('a number', () => {
  it.each([
    ['the first, by its last bit', 0, (right: Uint8Array) => flip(right, byteOf(0))],
    ['the last, by its sign', 129, (right: Uint8Array) => flip(right, byteOf(129) + 3)],
  ])('that is wrong: %s', async (_, entry, change) => {
    const round = await post({ post: change });
    const other = entry === 0 ? 129 : 0;
    expect(await round.judge(round.showAverage(other))).toBe('WrongProof');
    await expectLie(round, round.showAverage(entry));
  });

  it.each([
    ['infinite', 0x7f800000],
    ['not a number', 0x7fc00000],
  ])('that is %s', async (_, bits) => {
    const spoil = (right: Uint8Array) => {
      new DataView(right.buffer).setUint32(byteOf(70), bits, true);
      return right;
    };
    const round = await post({ post: spoil });
    expect(await round.judge(round.showAverage(70))).toBe('accepted');
    expect(await round.judge(round.showAverage(71))).toBe('WrongProof');
  });

  it('that ignores a refusal', async () => {
    // The model holds all three, the step says two.
    const all = await post();
    const round = await post({
      refused: [{ participant: 0, reason: 'WrongSigner', entry: 0 }],
      forge: (bytes, participant) => (participant === 0 ? flip(bytes, 216) : bytes),
      post: () => Uint8Array.from(all.next),
    });
    expect(await round.judge(round.showAverage(5))).toBe('accepted');
  });

  it('is not one behind the entries of an update', async () => {
    const round = await post({ behind: 2 });
    expect(await round.judge(round.showAverage(entries - 1))).toBe('WrongProof');
    expect(await round.judge(round.showAverage(entries))).toBe('WrongProof');
  });

  it('cannot be shown where a double does not hold the sum: the update that leads there can be', async () => {
    const weight = () => 2 ** 32 - 1;
    const spoil = (bytes: Uint8Array, participant: number) => {
      const value = participant === 0 ? 2 ** 31 - 1 : 2 ** 22;
      new DataView(bytes.buffer).setInt32(256, value, true);
      return bytes;
    };
    const change = { maximumWeight: 2 ** 32 - 1 };
    const round = await post({ weight, spoil, change, post: (right) => flip(right, byteOf(0)) });
    expect(await round.judge(round.showAverage(0))).toBe('WrongProof');
    const shown = showLeaf(round.messages[0]!, 1);
    const lie = { kind: 'accepted', participant: 0, reason: 'OutOfRange', entry: 0, shown } as const;
    expect(await round.judge(lie)).toBe('accepted');
  });

  it('cannot be shown with an update of another length than the rule gives', async () => {
    const longer = (bytes: Uint8Array, participant: number) =>
      participant === 0 ? Uint8Array.from([...bytes, 0, 0, 0, 0]) : bytes;
    const round = await post({ spoil: longer, post: (right) => flip(right, byteOf(0)) });
    expect(await round.judge(round.showAverage(0))).toBe('WrongProof');
  });
});

/** How a message gets each fault: before it is signed, or after. */
const faults: Record<
  UpdateRefusalCode,
  { readonly spoil?: (bytes: Uint8Array) => Uint8Array; readonly forge?: (bytes: Uint8Array) => Uint8Array }
> = {
  WrongLength: { spoil: (bytes) => Uint8Array.from([...bytes, 0, 0, 0, 0]) },
  Malformed: { spoil: (bytes) => flip(bytes, 255) },
  WrongJob: { spoil: (bytes) => flip(bytes, 16) },
  WrongStep: { spoil: (bytes) => flip(bytes, 51) },
  WrongParticipant: { spoil: (bytes) => flip(bytes, 52) },
  WrongModel: { spoil: (bytes) => flip(bytes, 87) },
  WrongSigner: { forge: (bytes) => flip(bytes, 183) },
  OutOfRange: {
    spoil: (bytes) => {
      new DataView(bytes.buffer).setInt32(256 + 4 * 100, 2 ** 23 + 1, true);
      return bytes;
    },
  },
};

const leafOfFault = (reason: UpdateRefusalCode) => (reason === 'OutOfRange' ? leafOf(100) : 0);

describe('an accepted update with a fault', () => {
  const only =
    (change: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes) =>
    (bytes: Uint8Array, participant: number) =>
      participant === 1 ? change(bytes) : bytes;

  it.each(updateRefusalCodes)('%s', async (reason) => {
    const { spoil, forge } = faults[reason];
    const round = await post({ spoil: only(spoil), forge: only(forge) });
    const shown = showLeaf(round.messages[1]!, leafOfFault(reason));
    const entry = reason === 'OutOfRange' ? 100 : 0;
    await expectLie(round, { kind: 'accepted', participant: 1, reason, entry, shown });
  });

  it.each([
    ['the first byte', (bytes: Uint8Array) => flip(bytes, 0)],
    ['the version', (bytes: Uint8Array) => flip(bytes, 15)],
    ['the first zero', (bytes: Uint8Array) => flip(bytes, 217)],
    ['a zero in the middle', (bytes: Uint8Array) => flip(bytes, 230)],
  ])('Malformed in %s', async (_, spoil) => {
    const round = await post({ spoil: only(spoil) });
    const shown = showLeaf(round.messages[1]!, 0);
    expect(
      await round.judge({ kind: 'accepted', participant: 1, reason: 'Malformed', entry: 0, shown }),
    ).toBe('accepted');
  });

  it.each([
    ['the signature with the other s', 'high'],
    ['v of 0 or 1', 'v'],
    ['another entry than signed', 'entry'],
    ['no signature', 'none'],
  ])('WrongSigner by %s', async (_, kind) => {
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const forge = (bytes: Uint8Array) => {
      const copy = Uint8Array.from(bytes);
      if (kind === 'high') {
        const s = order - BigInt(toHex(bytes.subarray(184, 216)));
        copy.set(fromHex(`0x${s.toString(16).padStart(64, '0')}`), 184);
        copy[216]! ^= 27 ^ 28;
      }
      if (kind === 'v') copy[216]! -= 27;
      if (kind === 'entry') copy[600]! ^= 1;
      if (kind === 'none') copy.fill(0, 152, 217);
      return copy;
    };
    const round = await post({ forge: only(forge) });
    const shown = showLeaf(round.messages[1]!, 0);
    expect(
      await round.judge({ kind: 'accepted', participant: 1, reason: 'WrongSigner', entry: 0, shown }),
    ).toBe('accepted');
  });

  it.each([
    [2 ** 23, 'WrongProof'],
    [2 ** 23 + 1, 'accepted'],
    [-(2 ** 23), 'WrongProof'],
    [-(2 ** 23) - 1, 'accepted'],
    [-(2 ** 31), 'accepted'],
  ])('OutOfRange: %i', async (value, verdict) => {
    const spoil = (bytes: Uint8Array) => {
      new DataView(bytes.buffer).setInt32(256 + 4 * 129, value, true);
      return bytes;
    };
    const round = await post({ spoil: only(spoil) });
    const shown = showLeaf(round.messages[1]!, leafOf(129));
    const lie = { kind: 'accepted', participant: 1, reason: 'OutOfRange', entry: 129, shown } as const;
    expect(await round.judge(lie)).toBe(verdict);
  });
});

describe('a refusal without its reason', () => {
  it.each(updateRefusalCodes)('%s', async (reason) => {
    const entry = reason === 'OutOfRange' ? 100 : 0;
    const round = await post({ refused: [{ participant: 1, reason, entry }] });
    const shown = showLeaf(round.messages[1]!, leafOfFault(reason));
    await expectLie(round, { kind: 'refused', participant: 1, shown });
  });

  it('is none where the fault is there', async () => {
    for (const reason of updateRefusalCodes) {
      const entry = reason === 'OutOfRange' ? 100 : 0;
      const { spoil, forge } = faults[reason];
      const round = await post({
        refused: [{ participant: 0, reason, entry }],
        ...(spoil === undefined ? {} : { spoil: (bytes, i) => (i === 0 ? spoil(bytes) : bytes) }),
        ...(forge === undefined ? {} : { forge: (bytes, i) => (i === 0 ? forge(bytes) : bytes) }),
      });
      const shown = showLeaf(round.messages[0]!, leafOfFault(reason));
      expect([reason, await round.judge({ kind: 'refused', participant: 0, shown })]).toEqual([
        reason,
        'WrongProof',
      ]);
    }
  });

  it('is one where the fault is another: a message of a wrong length has no other', async () => {
    const round = await post({
      refused: [{ participant: 0, reason: 'Malformed', entry: 0 }],
      spoil: (bytes, participant) => (participant === 0 ? bytes.subarray(0, 100) : bytes),
    });
    const shown = showLeaf(round.messages[0]!, 0);
    expect(await round.judge({ kind: 'refused', participant: 0, shown })).toBe('accepted');
  });

  it('is found among many', async () => {
    const refused = [0, 2, 3].map((participant) => ({
      participant,
      reason: participant === 3 ? ('WrongJob' as const) : ('WrongStep' as const),
      entry: 0,
    }));
    const spoil = (bytes: Uint8Array, participant: number) => (participant === 3 ? bytes : flip(bytes, 50));
    const round = await post({ players: players.slice(0, 4), refused, spoil });
    for (const participant of [0, 1, 2, 3]) {
      const shown = showLeaf(round.messages[participant]!, 0);
      expect(await round.judge({ kind: 'refused', participant, shown })).toBe(
        participant === 3 ? 'accepted' : 'WrongProof',
      );
    }
  });
});

describe('partial sums', () => {
  /** Numbers 126 .. 128: two in the first group, one in the second. */
  const postGroups = (change: Partial<Parameters<typeof postRound>[1]> = {}) =>
    post({
      first: 126,
      prepare: (job) => pretendParticipants(play, job, 126),
      partials: encodePartials,
      ...change,
    });
  const wrongSum = (entry: number, group: number) => (right: bigint[][]) => {
    right[entry]![group]! += 1n;
    return encodePartials(right);
  };
  const groupLie = (round: JudgedRound, entry: number, group: number): Lie => ({
    kind: 'group',
    group,
    entry,
    sum: showLeaf(round.partials!, (2 * entry + group) >> 5),
    terms: (group === 0 ? round.messages.slice(0, 2) : round.messages.slice(2)).map((message) =>
      showLeaf(message, leafOf(entry)),
    ),
  });

  it('that are right show nothing', async () => {
    const round = await postGroups();
    for (const entry of [0, 15, 16, 129]) {
      expect(await round.judge(round.showAverage(entry))).toBe('WrongProof');
      for (const group of [0, 1]) {
        expect(await round.judge(groupLie(round, entry, group))).toBe('WrongProof');
      }
    }
  });

  it('are none of a group or an entry that the round does not have', async () => {
    const round = await postGroups();
    // The numbers of both lie within the blobs: sum 2 * 5 + 2 is that of the next entry.
    const sum = showLeaf(round.partials!, 0);
    expect(await round.judge({ kind: 'group', group: 2, entry: 5, sum, terms: [] })).toBe('WrongProof');
    expect(await round.judge(groupLie(round, entries, 0))).toBe('WrongProof');
  });

  it.each([
    [0, 0],
    [0, 1],
    [17, 1],
    [129, 0],
  ])('wrong in entry %i of group %i', async (entry, group) => {
    const round = await postGroups({ partials: wrongSum(entry, group) });
    expect(await round.judge(groupLie(round, entry, 1 - group))).toBe('WrongProof');
    await expectLie(round, groupLie(round, entry, group));
  });

  it('of a wrong length are shown by their first leaf', async () => {
    const round = await postGroups({ partials: (right) => encodePartials(right).subarray(8) });
    const sum = showLeaf(round.partials!, 0);
    const lie: Lie = { kind: 'group', group: 0, entry: 0, sum, terms: [] };
    await expect(round.judge(lie)).resolves.toBe('accepted');
    const term = showLeaf(round.messages[0]!, 1);
    for (const altered of [
      ...alterLeaf(sum).map((other) => ({ ...lie, sum: other })),
      { ...lie, group: 1 },
      { ...lie, entry: 1 },
      { ...lie, terms: [term] },
    ]) {
      expect(await round.judge(altered)).toBe('WrongProof');
    }
    expect(await round.judge(round.showAverage(0))).toBe('WrongProof');
  });

  it('show that a number is wrong', async () => {
    const round = await postGroups({ post: (right) => flip(right, byteOf(17)) });
    await expectLie(round, round.showAverage(17));
  });
});

describe('silence', () => {
  it('is shown when the time for an answer has passed, before the step too', async () => {
    const phases = { complaining: 60, opening: 60 };
    const round = await closeRound(phases);
    const demand = { type: 'demand', round: 0, participant: 1 } as const;
    const lie: Lie = { kind: 'silence', participant: 1 };
    expect(await play.move(round.job, demand, players[0]!)).toHaveProperty('gas');
    expect(await round.judge(lie)).toBe('WrongProof');
    await play.chain.passTime(60);
    expect(await round.judge(lie)).toBe('WrongProof');
    await play.chain.passTime(1);
    await expectLie(round, lie);
    expect(await play.move(round.job, { type: 'prove', round: 0, lie }, players[2]!)).toHaveProperty('gas');
    const seen = await readView(play.rpc, play.contract, 'roundOf', round.job, 0n);
    expect(seen.phase).toBe(10);
    expect(await readView(play.rpc, play.contract, 'aggregatorOf', round.job, 0n)).toEqual([false, true]);
  });

  it('is none once the receipts are there', async () => {
    const round = await post();
    const demand = { type: 'demand', round: 0, participant: 1 } as const;
    expect(await play.move(round.job, demand, players[0]!)).toHaveProperty('gas');
    const receipts = await receiptsOf([creator], addressOf(round.messages[1]!));
    expect(await play.move(round.job, { ...demand, type: 'answer', receipts }, players[2]!)).toHaveProperty(
      'gas',
    );
    await play.chain.passTime(1000);
    expect(await round.judge({ kind: 'silence', participant: 1 })).toBe('WrongProof');
  });

  /** A closed round that has not stepped. */
  async function closeRound(phases: { complaining: number; opening: number }) {
    const terms = termsBy(creator.account, {
      aggregators: [aggregator.account, creator.account],
      phases: { ...shortPhases, ...phases },
      bond: 10n,
    });
    const job = await createJob(play, terms, creator);
    const moves = [
      [{ type: 'stake' }, aggregator, 10n],
      [{ type: 'join' }, players[0]!],
      [{ type: 'join' }, players[1]!],
      [{ type: 'open', round: 0, model: terms.model }, creator],
      [{ type: 'commit', round: 0, blob: fresh(), weight: 1 }, players[0]!],
      [{ type: 'commit', round: 0, blob: fresh(), weight: 1 }, players[1]!],
      [{ type: 'close', round: 0, committed: 2, unavailable: [] }, aggregator],
    ] as const;
    for (const [move, by, wei] of moves) expect(await play.move(job, move, by, wei)).toHaveProperty('gas');
    const judge = (lie: Lie) => simulate(play, encodeMove(job, { type: 'prove', round: 0, lie }), creator);
    return { job, judge };
  }
});

describe('a proof', () => {
  it('shows nothing else behind what it shows', async () => {
    const round = await post({
      post: (right) => flip(flip(right, 0), byteOf(0)),
      forge: (bytes, participant) => (participant === 1 ? flip(bytes, 160) : bytes),
      refused: [{ participant: 2, reason: 'WrongJob', entry: 0 }],
    });
    const shown = showLeaf(round.messages[1]!, 0);
    const header = { start: showLeaf(round.start, 0), next: showLeaf(round.next, 0) };
    const lies: Lie[] = [
      { kind: 'header', index: 0, ...header },
      round.showAverage(0),
      { kind: 'accepted', participant: 1, reason: 'WrongSigner', entry: 0, shown },
      { kind: 'refused', participant: 2, shown: showLeaf(round.messages[2]!, 0) },
    ];
    for (const lie of lies) {
      expect(await round.judge(lie)).toBe('accepted');
      const call = encodeMove(round.job, { type: 'prove', round: 0, lie });
      const { functionName, ...decoded } = decodeFunctionData({ abi: nonetAbi, data: call });
      const args = decoded.args as readonly unknown[];
      const packed = args.at(-1) as Hex;
      for (const more of ['00', packLeaves([shown]).slice(2)]) {
        const longer = { abi: nonetAbi, functionName, args: args.with(-1, `${packed}${more}`) };
        const outcome = await simulate(play, encodeFunctionData(longer as never), creator);
        expect([lie.kind, outcome]).toEqual([lie.kind, 'WrongProof']);
      }
    }
  });

  it('shows nothing malformed of a blob that is named by zeros', async () => {
    // No blob has these addresses; dishonest stores may sign for them all the same.
    const zeros = `0x${'00'.repeat(32)}` as Address;
    const almost = `0x${'00'.repeat(31)}01` as Address;
    const start = Uint8Array.of(1);
    const terms = termsBy(creator.account, { model: addressOf(start), rule: { entries, headerLeaves } });
    const job = await createJob(play, terms, creator);
    const receipts = await receiptsOf([creator], zeros);
    const moves: [Move, Signer][] = [
      [{ type: 'join' }, players[0]!],
      [{ type: 'join' }, players[1]!],
      [{ type: 'open', round: 0, model: terms.model }, creator],
      [{ type: 'commit', round: 0, blob: almost, weight: 1 }, players[0]!],
      [{ type: 'commit', round: 0, blob: almost, weight: 1 }, players[1]!],
      [{ type: 'close', round: 0, committed: 2, unavailable: [] }, creator],
      [
        {
          ...{ type: 'step', round: 0, model: zeros, receipts },
          refused: [{ participant: 1, reason: 'WrongLength', entry: 0 }],
        },
        creator,
      ],
    ];
    for (const [move, by] of moves) expect(await play.move(job, move, by)).toHaveProperty('gas');
    const malformed = { length: 5, leaf: '0x' as Hex, path: [] };
    const right = { ...malformed, length: 256 + 4 * entries };
    const lies: Lie[] = [
      { kind: 'header', index: 0, start: showLeaf(start, 0), next: malformed },
      { kind: 'accepted', participant: 0, reason: 'WrongLength', entry: 0, shown: malformed },
      { kind: 'refused', participant: 1, shown: right },
    ];
    for (const lie of lies) {
      const call = encodeMove(job, { type: 'prove', round: 0, lie });
      expect([lie.kind, await simulate(play, call, creator)]).toEqual([lie.kind, 'WrongProof']);
    }
  });

  it('needs a job with a rule, but for silence', async () => {
    const [one, two] = [Uint8Array.of(1), Uint8Array.of(1, 2)];
    const terms = termsBy(creator.account, { model: addressOf(one) });
    const job = await createJob(play, terms, creator);
    const model = addressOf(two);
    const moves: [Move, Signer][] = [
      [{ type: 'join' }, players[0]!],
      [{ type: 'open', round: 0, model: terms.model }, creator],
      [{ type: 'commit', round: 0, blob: fresh(), weight: 1 }, players[0]!],
      [{ type: 'close', round: 0, committed: 1, unavailable: [] }, creator],
      [{ type: 'step', round: 0, model, refused: [], receipts: await receiptsOf([creator], model) }, creator],
    ];
    for (const [move, by] of moves) expect(await play.move(job, move, by)).toHaveProperty('gas');
    // Where there is one, another length is a lie.
    const lie = { kind: 'header', index: 0, start: showLeaf(one, 0), next: showLeaf(two, 0) } as const;
    const call = encodeMove(job, { type: 'prove', round: 0, lie });
    expect(await simulate(play, call, creator)).toBe('WrongProof');
  });

  it('costs the culprit its bond: half is burnt, half is the prover’s', async () => {
    const round = await post({ post: (right) => flip(right, byteOf(0)) });
    const zero = `0x${'00'.repeat(20)}` as const;
    // Where anvil sends tips, unless it is told otherwise.
    await play.chain.anvil.request('anvil_setCoinbase', `0x${'c0'.repeat(20)}`);
    const burnt = await play.balanceOf(zero);
    expect(await round.prove(round.showAverage(0), players[3]!)).toHaveProperty('gas');
    expect((await play.balanceOf(zero)) - burnt).toBe(500n);
    expect(await readView(play.rpc, play.contract, 'rewardOf', round.job, players[3]!.account)).toBe(501n);
    const job = await readView(play.rpc, play.contract, 'jobOf', round.job);
    expect(job).toMatchObject({ steps: 0, failures: 0, lead: 1, model: round.terms.model, burnt: 500n });
    expect(await readView(play.rpc, play.contract, 'aggregatorOf', round.job, 0n)).toEqual([false, true]);
    // Once is enough.
    expect(await round.judge(round.showAverage(0))).toBe('WrongPhase');
    const held = await play.balanceOf(play.contract);
    expect(await play.move(round.job, { type: 'withdraw', rounds: [] }, players[3]!)).toHaveProperty('gas');
    expect(held - (await play.balanceOf(play.contract))).toBe(501n);
  });

  it('is no longer taken when the round is final', async () => {
    const round = await post({ post: (right) => flip(right, byteOf(0)) });
    await play.chain.passTime(61);
    expect(await round.judge(round.showAverage(0))).toBe('accepted');
    expect(await play.move(round.job, { type: 'advance', round: 0 }, players[0]!)).toHaveProperty('gas');
    expect(await round.judge(round.showAverage(0))).toBe('WrongPhase');
  });
});
