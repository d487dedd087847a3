import { type Address, addressOf } from '@nonet/core';
import type { RefusedUpdate } from '@nonet/core/ports';
import { describe, expect, test } from 'vitest';
import { isShown } from '../rules/judge.ts';
import { createSampleRound, postStep, type SampleRound } from '../testing/sampleRound.ts';
import { findLie, type StepLie } from './lies.ts';
import { updateBytes } from './message.ts';
import { encodeModel } from './modelBlob.ts';

const sample = await createSampleRound({
  participants: 4,
  entries: 70,
  wrong: {
    1: (right) => ({ ...right, model: right.job }),
    3: (right) => ({ ...right, entries: right.entries.with(65, 2 ** 23 + 1).with(66, 2 ** 24) }),
  },
});
const start = encodeModel(sample.start);
const step = sample.step!;

interface PostedBlobs {
  readonly next?: Uint8Array<ArrayBuffer>;
  readonly refused?: readonly RefusedUpdate[];
  readonly partials?: Uint8Array<ArrayBuffer>;
  readonly updates?: ReadonlyMap<number, Uint8Array>;
}

/** The lie that is found of a posted step; the ledger must see it. */
function lieOf(of: SampleRound, posted: PostedBlobs): StepLie | undefined {
  const right = of.step!;
  const { next = right.bytes, refused = right.refused, partials = right.partials?.bytes } = posted;
  const state = postStep(of, {
    model: addressOf(next),
    refused,
    ...(partials === undefined ? {} : { partials: addressOf(partials) }),
  });
  const { arithmetic, updates } = of;
  const lie = findLie({
    state,
    round: 0,
    arithmetic,
    start: encodeModel(of.start),
    next,
    updates: posted.updates ?? updates,
    ...(partials === undefined ? {} : { partials }),
  });
  if (lie !== undefined) {
    expect(isShown(state, 0, lie, 0)).toBe(true);
    // Of the right step the same leaves show nothing.
    const rightState = postStep(of, {
      model: right.address,
      refused: right.refused,
      ...(right.partials === undefined ? {} : { partials: right.partials.address }),
    });
    expect(isShown(rightState, 0, lie, 0)).toBe(false);
  }
  return lie;
}

/** The right model with a changed number. */
function withNumber(of: SampleRound, entry: number, value: number): Uint8Array<ArrayBuffer> {
  return encodeModel({ tensors: of.start.tensors, flat: of.step!.model.flat.with(entry, value) });
}

test('there is nothing to show of the right step', () => {
  expect(lieOf(sample, {})).toBeUndefined();
});

test('nor of a round without a step, or of a job without a rule', () => {
  const { state, arithmetic, updates } = sample;
  const question = { round: 0, arithmetic, start, next: start, updates };
  expect(findLie({ state, ...question })).toBeUndefined();
  const posted = postStep(sample, { model: addressOf(start), refused: [] });
  const { rule: _, ...terms } = posted.terms;
  expect(findLie({ state: { ...posted, terms }, ...question })).toBeUndefined();
});

describe('header', () => {
  test.each<[string, Uint8Array<ArrayBuffer>, number]>([
    ['a changed byte', step.bytes.with(200, 0x0a), 0],
    ['another length', new Uint8Array([...step.bytes, 0]), 0],
    ['nothing', new Uint8Array(), 0],
    [
      'the name of another tensor',
      encodeModel({ ...step.model, tensors: [{ name: 'other!', shape: [70] }] }),
      0,
    ],
  ])('%s', (_, next, index) => {
    expect(lieOf(sample, { next })).toMatchObject({ kind: 'header', index });
  });

  test('a change in the second leaf of a long header', async () => {
    const long = await createSampleRound({ participants: 1, entries: 2, name: 'n'.repeat(300) });
    expect(lieOf(long, { next: long.step!.bytes.with(300, 0x6f) })).toMatchObject({
      kind: 'header',
      index: 1,
    });
  });
});

