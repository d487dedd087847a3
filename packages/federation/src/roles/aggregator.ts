/**
 * The role of an aggregator: opens rounds, waits for the awaited, names what is unavailable, posts the step and moves overdue rounds on. It
 * has no memory of its own: whatever it does follows from ledger and blobs, so that it can be killed and started again, and another
 * aggregator of the job can take its place at any time. Two at once do no harm: the ledger takes the first.
 *
 * The next round opens while the last step can still be objected to (docs/specs/round.md §3.3).
 */
import { type Address, NonetError, pause, UndecidedError } from '@nonet/core';
import { type BlobStore, isRefusal, type JobEnd, type JobState } from '@nonet/core/ports';
import { fetchModel, type Model } from '../update/modelBlob.ts';
import { countSteps, currentModel, includedParticipants, isCollected, isComplete } from '../round.ts';
import { computeStep, isUpdateRefusal } from '../update/step.ts';
import { domainOf } from '../update/message.ts';
import {
  assertRole,
  defaultPollMilliseconds,
  followJob,
  outlast,
  type RoleParameters,
  submit,
} from './jobView.ts';
import { createUpdateReader, isUnavailable, type UpdateReader } from './updateReader.ts';

export interface AggregatorParameters extends RoleParameters {
  readonly store: BlobStore;
  /** Opens the first round when so many have joined. Default: the job's minimum. */
  readonly cohort?: number;
  /** Participants to wait for besides those whom the rules await, up to the deadline: a rehearsed return. */
  readonly expected?: (round: number) => readonly number[];
  /** How long a blob that no store serves is looked for before a round closes without it. Default 1,000. */
  readonly patienceMilliseconds?: number;
}

export interface AggregatorResult {
  readonly outcome: 'complete' | 'ended' | 'aborted';
  readonly end?: JobEnd;
  /** Of the last step. */
  readonly model: Address;
}

/**
 * Aggregates until the job is complete, has ended, or the signal aborts. Throws `job.role` unless the signer is one of the job's aggregators, and
 * `job.unknown`, `job.terms`.
 */
export async function runAggregator(parameters: AggregatorParameters): Promise<AggregatorResult> {
  const { job, ledger, store, signer, signal, onEvent } = parameters;
  const { pollMilliseconds = defaultPollMilliseconds } = parameters;
  assertRole(job.aggregators.includes(signer.account), 'an aggregator', parameters);
  const view = await followJob(parameters);
  const reader = createUpdateReader({ store, vector: job.vector, domain: domainOf(ledger), signal });
  const work = createRoundWork(parameters, reader);
  const result = (outcome: AggregatorResult['outcome']): AggregatorResult => ({
    outcome,
    ...(view.state.end === undefined ? {} : { end: view.state.end }),
    model: currentModel(view.state),
  });
  while (!signal.aborted) {
    const seen = view.events.length;
    const { state } = view;
    if (isComplete(state)) {
      onEvent?.({ type: 'complete', model: currentModel(state) });
      return result('complete');
    }
    const over = state.rounds.every(({ phase }) => phase === 'final' || phase === 'void');
    if (state.end !== undefined && over) {
      onEvent?.({ type: 'ended', end: state.end });
      return result('ended');
    }
    try {
      // What was posted comes back as a move; nothing more is done on a state that it made old.
      if (!(await work.advanceOverdue(state)) && state.end === undefined) await work.act(state);
      await view.change(seen, pollMilliseconds);
    } catch (cause) {
      if (signal.aborted) break;
      if (
        !(cause instanceof UndecidedError) &&
        !(cause instanceof NonetError && /^(blob|model|store)\./.test(cause.code))
      )
        throw cause;
      onEvent?.({ type: 'waiting', because: cause.message });
      await pause(pollMilliseconds, signal);
    }
  }
  return result('aborted');
}

