/** What the conformance suite cannot ask of the judge, because no ledger is asked it. */
import { addressOf } from '@nonet/core';
import type { JobState, Lie } from '@nonet/core/ports';
import { expect, test } from 'vitest';
import { createSampleRound, postStep } from '../testing/sampleRound.ts';
import { showLeaf } from '../update/lies.ts';
import { encodeModel } from '../update/modelBlob.ts';
import { isBelow, isShown } from './judge.ts';

const sample = await createSampleRound({ participants: 2, entries: 70 });
const start = encodeModel(sample.start);
/** In the first leaf of the header, and in number 0. */
const wrong = start.with(20, 0);
wrong[wrong.length - 4 * 70]! ^= 1;
const posted = postStep(sample, {
  model: addressOf(wrong),
  refused: [{ participant: 1, reason: 'WrongJob', entry: 0 }],
});
const { headerLeaves } = posted.terms.rule!;
const update = (participant: number, leaf: number) => showLeaf(sample.updates.get(participant)!, leaf);
const header: Lie = { kind: 'header', index: 0, start: showLeaf(start, 0), next: showLeaf(wrong, 0) };
const average: Lie = {
  kind: 'average',
  entry: 0,
  start: showLeaf(start, headerLeaves),
  next: showLeaf(wrong, headerLeaves),
  terms: [update(0, 1)],
};
const lies: readonly Lie[] = [
  header,
  average,
  { kind: 'refused', participant: 1, shown: update(1, 0) },
  { kind: 'group', group: 0, entry: 0, sum: update(0, 0), terms: [] },
  { kind: 'accepted', participant: 0, reason: 'OutOfRange', entry: 0, shown: update(0, 1) },
];

test('lies about a posted step are shown, if the job has a rule', () => {
  expect(lies.map((lie) => isShown(posted, 0, lie, 0))).toEqual([true, true, true, false, false]);
  const { rule: _, ...terms } = posted.terms;
  const unjudged: JobState = { ...posted, terms };
  expect(lies.map((lie) => isShown(unjudged, 0, lie, 0))).toEqual(lies.map(() => false));
});

test('nothing is shown of a round without a step', () => {
  expect(lies.map((lie) => isShown(sample.state, 0, lie, 0))).toEqual(lies.map(() => false));
});

test('numbers that no client can send show nothing', () => {
  for (const number of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(isBelow(number, 70)).toBe(false);
    for (const lie of [
      { ...header, index: number },
      { ...average, entry: number },
      { kind: 'refused', participant: number, shown: update(1, 0) },
      { kind: 'accepted', participant: number, reason: 'WrongJob', entry: 0, shown: update(0, 0) },
      { kind: 'accepted', participant: 0, reason: 'WrongJob', entry: number, shown: update(0, 0) },
      { kind: 'silence', participant: number },
    ] as const) {
      expect(isShown(posted, 0, lie, 0)).toBe(false);
    }
  }
  expect([0, 69, 70].map((number) => isBelow(number, 70))).toEqual([true, true, false]);
});
