import { addressOf, utf8 } from '@nonet/core';
import type { Round } from '@nonet/core/ports';
import { expect, test } from 'vitest';
import { objectedStep, type Step } from './step.ts';

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

test.each<[string, Step | undefined, { model: string | undefined; refused: number[] }]>([
  ['the right model and list', step, { model: right, refused: [1] }],
  [
    'the model before and everybody, where there should be no step',
    undefined,
    { model: start, refused: [0, 1] },
  ],
])('an objection names %s', (_, step, named) => {
  expect(objectedStep(round(wrong), step)).toEqual(named);
});
