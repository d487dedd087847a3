/**
 * From what a job left to its receipt: evidence, anchor, page, and a first verification by its
 * runner.
 */
import { addressOf } from '@nonet/core';
import type { BlobStore } from '@nonet/core/ports';
import {
  createReceipt,
  exitCodeOf,
  type Receipt,
  signAnchor,
  type Verdict,
  verifyReceipt,
} from '@nonet/core/receipt';
import { idOfJob, requireTrainJob, type TrainJob, toJson } from '@nonet/core/records';
import {
  acceptedParticipants,
  createRunEvidence,
  createStoreSet,
  type FileStore,
  fetchGraph,
  finalModel,
  joinModel,
  type ModelEvaluation,
  type RunCosts,
} from '@nonet/federation';
import type { Energy } from '@nonet/matrix/energy';
import { renderReceiptPage } from '@nonet/web';
import { verifiersWithin } from '../declarations.ts';
import { writeWhole } from '../files/writeWhole.ts';
import { describeCommit, describeMachine } from '../machine/origin.ts';
import type { RunDirectory } from '../runs/runDirectory.ts';
import type { Outcome } from './coordinator.ts';
import { measureCosts } from './costs.ts';
import { type ProvenPrediction, proveFinalModel } from './proveFinal.ts';
import { energyEvidence, measureRunEnergy, type RunPower } from './runEnergy.ts';
import { openRunStores } from './runStores.ts';

export interface RoundResult {
  readonly round: number;
  readonly accepted: number;
  readonly size: number;
  readonly accuracy?: number;
  /** Of the model before, on what the sites hold out. */
  readonly heldOutAccuracy?: number;
}

/** A run whose receipt is written, of whatever kind its job is. */
export interface SealedRun {
  readonly costs: RunCosts;
  readonly energy: Energy;
  /** Of a training: one prediction of the final model with its proof, or why there is none. */
  readonly prediction?: ProvenPrediction;
  readonly receipt: Receipt;
  readonly verdicts: readonly Verdict[];
  /** Nothing contradicts the receipt, and nothing was left undecided. */
  readonly verified: boolean;
  readonly receiptFile: string;
  readonly pageFile: string;
}

/** A training that is over, with what it came to. */
export interface FinishedRun extends SealedRun {
  readonly outcome: Outcome & { readonly job: TrainJob };
  readonly rounds: readonly RoundResult[];
  /** Of the final model on the public test set, where there is one. */
  readonly evaluation?: ModelEvaluation;
  /** Rounds, from 0, in which a site moved a number further than an update holds. */
  readonly clamped: readonly number[];
  readonly modelFile: string;
}

/**
 * Evidence, receipt, anchor, page, and the model of a training. Called while the ledger is still up.
 * Throws `job.kind` on a job that counts.
 */
export async function finishRun(outcome: Outcome, power: RunPower = {}): Promise<FinishedRun> {
  const { run, state } = outcome;
  const job = requireTrainJob(outcome.job);
  const sealed = await sealRun(outcome, power);
  const blobs = openFirstStore(run);
  const modelFile = run.resolve('model.safetensors');
  const { bytes: model } = await blobs.get(finalModel(state));
  writeWhole(modelFile, joinModel(await fetchGraph(job, blobs), model));
  const evaluation = evaluationOf(outcome);
  return {
    ...sealed,
    outcome: { ...outcome, job },
    rounds: roundResults(outcome),
    ...(evaluation === undefined ? {} : { evaluation }),
    clamped: clampedRounds(outcome),
    modelFile,
  };
}

