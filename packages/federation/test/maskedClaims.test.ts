/** What a receipt says of rounds of masked updates, where saying less would mislead. */
import { addressOf, NonetError, utf8 } from '@nonet/core';
import type { MaskedArithmetic } from '@nonet/core/records';
import { expect, test } from 'vitest';
import { maskingClaim, noFindings, roundClaim } from '../src/verify/claims.ts';
import { arithmetic as clear, createSimulation, createTestTrainer, joinAll, key } from './simulation.ts';

const arithmetic: MaskedArithmetic = {
  ...{ kind: 'masked', entries: clear.entries, headerLeaves: clear.headerLeaves, clamp: 8, scaleBits: 18 },
  ...{ weighting: 'examples', weightUnit: 1, mostWeight: 32, threshold: 50 },
};
const phases = {
  ...{ open: 20, collecting: 20, closing: 10, appealing: 10 },
  ...{ complaining: 0, opening: 20, stepping: 10, objecting: 10 },
};
const masked = async (size: number) => {
  const simulation = await createSimulation({ arithmetic, minParticipants: 3, phases, rounds: 1 }, size);
  await joinAll(simulation);
  return simulation;
};
const range = (count: number) => Array.from({ length: count }, (_, i) => i);
const away = new NonetError({ code: 'trainer.away', expected: 'a trainer', found: 'none' });

test('a step that is repeated without one participant gives away its update', async () => {
  const simulation = await masked(5);
  const trainer = createTestTrainer();
  let trained = 0;
  const once: typeof trainer = {
    train: async (request) => (trained++ > 0 ? Promise.reject(away) : trainer.train(request)),
  };
  // An objection right after the step, before the next round has a set of its own.
  const { rounds } = simulation.ledger;
  const object = async () => {
    if (simulation.state().rounds.at(-1)!.step > 0 || simulation.state().rounds.length > 1) return;
    const model = addressOf(utf8('another'));
    await simulation.submit({ type: 'object', round: 0, model, refused: [] }, key('participant 3'), 50n);
  };
  const objecting: typeof simulation.ledger = {
    ...simulation.ledger,
    rounds: {
      ...rounds,
      async submit(job, move, by, wei) {
        const outcome = await rounds.submit(job, move, by, wei);
        if (move.type === 'step') await object();
        return outcome;
      },
    },
  };
  await Promise.all([
    simulation.aggregator(0, { ledger: objecting }),
    simulation.aggregator(1),
    ...range(5).map((i) => simulation.participant(i, i === 0 ? { trainer: once } : {})),
  ]);
  expect(simulation.state().rounds.map(({ phase }) => phase)).toEqual(['void', 'final']);
  expect(maskingClaim(simulation.state()).sentence).toContain(
    'what the sums differ by gives away the update of participant 0.',
  );
});

test('a round without a mask set says so', async () => {
  const simulation = await masked(5);
  const { submit, participants } = simulation;
  for (const [i, signer] of participants.entries()) {
    const keyOf = (of: string) => addressOf(utf8(`${of} ${i}`));
    await submit({ type: 'announce', mask: keyOf('mask'), seal: keyOf('seal') }, signer);
  }
  const stop = new AbortController();
  await simulation.aggregator(0, {
    signal: stop.signal,
    onEvent: ({ type }) => {
      if (type === 'advanced') stop.abort();
    },
  });
  expect(roundClaim(simulation.state(), 0, noFindings).sentence).toContain(
    'fewer than 4 participants registered',
  );
});