describe('average', () => {
  test.each([0, 63, 64, 69])('number %i is another', (entry) => {
    const value = step.model.flat[entry]!;
    const next = Math.fround(value + 2 ** -20 * Math.max(1, Math.abs(value)));
    expect(lieOf(sample, { next: withNumber(sample, entry, next) })).toMatchObject({
      kind: 'average',
      entry,
    });
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('a number is %s', (value) => {
    expect(lieOf(sample, { next: withNumber(sample, 5, value) })).toMatchObject({
      kind: 'average',
      entry: 5,
    });
  });

  test('the model before, reposted', () => {
    expect(lieOf(sample, { next: start })).toMatchObject({ kind: 'average' });
  });

  test('-0 in place of 0', async () => {
    const zero = await createSampleRound({
      participants: 1,
      entries: 2,
      start: () => 0,
      wrong: { 0: (right) => ({ ...right, entries: Int32Array.of(0, 0) }) },
    });
    expect(lieOf(zero, { next: withNumber(zero, 1, -0) })).toMatchObject({ kind: 'average', entry: 1 });
  });

  test('a step where a number overflows, so that there is none', async () => {
    const overflowing = await createSampleRound({
      participants: 1,
      entries: 2,
      start: (i) => (i === 1 ? 3.4028234663852886e38 : 0),
    });
    // 8 is far below half a unit in the last place of the largest float: the sum does not overflow.
    expect(overflowing.step).toBeDefined();
    expect(lieOf(overflowing, { next: withNumber(overflowing, 1, Number.POSITIVE_INFINITY) })).toMatchObject({
      kind: 'average',
      entry: 1,
    });
  });

  test('cannot be shown without every accepted update', () => {
    const updates = new Map([...sample.updates].slice(1));
    expect(lieOf(sample, { next: withNumber(sample, 0, 9), updates })).toBeUndefined();
  });
});

describe('accepted', () => {
  test('an update for another model', () => {
    const refused = step.refused.filter(({ participant }) => participant !== 1);
    expect(lieOf(sample, { refused })).toMatchObject({
      kind: 'accepted',
      participant: 1,
      reason: 'WrongModel',
      entry: 0,
    });
  });

  test('an entry out of range', () => {
    const refused = step.refused.filter(({ participant }) => participant !== 3);
    expect(lieOf(sample, { refused })).toMatchObject({
      kind: 'accepted',
      participant: 3,
      reason: 'OutOfRange',
      entry: 65,
    });
  });

  test('an update of another length', async () => {
    const short = await createSampleRound({
      participants: 3,
      entries: 5,
      wrong: { 2: (right) => ({ ...right, entries: new Int32Array(6) }) },
    });
    expect(short.updates.get(2)!.length).toBe(updateBytes(6));
    expect(lieOf(short, { refused: [] })).toMatchObject({
      kind: 'accepted',
      participant: 2,
      reason: 'WrongLength',
    });
  });
});

describe('refused', () => {
  const added = (...more: RefusedUpdate[]) =>
    [...step.refused, ...more].sort((a, b) => a.participant - b.participant);
  const instead = (participant: number, reason: RefusedUpdate['reason'], entry = 0) => [
    ...step.refused.filter((refused) => refused.participant !== participant),
    { participant, reason, entry },
  ];

  test.each([
    'WrongLength',
    'Malformed',
    'WrongJob',
    'WrongStep',
    'WrongParticipant',
    'WrongModel',
    'WrongSigner',
  ] as const)('a right update for %s', (reason) => {
    expect(lieOf(sample, { refused: added({ participant: 0, reason, entry: 0 }) })).toMatchObject({
      kind: 'refused',
      participant: 0,
    });
  });

  test('a right update for an entry that is in range', () => {
    expect(
      lieOf(sample, { refused: added({ participant: 2, reason: 'OutOfRange', entry: 69 }) }),
    ).toMatchObject({
      kind: 'refused',
      participant: 2,
    });
  });

  test('a wrong update for a reason that is not true', () => {
    expect(lieOf(sample, { refused: instead(3, 'WrongModel') })).toMatchObject({
      kind: 'refused',
      participant: 3,
    });
    expect(lieOf(sample, { refused: instead(3, 'OutOfRange', 64) })).toMatchObject({
      kind: 'refused',
      participant: 3,
    });
  });

  test('a second true reason is none', () => {
    expect(lieOf(sample, { refused: instead(3, 'OutOfRange', 66) })).toBeUndefined();
  });

  test('nothing can be shown of a leaf that the message does not have', async () => {
    const short = await createSampleRound({
      participants: 2,
      entries: 70,
      wrong: { 1: (right) => ({ ...right, entries: new Int32Array(0) }) },
    });
    expect(lieOf(short, { refused: [{ participant: 1, reason: 'OutOfRange', entry: 69 }] })).toBeUndefined();
    expect(lieOf(short, { refused: [{ participant: 1, reason: 'WrongJob', entry: 0 }] })).toMatchObject({
      kind: 'refused',
      participant: 1,
    });
  });
});

describe('more than 128 updates', async () => {
  const large = await createSampleRound({ participants: 130, entries: 33 });
  const partials = large.step!.partials!.bytes;

  test('nothing to show of the right step', () => {
    expect(lieOf(large, {})).toBeUndefined();
  });

  test.each([
    ['the first sum', 0, 0, 0],
    ['the last sum of the first group, in its high half', 8 * 2 * 32 + 7, 0, 32],
    ['the first sum of the second group', 8, 1, 0],
  ])('group: %s', (_, byte, group, entry) => {
    const wrong = partials.with(byte, partials[byte]! ^ 1);
    expect(lieOf(large, { partials: wrong })).toMatchObject({ kind: 'group', group, entry });
  });

  test('group: another length', () => {
    for (const wrong of [partials.slice(0, -8), new Uint8Array([...partials, 0]), new Uint8Array()]) {
      expect(lieOf(large, { partials: wrong })).toMatchObject({ kind: 'group', group: 0, entry: 0 });
    }
  });

  test('average: of the sums', () => {
    const lie = lieOf(large, { next: withNumber(large, 32, 9) });
    expect(lie).toMatchObject({ kind: 'average', entry: 32 });
    // Sums 64 and 65 are in one leaf.
    expect(lie?.kind === 'average' && lie.terms.length).toBe(1);
  });
});

test('a proof shows leaves of the blobs that the ledger names', () => {
  const lie = lieOf(sample, { next: withNumber(sample, 64, 9) });
  if (lie?.kind !== 'average') throw new Error('expected a proof of a wrong average');
  expect(lie.terms.length).toBe(step.accepted.length);
  expect(lie.next.length).toBe(step.bytes.length);
  const state = postStep(sample, { model: addressOf(withNumber(sample, 64, 9)), refused: step.refused });
  const broken = { ...lie, terms: [lie.terms[0]!, { ...lie.terms[1]!, path: [] as Address[] }] };
  expect(isShown(state, 0, lie, 0)).toBe(true);
  expect(isShown(state, 0, broken, 0)).toBe(false);
});
