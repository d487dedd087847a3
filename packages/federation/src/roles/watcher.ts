/**
 * The role of a watcher: recomputes every posted step from ledger and blobs, objects to a wrong one, and says how good each model is on
 * the public test set. Whoever runs it trusts nobody but itself for the aggregate; participants may run it, too.
 *
 * A step is wrong if the model is not the one that follows from the included updates, or if somebody is refused, or accepted, who should
 * not be (docs/specs/update.md §4.4). An update that is nowhere to be found when its round is fixed may be refused even if it turns up later:
 * otherwise a participant could make a watcher object by uploading late.
 */
import { type Address, NonetError, pause, UndecidedError } from '@nonet/core';
import { type BlobStore, isRefusal, type JobEnd, type JobState, type Round } from '@nonet/core/ports';
import { fetchModel, type Model } from '../update/modelBlob.ts';
import { includedParticipants, isComplete } from '../round.ts';
import { computeStep, isUpdateRefusal, objectedStep, type Step, type UpdateOutcome } from '../update/step.ts';
import { domainOf } from '../update/message.ts';
import type { ModelEvaluation } from '../verify/graphEvaluator.ts';
import { defaultPollMilliseconds, followJob, type RoleParameters, submit } from './jobView.ts';
import { createUpdateReader, isUnavailable, type UpdateReader } from './updateReader.ts';