function createRoundWork(parameters: AggregatorParameters, reader: UpdateReader) {
  const { job, ledger, store, signal, onEvent, expected, cohort = job.minimum } = parameters;
  const { patienceMilliseconds = 1000, pollMilliseconds = defaultPollMilliseconds } = parameters;
  /** The latest model, so that a round need not read back what the one before wrote. */
  let latest: { address: Address; model: Model } | undefined;
  const closedAt = new Map<number, number>();
  const reported = new Set<string>();

  async function modelAt(address: Address): Promise<Model> {
    if (latest?.address !== address) {
      latest = { address, model: await fetchModel(store, address, job.vector, signal) };
    }
    return latest.model;
  }

  /** Rounds whose deadline has passed go on without anybody's help but this. */
  async function advanceOverdue(state: JobState): Promise<boolean> {
    const waiting = [...state.rounds.entries()].filter(
      ([, { phase }]) => phase !== 'final' && phase !== 'void',
    );
    if (waiting.length === 0) return false;
    const now = await outlast(parameters, () => ledger.now());
    if (now === undefined) return false;
    let acted = false;
    for (const [round, { phase, deadline }] of waiting) {
      if (now <= deadline) continue;
      // An overdue collection is closed by this aggregator, who also says what is unavailable.
      if (phase === 'collecting') acted = (await close(state, round)) || acted;
      else {
        const outcome = await submit(parameters, { type: 'advance', round });
        if (outcome !== undefined && !isRefusal(outcome)) {
          onEvent?.({ type: 'advanced', round, from: phase, gas: outcome.gas });
        }
        acted = true;
      }
    }
    return acted;
  }

  async function act(state: JobState): Promise<boolean> {
    const round = state.rounds.length - 1;
    const current = state.rounds[round];
    if (current === undefined || current.step !== undefined || current.phase === 'void') return open(state);
    switch (current.phase) {
      case 'collecting': {
        // Checked while others still train; what is missing now is asked for again at closing.
        const committed = Object.keys(current.commitments).map(Number);
        await reader.readAll(state, round, committed);
        const awaited = expected?.(round) ?? [];
        const all = awaited.every(
          (number) => number >= current.size || current.commitments[number] !== undefined,
        );
        return all && isCollected(state, round) ? close(state, round) : false;
      }
      case 'stepping':
        return step(state, round);
      default:
        return false;
    }
  }

  async function open(state: JobState): Promise<boolean> {
    const round = state.rounds.length;
    if (countSteps(state) >= job.rounds) return false;
    if (state.participants.length < (round === 0 ? Math.max(cohort, job.minimum) : job.minimum)) return false;
    const outcome = await submit(parameters, { type: 'open', round, model: currentModel(state) });
    if (outcome !== undefined && !isRefusal(outcome)) {
      onEvent?.({ type: 'opened', round, size: state.participants.length, gas: outcome.gas });
    }
    reader.forget(round - 1);
    return true;
  }

  /** What no store serves at the first attempt is asked for again: whoever is left out for it loses the round. */
  async function readPatiently(state: JobState, round: number, participants: readonly number[]) {
    const until = performance.now() + patienceMilliseconds;
    for (;;) {
      const outcomes = await reader.readAll(state, round, participants);
      report(round, outcomes);
      const lacking = [...outcomes.values()].some(isUnavailable);
      if (!lacking || performance.now() > until || signal.aborted) return outcomes;
      await pause(Math.min(pollMilliseconds, patienceMilliseconds / 4), signal);
    }
  }

  async function close(state: JobState, round: number): Promise<boolean> {
    const committed = Object.keys(state.rounds[round]!.commitments).map(Number);
    const outcomes = await readPatiently(state, round, committed);
    if (signal.aborted) return false;
    const unavailable = committed
      .filter((participant) => isUnavailable(outcomes.get(participant)!))
      .sort((a, b) => a - b);
    const outcome = await submit(parameters, { type: 'close', round, unavailable });
    closedAt.set(round, performance.now());
    if (outcome !== undefined && !isRefusal(outcome)) {
      onEvent?.({ type: 'closed', round, unavailable, gas: outcome.gas });
    }
    return true;
  }

  async function step(state: JobState, round: number): Promise<boolean> {
    const current = state.rounds[round]!;
    const started = closedAt.get(round) ?? performance.now();
    const start = await modelAt(current.model);
    const outcomes = await readPatiently(state, round, includedParticipants(current));
    if (signal.aborted) return false;
    const next = computeStep(start, current, outcomes, job.vector, job.minimum);
    // With too few accepted there is no step: the round becomes void at its deadline.
    if (next === undefined) return false;
    await store.put(next.bytes);
    const { address: model, accepted, refused } = next;
    const outcome = await submit(parameters, { type: 'step', round, model, refused });
    if (outcome !== undefined && !isRefusal(outcome)) {
      latest = { address: model, model: next.model };
      const seconds = (performance.now() - started) / 1000;
      onEvent?.({ type: 'stepped', round, model, accepted, refused, seconds, gas: outcome.gas });
    }
    return true;
  }

  function report(round: number, outcomes: Awaited<ReturnType<UpdateReader['readAll']>>): void {
    for (const [participant, outcome] of outcomes) {
      const key = `${round} ${participant}`;
      if (!isUpdateRefusal(outcome) || reported.has(key)) continue;
      reported.add(key);
      onEvent?.({ type: 'updateRefused', round, participant, refusal: outcome });
    }
  }

  return { advanceOverdue, act };
}