/** Evidence, receipt, anchor and page of any run. Called while the ledger is still up. */
export async function sealRun(outcome: Outcome, power: RunPower): Promise<SealedRun> {
  const { run, job, ledger, creator, events, reports } = outcome;
  const gas = await ledger.rounds.gasUsed(events.map(({ transaction }) => transaction));
  const costs = measureCosts(events, reports, gas);
  const blobs = openFirstStore(run);
  const origin = {
    type: 'run' as const,
    run: run.record.id,
    by: creator.account,
    machine: describeMachine(),
    commit: describeCommit(),
  };
  const { evidence, artefacts } = await createRunEvidence({
    job,
    ledger,
    events,
    blobs,
    origin,
    reports,
    costs,
  });
  const energy = measureRunEnergy(outcome, costs, power);
  const { date } = evidence[0]!;
  const record = addressOf(artefacts[0]!);
  const prediction = await proveFinalModel(outcome, blobs, record, { origin, date });
  const records = [
    ...evidence,
    ...(prediction?.evidence ?? []),
    energyEvidence(outcome, costs, energy, evidence, origin),
  ];
  const carried = [...artefacts, ...(prediction?.artefacts ?? [])];
  const unanchored = createReceipt(run.record.id, job, records, carried);
  const position = await ledger.anchors.post(idOfJob(job), unanchored.root, creator);
  const anchor = await signAnchor(unanchored.root, position, creator);
  const receipt: Receipt = { ...unanchored, anchor };

  const receiptFile = run.resolve('receipt.json');
  const pageFile = run.resolve('receipt.html');
  writeWhole(receiptFile, toJson(receipt));
  writeWhole(pageFile, renderReceiptPage(receipt));
  // The program is the runner's own, whatever it takes.
  const trusting = verifiersWithin(Number.POSITIVE_INFINITY);
  const verdicts = await verifyReceipt(JSON.parse(toJson(receipt)), trusting, { blobs });
  const verified = exitCodeOf(verdicts) === 0;
  return {
    ...{ costs, energy, receipt, verdicts, verified, receiptFile, pageFile },
    ...(prediction === undefined ? {} : { prediction }),
  };
}

/**
 * The first aggregator's store, which takes from the others of this run what it lacks: it may have
 * been away when a blob was sent, and a reader who checks the receipt again is pointed to its
 * folder alone.
 */
export function openFirstStore(run: RunDirectory): BlobStore {
  const [first, ...rest] = openRunStores(run) as [FileStore, ...FileStore[]];
  const others = createStoreSet({ stores: rest.map((store) => ({ name: store.directory, store })) });
  return {
    ...first,
    // Every store of the run has what its receipt names.
    async put(blob) {
      for (const store of rest) await store.put(blob);
      return first.put(blob);
    },
    get: (address, options) =>
      first.get(address, options).catch(async (error: unknown) => {
        const content = await others.get(address, options).catch(() => undefined);
        if (content === undefined) throw error;
        await first.put(content);
        return content;
      }),
  };
}

/** Rounds, from 0, in which a site moved a number further than an update holds. */
function clampedRounds({ reports }: Outcome): number[] {
  const rounds = reports.flatMap(({ event }) => (event.type === 'clamped' ? [event.round] : []));
  return [...new Set(rounds)].sort((a, b) => a - b);
}

function evaluationOf({ state, reports }: Outcome): ModelEvaluation | undefined {
  const model = finalModel(state);
  const reported = reports.findLast(({ event }) => event.type === 'evaluated' && event.model === model);
  return reported?.event.type === 'evaluated' ? reported.event.evaluation : undefined;
}

function roundResults({ state, reports }: Outcome): RoundResult[] {
  const accuracy = new Map<number, number>();
  const heldOut = new Map<number, number>();
  for (const { event } of reports) {
    if (event.type === 'evaluated') accuracy.set(event.round, event.evaluation.accuracy);
    if (event.type === 'stepped' && event.heldOut !== undefined)
      heldOut.set(event.round, event.heldOut.correct / event.heldOut.examples);
  }
  return state.rounds.map((round, number) => {
    const measured = accuracy.get(number);
    const own = heldOut.get(number);
    const accepted = acceptedParticipants(round).length;
    return {
      round: number,
      accepted,
      size: round.size,
      ...(measured === undefined ? {} : { accuracy: measured }),
      ...(own === undefined ? {} : { heldOutAccuracy: own }),
    };
  });
}
