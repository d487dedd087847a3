/**
 * The role of a watcher: recomputes every posted step from ledger and blobs, shows the ledger what is
 * wrong with it, and says how good each model is on the public test set. It trusts nothing but itself
 * for the aggregate; participants may run it, too.
 *
 * What it cannot read it says nothing about: it abstains, and demands the receipts of the aggregator that
 * included it (docs/specs/round.md §7). Absence is no ground for an accusation.
 */
import { type Address, pause } from '@nonet/core';
import {
  type BlobStore,
  isRefusal,
  type JobState,
  type Lie,
  type Posted,
  type PostedStep,
  type Round,
} from '@nonet/core/ports';
import { includedParticipants, isOver } from '../rules/state.ts';
import { findLie } from '../update/lies.ts';
import { decodeModel, fetchModel, type Model, maximumModelBytes } from '../update/modelBlob.ts';
import { computeStep, objectedStep, type Step, type UpdateOutcome } from '../update/step.ts';
import type { ModelEvaluation } from '../verify/graphEvaluator.ts';
import {
  deadlineOf,
  defaultPollMilliseconds,
  endOf,
  followJob,
  isPassing,
  type RoleOutcome,
  type RoleParameters,
  submit,
} from './jobView.ts';
import { advanceOverdue } from './overdue.ts';
import { createUpdateReader } from './updateReader.ts';

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

export interface WatcherResult {
  readonly outcome: RoleOutcome;
  readonly findings: readonly Finding[];
  readonly evaluations: readonly {
    readonly round: number;
    readonly model: Address;
    readonly evaluation: ModelEvaluation;
  }[];
}

/**
 * Watches until the job is complete or over, or the signal aborts. Any account may: a proof is a proof.
 * Throws `job.unknown`, `job.terms`.
 */
export async function runWatcher(parameters: WatcherParameters): Promise<WatcherResult> {
  const { signal, onEvent, pollMilliseconds = defaultPollMilliseconds } = parameters;
  const view = await followJob(parameters);
  const work = createWork(parameters);
  const result = (outcome: RoleOutcome): WatcherResult => ({
    outcome,
    findings: work.findings,
    evaluations: work.evaluations,
  });
  while (!signal.aborted) {
    const seen = view.events.length;
    const { state } = view;
    try {
      const acted = await work.act(state);
      const outcome = await endOf(parameters, state);
      if (outcome !== undefined && !acted) {
        const model = state.rounds.findLast(({ phase }) => phase === 'final')?.posted?.model;
        onEvent?.(
          outcome === 'complete' ? { type: 'complete', model: model ?? state.terms.model } : { type: 'over' },
        );
        return result(outcome);
      }
      await view.change(seen, pollMilliseconds);
    } catch (cause) {
      if (signal.aborted) break;
      if (!isPassing(cause)) throw cause;
      onEvent?.({ type: 'waiting', because: cause.message });
      await pause(pollMilliseconds, signal);
    }
  }
  return result('aborted');
}

