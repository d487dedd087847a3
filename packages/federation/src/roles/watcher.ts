/**
 * The role of a watcher: recomputes every posted step from ledger and blobs, shows the ledger what
 * is wrong with it, and says how good each model is on the public test set. It trusts nothing but
 * itself for the aggregate; participants may run it, too.
 *
 * What it cannot read it says nothing about: it abstains, and demands the receipts of the
 * aggregator that included it (docs/specs/round.md §7). Absence is no ground for an accusation.
 */
import type { Address } from '@nonet/core';
import type { BlobStore, JobState, PostedStep, Round } from '@nonet/core/ports';
import { finalModel, includedParticipants, isOver, latestRound } from '../rules/state.ts';
import { decodeModel } from '../update/modelBlob.ts';
import type { Step } from '../update/step.ts';
import type { ModelEvaluation } from '../verify/graphEvaluator.ts';
import { workBesideDeadlines } from './deadlines.ts';
import { createDemand } from './demands.ts';
import {
  deadlineOf,
  defaultPollMilliseconds,
  endOf,
  followJob,
  isPassing,
  type JobView,
  type RoleOutcome,
  type RoleParameters,
  withdrawOwed,
} from './jobView.ts';
import { createModelReader } from './modelReader.ts';
import { oppose } from './opposition.ts';
import { createStepReader } from './stepReader.ts';

/** What a watcher needs besides the job, the ledger and its key. */
export interface WatcherParameters extends RoleParameters {
  /** The job's stores, with the watcher's own among them. */
  readonly store: BlobStore;
  /** Evaluates a model, a safetensors file, on the public test set. */
  readonly evaluate?: (model: Uint8Array) => Promise<ModelEvaluation>;
}

/** What recomputing one step showed. */
export interface Finding {
  readonly round: number;
  readonly posted: Address;
  /** The model that should have been posted; undefined if nothing should have been. */
  readonly expected: Address | undefined;
  readonly agrees: boolean;
  /** In plain words, where it does not agree. */
  readonly because?: string;
}

/** How the job ended for a watcher, and what it saw. */
export interface WatcherResult {
  readonly outcome: RoleOutcome;
  /** One for each step that it could compute again. */
  readonly findings: readonly Finding[];
  readonly evaluations: readonly {
    readonly round: number;
    readonly model: Address;
    readonly evaluation: ModelEvaluation;
  }[];
}

/**
 * Watches until the job is complete or over, or the signal aborts, and takes what its proofs have
 * earned. Any account may: a proof is a proof. Throws `job.unknown`, `job.terms`.
 */
export async function runWatcher(parameters: WatcherParameters): Promise<WatcherResult> {
  const { job, onEvent, pollMilliseconds = defaultPollMilliseconds } = parameters;
  const view = await followJob(parameters);
  const work = createWork(parameters, view);
  // The last in line to move on what is overdue.
  const duties = { placeOf: () => job.aggregators.length + 1 };
  const outcome = await workBesideDeadlines(parameters, view, duties, async (signal) => {
    while (!signal.aborted) {
      const seen = view.events.length;
      const { state } = view;
      const acted = await work.act(state);
      const outcome = acted ? undefined : await endOf(parameters, state);
      if (outcome !== undefined) return outcome;
      if (!acted) await view.change(seen, pollMilliseconds);
    }
    return 'aborted';
  });
  if (outcome !== 'aborted') {
    await withdrawOwed(parameters, view);
    const model = finalModel(view.state);
    onEvent?.(outcome === 'complete' ? { type: 'complete', model } : { type: 'over' });
  }
  return { outcome, findings: [...work.findings.values()], evaluations: work.evaluations };
}

