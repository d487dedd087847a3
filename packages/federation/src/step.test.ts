import { addressOf, utf8 } from '@nonet/core';
import type { Round } from '@nonet/core/ports';
import { expect, test } from 'vitest';
import { addressOfRefused, objectedAddress, type Step } from './step.ts';

const [start, right, wrong, first] = ['start', 'right', 'wrong', 'first'].map((name) =>
  addressOf(utf8(name)),
);
const round = (posted: string | undefined): Round => ({
  phase: 'stepping',
  deadline: 0,
  size: 2,
  model: start!,
  commitments: { 0: first!, 1: first! },
  unavailable: [],
  paid: [],
  step: { model: posted as Round['model'], refused: [], by: `0x${'11'.repeat(20)}` },
});
const step = { address: right, refused: [1] } as unknown as Step;

test.each<[string, string | undefined, Step | undefined, string | undefined]>([
  ['the right model', wrong, step, right],
  ['the right list, where the model is right', right, step, addressOfRefused([1])],
  ['the model before, where there should be no step', wrong, undefined, start],
  ['the list of all, where that is the posted one', start, undefined, addressOfRefused([0, 1])],
  ['the model before, where the list of all was posted', addressOfRefused([0, 1]), undefined, start],
])('an objection names %s', (_, posted, step, named) => {
  expect(objectedAddress(round(posted), step)).toBe(named);
  expect(named).not.toBe(posted);
});
