/**
 * What sites tell of updates that were trained on a model that can still turn out wrong
 * (docs/specs/round.md §12.12).
 */

import type { Address } from '@nonet/core';
import { pause, UndecidedError } from '@nonet/core';
import type { JobState, Move } from '@nonet/core/ports';
import { expect, onTestFinished, test } from 'vitest';
import { createMemoryBudget } from '../src/index.ts';
import { chooseReceipts } from '../src/roles/receiptReader.ts';
import { decodeModel, encodeModel } from '../src/update/modelBlob.ts';
import {
  createMasked,
  createNoiseTrainer,
  createPrivate,
  joinAll,
  key,
  range,
  type Simulation,
} from './simulation.ts';

const lead = key('aggregator 0');

/** Takes a job of five, whose sites run, from its start through a first step that is no average. */
async function postMadeUpModel(
  simulation: Simulation,
  run: (i: number) => Parameters<Simulation['participant']>[1] = () => ({}),
) {
  const { state, submit } = simulation;
  await joinAll(simulation);
  const sites = Promise.all(range(5).map((i) => simulation.participant(i, run(i))));
  onTestFinished(async () => {
    simulation.stop.abort();
    await sites;
  });
  const until = async (holds: (state: JobState) => boolean) => {
    while (!holds(state())) await pause(2);
  };
  const play = async (move: Move, wei?: bigint) => {
    expect(await submit(move, lead, wei)).not.toHaveProperty('refused');
  };
  const collect = async (round: number, model: Address) => {
    await until(({ participants }) => participants.every(({ announced }) => announced?.round === round));
    await play({ type: 'open', round, model });
    await until(({ rounds }) => Object.keys(rounds[round]!.commitments).length === 5);
    await play({ type: 'close', round, committed: 5, unavailable: [] });
  };
  await play({ type: 'stake' }, 50n);
  await collect(0, state().terms.model);
  await until(({ rounds }) => rounds[0]!.masking!.revealed.length === 5);
  const { bytes } = await simulation.connect().get(state().terms.model);
  const { tensors, flat } = decodeModel(bytes, simulation.job.arithmetic);
  const { address, receipts: signed } = await simulation
    .connect()
    .put(encodeModel({ tensors, flat: flat.map((value) => value + 1) }));
  const receipts = chooseReceipts(state().terms, address, signed)!;
  await play({ type: 'step', round: 0, model: address, refused: [], receipts });
  await collect(1, address);
  return { sites, until };
}

test('nothing is told of a model that a lead made up, and the job goes on once it is objected to', async () => {
  const simulation = await createMasked(5, { rounds: 2 });
  const { sites, until } = await postMadeUpModel(simulation);
  const refused = () =>
    simulation.events.filter((event) => event.type === 'missed' && event.code === 'secagg.model');
  await until(() => refused().length === 5);
  expect(simulation.state().rounds[1]).toMatchObject({ phase: 'opening', masking: { revealed: [] } });
  const others = [simulation.watcher()];
  await until(({ rounds }) => rounds[1]!.phase === 'void');
  await Promise.all([sites, simulation.aggregator(1), ...others]);
  const { rounds } = simulation.state();
  expect(rounds.map(({ phase, failure }) => failure?.reason ?? phase)).toEqual(['final', 'built', 'final']);
  expect(rounds[0]!.objections).toHaveLength(1);
  expect(rounds[1]!.masking!.revealed).toEqual([]);
});

test('what noise protects is told whatever the model', async () => {
  const simulation = await createPrivate({ rounds: 2, releases: 4 });
  const limit = { unit: 'record', epsilon: 100, delta: 1e-5 } as const;
  const { until } = await postMadeUpModel(simulation, () => ({
    trainer: createNoiseTrainer(simulation),
    budget: createMemoryBudget(limit),
  }));
  await until(({ rounds }) => rounds[1]!.masking!.revealed.length > 0);
});

test('a step that cannot be recomputed is waited for until it is final', async () => {
  const simulation = await createMasked(5, { rounds: 2 });
  await joinAll(simulation);
  const store = simulation.connect();
  const withheld: typeof store = {
    ...store,
    async get(address, options) {
      const { rounds } = simulation.state();
      const isMessage = Object.values(rounds[0]?.commitments ?? {}).some(({ blob }) => blob === address);
      if (!isMessage) return store.get(address, options);
      throw new UndecidedError({ code: 'store.unreachable', expected: 'a store', found: 'none' });
    },
  };
  const phases: string[] = [];
  await Promise.all([
    simulation.aggregator(),
    simulation.watcher(),
    ...range(5).map((i) =>
      simulation.participant(i, {
        store: withheld,
        onEvent: (event) => {
          if (event.type === 'revealed' && event.round === 1)
            phases.push(simulation.state().rounds[0]!.phase);
        },
      }),
    ),
  ]);
  expect(simulation.state().rounds.map(({ phase }) => phase)).toEqual(['final', 'final']);
  expect(new Set(phases)).toEqual(new Set(['final']));
});
