/** Roles against each other, honest and not: every job here ends, and ends with the right model. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Address, addressOf, NonetError, utf8 } from '@nonet/core';
import type { BlobStore, JobState, Ledger, Lie, Move, StoreReceipt } from '@nonet/core/ports';
import type { TrainJob } from '@nonet/core/records';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  acceptedParticipants,
  chooseReceipts,
  createFileStore,
  createHttpStore,
  createMemoryOutbox,
  createMemoryStore,
  createStoreSet,
  decodeModel,
  domainOf,
  encodeModel,
  encodeUpdate,
  type FederationEvent,
  finalModel,
  includedParticipants,
  isComplete,
  type MemoryLedger,
  type Outbox,
  startStoreServer,
  type Trainer,
} from '../src/index.ts';
import {
  arithmetic,
  createSimulation,
  createTestTrainer,
  datasetOf,
  joinAll,
  key,
  type Simulation,
  storeNames,
} from './simulation.ts';

const everyParticipant = (simulation: Simulation) =>
  simulation.participants.map((_, i) => simulation.participant(i));
const code = (code: string) => expect.objectContaining({ code });

async function createJoined(more: Partial<TrainJob> = {}, size = 4): Promise<Simulation> {
  const simulation = await createSimulation(more, size);
  onTestFinished(() => simulation.stop.abort());
  await joinAll(simulation);
  return simulation;
}

/** Posted models by round of an undisturbed run. */
let undisturbed: Promise<readonly Address[]> | undefined;
async function modelsOf(run: () => Promise<Simulation>): Promise<readonly Address[]> {
  return (await run()).state().rounds.map(({ posted }) => posted!.model);
}
function undisturbedModels(): Promise<readonly Address[]> {
  undisturbed ??= modelsOf(async () => {
    const simulation = await createSimulation();
    await joinAll(simulation);
    await Promise.all([simulation.aggregator(), ...everyParticipant(simulation)]);
    return simulation;
  });
  return undisturbed;
}
const undisturbedModel = async () => (await undisturbedModels()).at(-1);

/** Of the steps that count: the model after each. */
const steps = ({ rounds }: JobState) =>
  rounds.flatMap(({ phase, posted }) => (phase === 'final' ? [posted!.model] : []));

/** What an account has at the end, less what it had. */
const earned = ({ ledger }: Simulation, name: string) => ledger.balanceOf(key(name).account);

/** A ledger through which a role says something else than it would. */
function createChangedLedger(ledger: MemoryLedger, change: (move: Move) => Promise<Move> | Move): Ledger {
  return {
    ...ledger,
    rounds: {
      ...ledger.rounds,
      submit: async (job, move, by, wei) => ledger.rounds.submit(job, await change(move), by, wei),
    },
  };
}

type StepMove = Extract<Move, { type: 'step' }>;

/** The same, in the step of one round. */
function createLyingLedger(
  { ledger }: Simulation,
  round: number,
  lie: (step: StepMove) => Promise<StepMove> | StepMove,
): Ledger {
  return createChangedLedger(ledger, (move) =>
    move.type === 'step' && move.round === round ? lie(move) : move,
  );
}

/** Stores what a step is to name, and changes the step accordingly. */
async function withModel(simulation: Simulation, step: StepMove, bytes: Uint8Array): Promise<StepMove> {
  const { address, receipts } = await simulation.connect().put(bytes);
  return { ...step, model: address, receipts: chooseReceipts(simulation.job, address, receipts) ?? [] };
}

/** The model of a step with one number moved. */
async function withWrongNumber(simulation: Simulation, step: StepMove): Promise<StepMove> {
  const model = decodeModel(await simulation.stores[0]!.get(step.model), arithmetic);
  model.flat[3]! += 2 ** -10;
  return withModel(simulation, step, encodeModel(model));
}

// `chooseReceipts` takes terms, whose stores are accounts.
declare module '../src/index.ts' {}

describe('an undisturbed job', () => {
  test('runs to its end: every step is checked, everybody is paid, every stake comes back', async () => {
    const simulation = await createJoined();
    const evaluation = {
      count: 1,
      correct: 1,
      accuracy: 1,
      loss: 0,
      confusion: [
        [1, 0],
        [0, 0],
      ],
    };
    const [first, second, watched, ...took] = await Promise.all([
      simulation.aggregator(0),
      simulation.aggregator(1),
      simulation.watcher({ evaluate: async () => evaluation }),
      ...everyParticipant(simulation),
    ]);
    const state = simulation.state();
    expect(isComplete(state)).toBe(true);
    expect(first).toEqual({ outcome: 'complete', model: finalModel(state) });
    expect(second).toEqual(first);
    expect(watched.outcome).toBe('complete');
    expect(watched.findings.map(({ round, agrees }) => [round, agrees])).toEqual([
      [0, true],
      [1, true],
      [2, true],
    ]);
    expect(watched.evaluations.map(({ round }) => round)).toEqual([0, 1, 2]);
    for (const [i, result] of took.entries()) {
      expect(result).toEqual({ participant: i, outcome: 'complete', committed: [0, 1, 2], withdrawn: 300n });
      expect(earned(simulation, `participant ${i}`)).toBe(300n);
    }
    for (const who of ['aggregator 0', 'aggregator 1', 'watcher']) expect(earned(simulation, who)).toBe(0n);
    expect(simulation.ledger.balanceOf(simulation.ledger.contract)).toBe(0n);
    expect(steps(state)).toEqual(await undisturbedModels());
  });

  test('takes each move once: no role says again what the ledger has', async () => {
    const simulation = await createJoined();
    await Promise.all([simulation.aggregator(0), simulation.watcher(), ...everyParticipant(simulation)]);
    const count = (type: Move['type']) => simulation.moves.filter(({ move }) => move.type === type).length;
    expect(['stake', 'open', 'commit', 'close', 'step', 'demand'].map((type) => count(type as Move['type']))).toEqual(
      [1, 3, 12, 3, 3, 0],
    );
    const refused = simulation.events.flatMap((event) =>
      event.type === 'moveRefused' ? [`${event.who}: ${event.move.type} ${event.refusal.refused}`] : [],
    );
    expect(refused).toEqual([]);
  });
});
