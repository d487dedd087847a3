/** What a receipt says of rounds of masked updates, where saying less would mislead. */
import { addressOf, utf8 } from '@nonet/core';
import type { Round } from '@nonet/core/ports';
import type { MaskedArithmetic } from '@nonet/core/records';
import { expect, test } from 'vitest';
import { type Claim, incidentClaims, maskingClaim, noFindings, roundClaim } from '../src/verify/claims.ts';
import { arithmetic as clear, createSimulation, joinAll, key } from './simulation.ts';

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

test('an objection makes no second sum of its step, and a second sum gives away who is in one alone', async () => {
  const simulation = await masked(5);
  // An objection right after the step, before the next round has a set of its own.
  const { rounds: taken } = simulation.ledger;
  const object = async () => {
    if (simulation.state().rounds.at(-1)!.step > 0 || simulation.state().rounds.length > 1) return;
    const model = addressOf(utf8('another'));
    await simulation.submit({ type: 'object', round: 0, model, refused: [] }, key('participant 3'), 50n);
  };
  const objecting: typeof simulation.ledger = {
    ...simulation.ledger,
    rounds: {
      ...taken,
      async submit(job, move, by, wei) {
        const outcome = await taken.submit(job, move, by, wei);
        if (move.type === 'step') await object();
        return outcome;
      },
    },
  };
  await Promise.all([
    simulation.aggregator(0, { ledger: objecting }),
    simulation.aggregator(1),
    ...range(5).map((i) => simulation.participant(i)),
  ]);
  expect(simulation.state().rounds.map(({ phase }) => phase)).toEqual(['final']);
  const state = simulation.state();
  expect(maskingClaim(state).sentence).toContain('In each of 1 rounds');
  expect(maskingClaim(state).sentence).not.toContain('gives away');
  const [{ sentence }] = incidentClaims({ state, events: [], lostBonds: new Map() }).slice(1) as [Claim];
  expect(sentence).toContain('its step was made again from the same sum, and 50 wei');
  const [round] = state.rounds as [Round];
  const { 0: _, ...others } = round.commitments;
  const rounds: Round[] = [
    { ...round, phase: 'void' },
    { ...round, commitments: others },
  ];
  expect(maskingClaim({ ...state, rounds }).sentence).toContain(
    'what the sums differ by gives away the update of participant 0.',
  );
});

test('complaints that bar no one are told, of each accused', async () => {
  const simulation = await masked(5);
  await Promise.all([simulation.aggregator(), ...range(5).map((i) => simulation.participant(i))]);
  const state = simulation.state();
  const [round] = state.rounds as [Round];
  const masking = { ...round.masking!, complaints: { 2: [0], 4: [0, 1, 3] } };
  const sentences = (failure: Pick<Round, 'failure'>) =>
    incidentClaims({
      state: { ...state, rounds: [{ ...round, ...failure, masking }] },
      events: [],
      lostBonds: new Map(),
    })
      .slice(1)
      .map(({ sentence }) => sentence);
  const of = (complaint: string) =>
    expect.stringContaining(`In round 1 ${complaint} had registered or revealed`);
  expect(sentences({})).toEqual([
    of('participant 0 complained about what participant 2'),
    of('participants 0, 1 and 3 complained about what participant 4'),
  ]);
  expect(sentences({ failure: { reason: 'complaints', accused: [4] } })).toEqual([
    expect.stringContaining('more than half of the 5 participants with masks complained'),
    of('participant 0 complained about what participant 2'),
  ]);
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