function createWork(parameters: WatcherParameters, view: JobView) {
  const { job, store, signal, onEvent, evaluate } = parameters;
  const reader = createStepReader({ store, job, signal });
  const findings = new Map<number, Finding>();
  const evaluations: WatcherResult['evaluations'][number][] = [];
  const checked = new Set<number>();
  /** Rounds of which not everything could be read at first: no other round waits for them again. */
  const unread = new Set<number>();
  const models = createModelReader(store, job.arithmetic, signal);
  const demand = createDemand(parameters, view);

  /** Looks at every step that was not checked yet; true if a move was made. */
  async function act(state: JobState): Promise<boolean> {
    for (const [number, round] of state.rounds.entries()) {
      // A step that was objected to may be made again (docs/specs/round.md §12.8).
      if (round.posted === undefined) checked.delete(number);
      if (round.posted === undefined || round.phase === 'void' || checked.has(number)) continue;
      try {
        if (await check(state, number, round, round.posted)) return true;
      } catch (cause) {
        // A model that no store serves now keeps no other round from being checked.
        if (signal.aborted) return false;
        if (!isPassing(cause)) throw cause;
        if (isOver(round)) giveUp(number, cause.message);
        else onEvent?.({ type: 'waiting', because: cause.message });
      }
    }
    await prefetch(state);
    return false;
  }

  /**
   * Reads what was committed to in the running round while its aggregator still collects and adds
   * up.
   */
  async function prefetch(state: JobState): Promise<void> {
    const number = latestRound(state);
    const round = state.rounds[number];
    if (round !== undefined && !isOver(round) && round.posted === undefined) {
      await reader.readAll(state, number, includedParticipants(round), Date.now());
    }
    // A round that is proven wrong is repeated, so the latest two are kept.
    reader.forget(number - 1);
  }

  function giveUp(round: number, because: string): void {
    checked.add(round);
    onEvent?.({ type: 'unchecked', round, because });
  }

  /** Recomputes one posted step; true if a move was made. */
  async function check(state: JobState, number: number, round: Round, posted: PostedStep): Promise<boolean> {
    const started = performance.now();
    const until = await deadlineOf(parameters, round);
    // Half of the time is for reading, the rest to show what is wrong.
    const half = isOver(round) ? until : (Date.now() + until) / 2;
    const start = await models.read(round.model, half);
    const reading = await reader.readStep(state, number, start, unread.has(number) ? Date.now() : half);
    if (signal.aborted) return false;
    if ('unread' in reading) return abstain(number, round, reading.unread);
    if ('lacking' in reading) {
      if (isOver(round)) giveUp(number, `it lacks ${reading.lacking}`);
      return false;
    }
    const { step } = reading;
    const because = difference(posted, step);
    const base = { round: number, posted: posted.model, expected: step?.address };
    if (because === undefined) {
      const seconds = (performance.now() - started) / 1000;
      models.keep(step!.address, step!.model);
      findings.set(number, { ...base, agrees: true });
      checked.add(number);
      onEvent?.({ type: 'checked', round: number, model: posted.model, seconds });
      if (evaluate !== undefined) await evaluateModel(number, posted.model, step!.bytes);
      return false;
    }
    findings.set(number, { ...base, agrees: false, because });
    if (isOver(round)) {
      giveUp(number, `${because}, but the round is over`);
      return false;
    }
    const acted = await oppose(parameters, view, state, { number, round, right: step, because }, until);
    checked.add(number);
    return acted;
  }

  /** Demands the receipts of what cannot be read; it is read again as long as the round lasts. */
  async function abstain(number: number, round: Round, participants: readonly number[]): Promise<boolean> {
    if (isOver(round)) {
      giveUp(number, `the updates of participants [${participants}] cannot be read`);
      return false;
    }
    unread.add(number);
    return demand(number, round, participants);
  }

  async function evaluateModel(round: number, model: Address, bytes: Uint8Array): Promise<void> {
    decodeModel(bytes, job.arithmetic);
    const evaluation = await evaluate!(bytes);
    evaluations.push({ round, model, evaluation });
    onEvent?.({ type: 'evaluated', round, model, evaluation });
  }

  return { act, findings, evaluations };
}

function difference(posted: PostedStep, step: Step | undefined): string | undefined {
  if (step === undefined) return 'no step follows from the updates, so there should be none';
  if (JSON.stringify(posted.refused) !== JSON.stringify(step.refused)) {
    const list = (refused: PostedStep['refused']) =>
      refused.map(({ participant, reason }) => `${participant} (${reason})`).join(', ') || 'none';
    return `refused should be ${list(step.refused)}, not ${list(posted.refused)}`;
  }
  if (posted.model !== step.address) return `the model should be ${step.address}, not ${posted.model}`;
  return posted.partials === step.partials?.address
    ? undefined
    : `the partial sums should be ${step.partials?.address}, not ${posted.partials}`;
}
