import { addressOf } from '@nonet/core';
import { expect, test } from 'vitest';
import { fedAvgTwin } from '../testing/index.ts';
import { createSampleRound, type SampleRound } from '../testing/sampleRound.ts';
import { type Update, verifyUpdate } from './message.ts';
import { decodeModel, encodeModel } from './modelBlob.ts';
import type { ServerStep } from './serverStep.ts';
import { computeStep, expectedUpdate, objectedStep, type UpdateOutcome } from './step.ts';

function outcomesOf({ state, round, updates, arithmetic }: SampleRound): Map<number, UpdateOutcome> {
  return new Map(
    [...updates].map(([i, bytes]) => [i, verifyUpdate(bytes, expectedUpdate(state, round, i, arithmetic))]),
  );
}

/** The step of the accepted updates by the twin. */
function twinOf(sample: SampleRound, accepted: readonly number[]): Float32Array {
  const outcomes = outcomesOf(sample);
  const contributions = accepted.map((i) => ({
    weight: sample.round.commitments[i]!.weight,
    entries: (outcomes.get(i) as Update).entries,
  }));
  return fedAvgTwin(sample.start.flat, contributions, sample.arithmetic);
}

test('averages the accepted updates by the weights on the ledger, and names the refused with the reason', async () => {
  const sample = await createSampleRound({
    participants: 4,
    entries: 70,
    wrong: {
      1: (right) => ({ ...right, step: 3 }),
      3: (right) => ({ ...right, entries: right.entries.with(65, 2 ** 23 + 1) }),
    },
  });
  const step = sample.step!;
  expect(step.accepted).toEqual([0, 2]);
  expect(step.refused).toEqual([
    { participant: 1, reason: 'WrongStep', entry: 0 },
    { participant: 3, reason: 'OutOfRange', entry: 65 },
  ]);
  expect(Object.keys(step.refusals)).toEqual(['1', '3']);
  expect([...step.model.flat]).toEqual([...twinOf(sample, [0, 2])]);
  expect(decodeModel(step.bytes, sample.arithmetic)).toEqual(step.model);
  expect(step.address).toBe(addressOf(step.bytes));
  expect(step.partials).toBeUndefined();
});

test('takes no update that is not included', async () => {
  const sample = await createSampleRound({ participants: 3, entries: 2 });
  const round = { ...sample.round, unavailable: [1] };
  const step = computeStep(sample.start, round, outcomesOf(sample), sample.arithmetic, 1)!;
  expect(step.accepted).toEqual([0, 2]);
  expect([...step.model.flat]).toEqual([...twinOf(sample, [0, 2])]);
});

test('is no step with too few updates, or where a number leaves the range of f32', async () => {
  const sample = await createSampleRound({ participants: 2, entries: 3 });
  const { start, round, arithmetic } = sample;
  expect(computeStep(start, round, outcomesOf(sample), arithmetic, 2)).toBeDefined();
  expect(computeStep(start, round, outcomesOf(sample), arithmetic, 3)).toBeUndefined();
  const largest = { ...start, flat: Float32Array.of(0, 3.4028234663852886e38, 0) };
  const infinite: ServerStep = { apply: (numbers) => new Float32Array(numbers).map((value) => value * 2) };
  expect(computeStep(largest, round, outcomesOf(sample), arithmetic, 1)).toBeDefined();
  expect(computeStep(largest, round, outcomesOf(sample), arithmetic, 1, infinite)).toBeUndefined();
});

test('commits to the sums of groups of 128 where the round has more participants', async () => {
  const sample = await createSampleRound({ participants: 130, entries: 33 });
  const step = sample.step!;
  expect([...step.model.flat]).toEqual([...twinOf(sample, step.accepted)]);
  const { bytes, address } = step.partials!;
  expect(address).toBe(addressOf(bytes));
  // Two groups.
  expect(bytes.length).toBe(33 * 2 * 8);
  const outcomes = outcomesOf(sample);
  const sums = new BigInt64Array(bytes.buffer);
  for (let i = 0; i < 33; i++) {
    for (const group of [0, 1]) {
      let sum = 0n;
      for (const participant of step.accepted.filter((number) => number >> 7 === group)) {
        const { entries } = outcomes.get(participant) as Update;
        sum += BigInt(sample.round.commitments[participant]!.weight) * BigInt(entries[i]!);
      }
      expect(sums[2 * i + group], `sum ${i} of group ${group}`).toBe(sum);
    }
  }
  // Whichever are accepted: a group follows from numbers, so an absentee moves no other participant.
  const fewer = { ...sample.round, unavailable: [5, 100] };
  const [first, second] = [step, computeStep(sample.start, fewer, outcomes, sample.arithmetic, 1)!].map(
    ({ partials }) => new BigInt64Array(partials!.bytes.buffer),
  );
  expect(first![0]).not.toBe(second![0]);
  expect(first![1]).toBe(second![1]);
});

test('a server step keeps its state in the file of the model', async () => {
  const sample = await createSampleRound({ participants: 2, entries: 3 });
  // Momentum of 1/2: v' = v / 2 + average, W' = W + v'. Its tensor sorts after "weight".
  const momentum: ServerStep = {
    apply(start, average) {
      const next = new Float32Array(start);
      for (const [i, value] of average.entries()) {
        next[3 + i] = start[3 + i]! / 2 + value;
        next[i] = start[i]! + next[3 + i]!;
      }
      return next;
    },
  };
  const start = {
    tensors: [...sample.start.tensors, { name: '~velocity/weight', shape: [3] }],
    flat: Float32Array.of(...sample.start.flat, 1, 2, 4),
  };
  const { round, arithmetic } = sample;
  const step = computeStep(start, round, outcomesOf(sample), arithmetic, 1, momentum)!;
  const plain = sample.step!.model.flat;
  const moved = [...plain].map((value, i) => Math.fround(value - sample.start.flat[i]!));
  for (const i of [0, 1, 2]) {
    expect(step.model.flat[3 + i]).toBeCloseTo([0.5, 1, 2][i]! + moved[i]!, 5);
    expect(step.model.flat[i]).toBeCloseTo(plain[i]! + [0.5, 1, 2][i]!, 5);
  }
  expect(decodeModel(step.bytes, { entries: 6 })).toEqual(step.model);
  expect(encodeModel(step.model)).toEqual(step.bytes);
});

test('an objection names the right step; where there should be none, the model before and all included', async () => {
  const sample = await createSampleRound({
    participants: 3,
    entries: 2,
    wrong: { 1: (right) => ({ ...right, step: 3 }) },
  });
  expect(objectedStep(sample.round, sample.step)).toEqual({ model: sample.step!.address, refused: [1] });
  expect(objectedStep({ ...sample.round, unavailable: [0] }, undefined)).toEqual({
    model: sample.round.model,
    refused: [1, 2],
  });
});