export interface WatcherParameters extends RoleParameters {
  readonly store: BlobStore;
  /** Evaluates a model, a safetensors file, on the public test set. */
  readonly evaluate?: (model: Uint8Array) => Promise<ModelEvaluation>;
  /** How long a blob that no store serves is looked for before it counts as unavailable. Default 2,000. */
  readonly patienceMilliseconds?: number;
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

export interface WatcherResult {
  readonly outcome: 'complete' | 'ended' | 'aborted';
  readonly end?: JobEnd;
  readonly findings: readonly Finding[];
  readonly evaluations: readonly {
    readonly round: number;
    readonly model: Address;
    readonly evaluation: ModelEvaluation;
  }[];
}

/**
 * Watches until the job is complete, has ended, or the signal aborts. An account that is neither watcher nor participant may watch, too, but the
 * ledger refuses its objections. Throws `job.unknown`, `job.terms`.
 */
export async function runWatcher(parameters: WatcherParameters): Promise<WatcherResult> {
  const { job, ledger, store, signal, onEvent, evaluate } = parameters;
  const { pollMilliseconds = defaultPollMilliseconds } = parameters;
  const view = await followJob(parameters);
  const reader = createUpdateReader({ store, vector: job.vector, domain: domainOf(ledger), signal });
  const recompute = createRecomputation(parameters, reader);
  const findings: Finding[] = [];
  const evaluations: WatcherResult['evaluations'][number][] = [];
  /** Models are evaluated one after the other, while the next rounds run. */
  let evaluating: Promise<void> = Promise.resolve();

  function evaluateLater(round: number, { bytes, address: model }: Step): void {
    if (evaluate === undefined) return;
    evaluating = evaluating.then(async () => {
      if (signal.aborted) return;
      const evaluation = await evaluate(bytes);
      evaluations.push({ round, model, evaluation });
      onEvent?.({ type: 'evaluated', round, model, evaluation });
    });
    // Its failure is thrown at the end.
    evaluating.catch(() => {});
  }

  const result = (outcome: WatcherResult['outcome']): WatcherResult => ({
    outcome,
    ...(view.state.end === undefined ? {} : { end: view.state.end }),
    findings,
    evaluations,
  });
  while (!signal.aborted) {
    const seen = view.events.length;
    const { state } = view;
    try {
      await recompute.prepare(state);
      const round = nextUnchecked(state, findings);
      if (round >= 0) {
        const { finding, step } = await recompute.check(state, round);
        findings.push(finding);
        if (finding.agrees && step !== undefined) evaluateLater(round, step);
        continue;
      }
    } catch (cause) {
      if (signal.aborted) break;
      if (!isPassing(cause)) throw cause;
      onEvent?.({ type: 'waiting', because: cause.message });
    }
    if (nextUnchecked(state, findings) < 0 && (isComplete(state) || state.end !== undefined)) {
      await evaluating;
      onEvent?.(
        state.end === undefined
          ? { type: 'complete', model: state.rounds.findLast(({ step }) => step !== undefined)!.step!.model }
          : { type: 'ended', end: state.end },
      );
      return result(state.end === undefined ? 'complete' : 'ended');
    }
    await view.change(seen, pollMilliseconds);
  }
  await evaluating;
  return result('aborted');
}

/** Whether another attempt may succeed: no store, whatever it serves or answers, ends a watch. */
function isPassing(cause: unknown): cause is NonetError {
  return (
    cause instanceof UndecidedError || (cause instanceof NonetError && /^(blob|store)\./.test(cause.code))
  );
}

/** The first stepped round without a finding, or -1. */
function nextUnchecked(state: JobState, findings: readonly Finding[]): number {
  return state.rounds.findIndex(
    ({ step }, round) => step !== undefined && !findings.some((finding) => finding.round === round),
  );
}

function createRecomputation(parameters: WatcherParameters, reader: UpdateReader) {
  const { job, store, signal, onEvent } = parameters;
  const { patienceMilliseconds = 2000, pollMilliseconds = defaultPollMilliseconds } = parameters;
  const minimum = job.minimum;
  let latest: { address: Address; model: Model } | undefined;
  /** Whose updates could not be found when their round was fixed. */
  const missing = new Map<number, readonly number[]>();

  async function modelAt(address: Address): Promise<Model> {
    if (latest?.address !== address) {
      latest = { address, model: await fetchModel(store, address, job.vector, signal) };
    }
    return latest.model;
  }

  /** Reads what the running round commits to, before its step is posted. */
  async function prepare(state: JobState): Promise<void> {
    const round = state.rounds.length - 1;
    const current = state.rounds[round];
    if (current === undefined || current.step !== undefined) return;
    if (current.phase === 'collecting') {
      await reader.readAll(state, round, Object.keys(current.commitments).map(Number));
    }
    if (current.phase !== 'stepping' || missing.has(round)) return;
    const outcomes = await reader.readAll(state, round, includedParticipants(current));
    missing.set(
      round,
      [...outcomes].filter(([, outcome]) => isUnavailable(outcome)).map(([participant]) => participant),
    );
  }

  async function read(state: JobState, round: number): Promise<ReadonlyMap<number, UpdateOutcome>> {
    const current = state.rounds[round]!;
    const claimed = current.step!.refused;
    const late = (missing.get(round) ?? []).filter((participant) => claimed.includes(participant));
    const until = performance.now() + patienceMilliseconds;
    for (;;) {
      const outcomes = new Map(await reader.readAll(state, round, includedParticipants(current)));
      for (const participant of late) {
        if (!isUpdateRefusal(outcomes.get(participant)!)) {
          outcomes.set(participant, {
            refused: 'Unavailable',
            expected: 'the update in a store when the round was fixed',
            found: 'nothing then',
          });
        }
      }
      const lacking = [...outcomes].some(
        ([participant, outcome]) => isUnavailable(outcome) && !claimed.includes(participant),
      );
      if (!lacking || performance.now() > until || signal.aborted) return outcomes;
      await pause(Math.min(pollMilliseconds, patienceMilliseconds / 4), signal);
    }
  }

  async function check(
    state: JobState,
    round: number,
  ): Promise<{ finding: Finding; step: Step | undefined }> {
    const current = state.rounds[round]!;
    const posted = current.step!;
    const started = performance.now();
    const start = await modelAt(current.model).catch((cause: unknown) => {
      if (cause instanceof NonetError && cause.code === 'model.malformed') return undefined;
      throw cause;
    });
    // Only after a wrong step that nobody objected to in time.
    if (start === undefined) {
      const because = 'the round started from a blob that is no model';
      onEvent?.({ type: 'unchecked', round, because });
      const finding = { round, posted: posted.model, expected: undefined, agrees: false, because };
      return { finding, step: undefined };
    }
    const outcomes = await read(state, round);
    const step = computeStep(start, current, outcomes, job.vector, minimum);
    const because = difference(posted, step);
    const base = { round, posted: posted.model, expected: step?.address };
    if (because === undefined) {
      latest = { address: step!.address, model: step!.model };
      // An aggregator that posts the right model and withholds its blob does not stall the next round.
      await keepModel(step!);
      reader.forget(round + 1);
      onEvent?.({
        type: 'checked',
        round,
        model: posted.model,
        seconds: (performance.now() - started) / 1000,
      });
      return { finding: { ...base, agrees: true }, step };
    }
    if (current.phase === 'stepping' && state.end === undefined) {
      await object(round, current, step, because);
    } else onEvent?.({ type: 'unchecked', round, because: `${because}, but it is too late to object` });
    return { finding: { ...base, agrees: false, because }, step };
  }

  /** A store that is full, or away, changes nothing about the finding. */
  async function keepModel({ address, bytes }: Step): Promise<void> {
    try {
      if (!(await store.has(address))) await store.put(bytes);
    } catch (cause) {
      if (!isPassing(cause)) throw cause;
      onEvent?.({ type: 'waiting', because: cause.message });
    }
  }

  async function object(
    round: number,
    current: Round,
    step: Step | undefined,
    because: string,
  ): Promise<void> {
    const right = objectedStep(current, step);
    const outcome = await submit(parameters, { type: 'object', round, ...right });
    if (outcome === undefined || isRefusal(outcome)) {
      onEvent?.({ type: 'unchecked', round, because: `${because}; the objection was not taken` });
      return;
    }
    onEvent?.({ type: 'objected', round, posted: current.step!.model, expected: right.model, because });
  }

  return { prepare, check };
}

function difference(
  posted: { readonly model: Address; readonly refused: readonly number[] },
  step: Step | undefined,
): string | undefined {
  if (step === undefined) return 'too few updates are acceptable, so there should be no step';
  if (posted.refused.join() !== step.refused.join()) {
    return `participants [${step.refused}] should be refused, not [${posted.refused}]`;
  }
  return posted.model === step.address
    ? undefined
    : `the model should be ${step.address}, not ${posted.model}`;
}