function createWork(parameters: WatcherParameters) {
  const { job, store, signal, onEvent, evaluate } = parameters;
  const reader = createUpdateReader({ store, arithmetic: job.arithmetic, signal });
  const findings: Finding[] = [];
  const evaluations: WatcherResult['evaluations'][number][] = [];
  const checked = new Set<number>();
  let latest: { address: Address; model: Model } | undefined;
  // The last in line to move on what is overdue.
  const place = job.aggregators.length + 1;

  /** One thing that is to be done now; false if there is none. */
  async function act(state: JobState): Promise<boolean> {
    for (const [number, round] of state.rounds.entries()) {
      if (await proveSilence(state, number, round)) return true;
      if (round.posted === undefined || checked.has(number)) continue;
      if (await check(state, number, round, round.posted)) return true;
    }
    await prefetch(state);
    return advanceOverdue(parameters, state, place);
  }

  /** Reads what the running round includes while its aggregator still adds it up. */
  async function prefetch(state: JobState): Promise<void> {
    const number = state.rounds.length - 1;
    const round = state.rounds[number];
    if (round?.phase !== 'stepping') return;
    await reader.readAll(state, number, includedParticipants(round), await deadlineOf(parameters, round));
  }

  async function proveSilence(state: JobState, number: number, round: Round): Promise<boolean> {
    const open = Object.entries(round.demands).filter(([, { answered }]) => !answered);
    if (open.length === 0 || isOver(round)) return false;
    const now = await parameters.ledger.now();
    for (const [participant, { deadline }] of open) {
      if (now <= deadline) continue;
      const lie: Lie = { kind: 'silence', participant: Number(participant) };
      const because = `the receipts of participant ${participant} were not shown`;
      if ((await prove(state, number, lie, because)) !== undefined) return true;
    }
    return false;
  }

  async function prove(
    state: JobState,
    round: number,
    lie: Lie,
    because: string,
  ): Promise<Posted | undefined> {
    const outcome = await submit(parameters, state, { type: 'prove', round, lie });
    if (outcome === undefined || isRefusal(outcome)) return undefined;
    onEvent?.({ type: 'proved', round, kind: lie.kind, because, gas: outcome.gas });
    return outcome;
  }

  /** Recomputes one posted step; true if a move was made. */
  async function check(state: JobState, number: number, round: Round, posted: PostedStep): Promise<boolean> {
    const started = performance.now();
    const until = await deadlineOf(parameters, round);
    const start = await modelAt(round.model, until);
    const outcomes = await reader.readAll(state, number, includedParticipants(round), until);
    if (signal.aborted) return false;
    const unread = [...outcomes].filter(([, outcome]) => outcome === undefined).map(([one]) => one);
    if (unread.length > 0) return abstain(state, number, round, unread);
    const known = outcomes as ReadonlyMap<number, UpdateOutcome>;
    const step = computeStep(start, round, known, job.arithmetic, job.minParticipants);
    const because = difference(posted, step);
    const base = { round: number, posted: posted.model, expected: step?.address };
    const next = because === undefined ? step!.bytes : undefined;
    if (because === undefined) {
      const seconds = (performance.now() - started) / 1000;
      latest = { address: step!.address, model: step!.model };
      note({ ...base, agrees: true });
      onEvent?.({ type: 'checked', round: number, model: posted.model, seconds });
    } else {
      note({ ...base, agrees: false, because });
      if (round.phase === 'objecting') return oppose(state, number, round, step, because, until);
      onEvent?.({ type: 'unchecked', round: number, because: `${because}, but the round is over` });
    }
    // A round that is proven wrong is repeated, so the latest two are kept.
    reader.forget(number);
    if (next !== undefined && evaluate !== undefined) await evaluateModel(number, posted.model, next);
    return false;
  }

  function note(finding: Finding): void {
    checked.add(finding.round);
    findings.push(finding);
  }

  /** Demands the receipts of what cannot be read; it is read again as long as the round lasts. */
  async function abstain(
    state: JobState,
    number: number,
    round: Round,
    participants: readonly number[],
  ): Promise<boolean> {
    onEvent?.({ type: 'abstained', round: number, participants });
    if (isOver(round)) {
      checked.add(number);
      const because = `the updates of participants [${participants}] cannot be read`;
      onEvent?.({ type: 'unchecked', round: number, because });
      return false;
    }
    let demanded = false;
    for (const participant of participants.filter((one) => round.demands[one] === undefined)) {
      const outcome = await submit(parameters, state, { type: 'demand', round: number, participant });
      demanded ||= outcome !== undefined && !isRefusal(outcome);
    }
    return demanded;
  }

  /** Shows the ledger what is wrong; where it cannot judge, objects with a bond. */
  async function oppose(
    state: JobState,
    number: number,
    round: Round,
    step: Step | undefined,
    because: string,
    untilMilliseconds: number,
  ): Promise<boolean> {
    if (state.terms.rule === undefined) return object(state, number, round, step, because);
    const lie = await findShownLie(state, number, round, untilMilliseconds);
    if (lie === undefined) {
      // For a step that only names another true reason: its model is the right one.
      onEvent?.({ type: 'unchecked', round: number, because: `${because}, of which nothing can be shown` });
      return false;
    }
    return (await prove(state, number, lie, because)) !== undefined;
  }

  async function findShownLie(state: JobState, number: number, round: Round, untilMilliseconds: number) {
    const bounds = { signal, untilMilliseconds };
    const read = (blob: Address) => store.get(blob, bounds);
    const updates = new Map<number, Uint8Array>();
    for (const participant of includedParticipants(round)) {
      updates.set(participant, await read(round.commitments[participant]!.blob));
    }
    const posted = round.posted!;
    return findLie({
      state,
      round: number,
      arithmetic: job.arithmetic,
      start: await store.get(round.model, { ...bounds, maximumBytes: maximumModelBytes(job.arithmetic) }),
      next: await read(posted.model),
      ...(posted.partials === undefined ? {} : { partials: await read(posted.partials) }),
      updates,
    });
  }

  async function object(
    state: JobState,
    number: number,
    round: Round,
    step: Step | undefined,
    because: string,
  ): Promise<boolean> {
    const right = objectedStep(round, step);
    const outcome = await submit(parameters, state, { type: 'object', round: number, ...right });
    if (outcome === undefined || isRefusal(outcome)) {
      onEvent?.({ type: 'unchecked', round: number, because: `${because}; the objection was not taken` });
      return false;
    }
    const posted = round.posted!.model;
    onEvent?.({ type: 'objected', round: number, posted, expected: right.model, because });
    return true;
  }

  async function modelAt(address: Address, untilMilliseconds: number): Promise<Model> {
    if (latest?.address !== address) {
      const model = await fetchModel(store, address, job.arithmetic, { signal, untilMilliseconds });
      latest = { address, model };
    }
    return latest.model;
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
