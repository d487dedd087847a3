/**
 * The role of an aggregator: stakes its bond, opens rounds, and when it leads, closes collections and
 * posts steps; brings the receipts of what it has included; moves on what is overdue. What it does
 * follows from ledger and blobs, so it can be killed and started again at any time. The one thing that
 * it keeps are the receipts of what it included, on disk before it closes: it answers for them.
 *
 * The next round opens while the last step can still be objected to (docs/specs/round.md §3.4).
 */
import { type Address, pause, UndecidedError } from '@nonet/core';
import { decodeCanonical, encodeCanonical } from '@nonet/core/codec';
import {
  type BlobStore,
  isRefusal,
  type JobState,
  type Move,
  type Posted,
  type Round,
  type StoreReceipt,
} from '@nonet/core/ports';
import { isCollected } from '../rules/attendance.ts';
import { isReceiptSet } from '../rules/judge.ts';
import {
  countSteps,
  currentModel,
  finalModel,
  includedParticipants,
  isOver,
  isStanding,
  leadOf,
} from '../rules/state.ts';
import type { Outbox } from '../site/outbox.ts';
import { fetchModel, type Model } from '../update/modelBlob.ts';
import { computeStep, isUpdateRefusal, type StepBlob, type UpdateOutcome } from '../update/step.ts';
import {
  assertRole,
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
import { createUpdateReader, type UpdateReader } from './updateReader.ts';

export interface AggregatorParameters extends RoleParameters {
  /** The job's stores. */
  readonly store: BlobStore;
  /** Keeps the receipts of what was included, by round. */
  readonly receipts: Outbox;
  /** Opens the first round when so many have joined. Default: the job's smallest cohort. */
  readonly cohort?: number;
  /** Participants to wait for besides those whom the rules await, up to the deadline: a rehearsed return. */
  readonly expected?: (step: number) => readonly number[];
  /** How long what no store serves is looked for before a round closes without it. Default 1,000. */
  readonly patienceMilliseconds?: number;
}

export interface AggregatorResult {
  readonly outcome: RoleOutcome;
  /** The model of the last final round. */
  readonly model: Address;
}

/**
 * Aggregates until the job is complete or over, or the signal aborts. Throws `job.role` unless the signer
 * is one of the job's aggregators, and `job.unknown`, `job.terms`.
 */
export async function runAggregator(parameters: AggregatorParameters): Promise<AggregatorResult> {
  const { job, signer, signal, onEvent, pollMilliseconds = defaultPollMilliseconds } = parameters;
  assertRole(job.aggregators.includes(signer.account), 'an aggregator', parameters);
  const view = await followJob(parameters);
  const work = createWork(parameters);
  while (!signal.aborted) {
    const seen = view.events.length;
    const { state } = view;
    try {
      const outcome = await endOf(parameters, state);
      if (outcome !== undefined) {
        await withdrawStake(parameters, state);
        const model = finalModel(state);
        onEvent?.(outcome === 'complete' ? { type: 'complete', model } : { type: 'over' });
        return { outcome, model };
      }
      // What was posted comes back as a move; nothing more is done on a state that it made old.
      if (!(await work.act(state))) await view.change(seen, pollMilliseconds);
      else await view.change(seen, 4 * pollMilliseconds);
    } catch (cause) {
      if (signal.aborted) break;
      if (!isPassing(cause)) throw cause;
      onEvent?.({ type: 'waiting', because: cause.message });
      await pause(pollMilliseconds, signal);
    }
  }
  return { outcome: 'aborted', model: finalModel(view.state) };
}

async function withdrawStake(parameters: AggregatorParameters, state: JobState): Promise<void> {
  const { signer, job, onEvent } = parameters;
  if (!isStanding(state, signer.account) || job.bond === 0n) return;
  const outcome = await submit(parameters, state, { type: 'withdraw', rounds: [] });
  if (outcome !== undefined && !isRefusal(outcome))
    onEvent?.({ type: 'withdrew', rounds: [], wei: job.bond });
}

function createWork(parameters: AggregatorParameters) {
  const { job, ledger, store, signer, signal, onEvent } = parameters;
  const reader = createUpdateReader({ store, arithmetic: job.arithmetic, signal });
  /** The latest model, so that a round need not read back what the one before wrote. */
  let latest: { address: Address; model: Model } | undefined;
  const closedAt = new Map<number, number>();
  const reported = new Set<string>();
  const rank = job.aggregators.indexOf(signer.account);

  async function post(state: JobState, move: Move): Promise<Posted | undefined> {
    const outcome = await submit(parameters, state, move);
    return outcome === undefined || isRefusal(outcome) ? undefined : outcome;
  }

  /** One thing that is to be done now; false if there is none. */
  async function act(state: JobState): Promise<boolean> {
    const own = state.aggregators[rank]!;
    if (own.status === 'absent' && !state.rounds.some(({ phase }) => phase === 'final')) {
      if ((await post(state, { type: 'stake' })) !== undefined) {
        onEvent?.({ type: 'staked', wei: job.bond });
      }
      return true;
    }
    if (await answerDemands(state)) return true;
    const round = state.rounds.length - 1;
    const current = state.rounds[round];
    if (current === undefined || current.phase === 'void' || current.posted !== undefined) {
      if (await open(state)) return true;
    } else if (leadOf(state) === signer.account) {
      if (current.phase === 'collecting' && (await collect(state, round, current))) return true;
      if (current.phase === 'closing') return close(state, round, current);
      if (current.phase === 'stepping') return step(state, round, current);
    }
    return advanceOverdue(parameters, state, leadOf(state) === signer.account ? 0 : rank + 1);
  }

  async function open(state: JobState): Promise<boolean> {
    const { cohort = job.minParticipants } = parameters;
    const round = state.rounds.length;
    const present = state.participants.filter(({ left }) => !left).length;
    const wanted = round === 0 ? Math.max(cohort, job.minParticipants) : job.minParticipants;
    if (countSteps(state) >= job.rounds || present < wanted || !isStanding(state, signer.account))
      return false;
    // The lead opens; another does so only if the lead does not.
    if (leadOf(state) !== undefined && leadOf(state) !== signer.account && !(await isLeadSilent(state))) {
      return false;
    }
    const posted = await post(state, { type: 'open', round, model: currentModel(state) });
    if (posted !== undefined) {
      onEvent?.({ type: 'opened', round, size: state.participants.length, gas: posted.gas });
    }
    // A round that is proven wrong is repeated, so the latest two are kept.
    reader.forget(round - 1);
    return true;
  }

  let openSince: { round: number; at: number } | undefined;
  /** Whether the lead has not opened the next round for a turn's time. */
  async function isLeadSilent({ rounds, terms }: JobState): Promise<boolean> {
    const at = await ledger.now();
    if (openSince?.round !== rounds.length) openSince = { round: rounds.length, at };
    return at > openSince.at + terms.phases.stepping;
  }

  async function collect(state: JobState, round: number, current: Round): Promise<boolean> {
    const now = await ledger.now();
    const committed = Object.keys(current.commitments).map(Number);
    if (now > current.deadline) return close(state, round, current);
    // Checked while others still train; what is missing now is asked for again at closing.
    await reader.readAll(state, round, committed, Date.now() + 1000 * Math.max(1, current.deadline - now));
    const awaited = parameters.expected?.(current.step) ?? [];
    const all = awaited.every((one) => one >= current.size || current.commitments[one] !== undefined);
    return all && isCollected(state, round, now) ? close(state, round, current) : false;
  }

  async function close(state: JobState, round: number, current: Round): Promise<boolean> {
    const { patienceMilliseconds = 1000 } = parameters;
    const committed = Object.keys(current.commitments).map(Number);
    const until = Date.now() + patienceMilliseconds;
    const outcomes = await reader.readAll(state, round, committed, until);
    const sets = new Map<number, readonly StoreReceipt[]>();
    await Promise.all(
      committed.map(async (participant) => {
        if (outcomes.get(participant) === undefined) return;
        const set = await receiptSet(state.terms, current.commitments[participant]!.blob, until);
        if (set !== undefined) sets.set(participant, set);
      }),
    );
    if (signal.aborted) return false;
    report(round, outcomes);
    const unavailable = committed.filter((participant) => !sets.has(participant)).sort((a, b) => a - b);
    // Before anything is said: whoever includes an update must be able to show its receipts.
    await parameters.receipts.write(round, encodeCanonical([...sets]));
    const posted = await post(state, { type: 'close', round, unavailable });
    closedAt.set(round, performance.now());
    if (posted !== undefined) onEvent?.({ type: 'closed', round, unavailable, gas: posted.gas });
    return true;
  }

  /** Receipts of the first `copies` stores by account; undefined if fewer hold the blob. */
  async function receiptSet(
    terms: JobState['terms'],
    blob: Address,
    untilMilliseconds: number,
  ): Promise<readonly StoreReceipt[] | undefined> {
    const found = await store.receipts(blob, { signal, untilMilliseconds }).catch((cause: unknown) => {
      if (!isPassing(cause) && !signal.aborted) throw cause;
      return [];
    });
    return chooseReceipts(terms, blob, found);
  }

  async function step(state: JobState, round: number, current: Round): Promise<boolean> {
    const started = closedAt.get(round) ?? performance.now();
    const until = await deadlineOf(parameters, current);
    const start = await modelAt(current.model, until);
    const outcomes = await reader.readAll(state, round, includedParticipants(current), until);
    if (signal.aborted) return false;
    report(round, outcomes);
    const unread = [...outcomes].filter(([, outcome]) => outcome === undefined).map(([one]) => one);
    if (unread.length > 0) return demandReceipts(state, round, current, unread);
    const known = outcomes as ReadonlyMap<number, UpdateOutcome>;
    const next = computeStep(start, current, known, job.arithmetic, job.minParticipants);
    // Without an acceptable step the turn passes: too few are accepted, or the average is not finite.
    if (next === undefined) return false;
    const blobs: StepBlob[] = next.partials === undefined ? [next] : [next, next.partials];
    const receipts = (await Promise.all(blobs.map((blob) => publish(state, blob, until)))).flat();
    const { address: model, accepted, refused, partials } = next;
    const posted = await post(state, {
      type: 'step',
      round,
      model,
      refused,
      receipts,
      ...(partials === undefined ? {} : { partials: partials.address }),
    });
    if (posted === undefined) return true;
    latest = { address: model, model: next.model };
    const seconds = (performance.now() - started) / 1000;
    const left = refused.map(({ participant }) => participant);
    onEvent?.({ type: 'stepped', round, model, accepted, refused: left, seconds, gas: posted.gas });
    return true;
  }

  /** Puts a blob into the stores; throws `store.copies` if fewer than `copies` give receipts in time. */
  async function publish(
    { terms }: JobState,
    { bytes, address }: StepBlob,
    untilMilliseconds: number,
  ): Promise<readonly StoreReceipt[]> {
    const { receipts } = await store.put(bytes, { signal, untilMilliseconds });
    const set =
      chooseReceipts(terms, address, receipts) ?? (await receiptSet(terms, address, untilMilliseconds));
    if (set !== undefined) return set;
    throw new UndecidedError({
      code: 'store.copies',
      expected: `receipts of ${terms.copies} stores of the job for ${address}`,
      found: `${receipts.length} that count`,
      hint: 'Are the stores of the job running?',
    });
  }

  async function modelAt(address: Address, untilMilliseconds: number): Promise<Model> {
    if (latest?.address !== address) {
      latest = {
        address,
        model: await fetchModel(store, address, job.arithmetic, { signal, untilMilliseconds }),
      };
    }
    return latest.model;
  }

  async function demandReceipts(
    state: JobState,
    round: number,
    { demands }: Round,
    participants: readonly number[],
  ): Promise<boolean> {
    onEvent?.({ type: 'abstained', round, participants });
    const fresh = participants.filter((participant) => demands[participant] === undefined);
    for (const participant of fresh) await post(state, { type: 'demand', round, participant });
    return fresh.length > 0;
  }

  async function answerDemands(state: JobState): Promise<boolean> {
    for (const [round, current] of state.rounds.entries()) {
      if (isOver(current)) continue;
      for (const [name, { answered, deadline }] of Object.entries(current.demands)) {
        const participant = Number(name);
        if (answered) continue;
        const { blob } = current.commitments[participant]!;
        const until = Date.now() + 1000 * Math.max(1, deadline - (await ledger.now()));
        const kept = await keptReceipts(round, participant);
        const receipts = kept ?? (await receiptSet(state.terms, blob, until));
        if (receipts === undefined || !isReceiptSet(state.terms, blob, receipts)) continue;
        const posted = await post(state, { type: 'answer', round, participant, receipts });
        if (posted !== undefined) onEvent?.({ type: 'answered', round, participant });
        return true;
      }
    }
    return false;
  }

  async function keptReceipts(round: number, participant: number) {
    const bytes = await parameters.receipts.read(round);
    if (bytes === undefined) return undefined;
    const sets = decodeCanonical(bytes) as unknown as readonly [number, readonly StoreReceipt[]][];
    return sets.find(([one]) => one === participant)?.[1];
  }

  function report(round: number, outcomes: Awaited<ReturnType<UpdateReader['readAll']>>): void {
    for (const [participant, outcome] of outcomes) {
      const key = `${round} ${participant}`;
      if (outcome === undefined || !isUpdateRefusal(outcome) || reported.has(key)) continue;
      reported.add(key);
      onEvent?.({ type: 'updateRefused', round, participant, refusal: outcome });
    }
  }

  return { act };
}

/** A receipt set of what stores gave; undefined if too few of the listed ones signed (round.md §1.7). */
export function chooseReceipts(
  terms: Pick<JobState['terms'], 'stores' | 'copies'>,
  blob: Address,
  receipts: readonly StoreReceipt[],
): readonly StoreReceipt[] | undefined {
  const byStore = new Map(receipts.map((receipt) => [receipt.store, receipt]));
  const set = [...byStore.values()]
    .filter((receipt) => isReceiptSet({ stores: terms.stores, copies: 1 }, blob, [receipt]))
    .sort((a, b) => (a.store < b.store ? -1 : 1))
    .slice(0, terms.copies);
  return set.length === terms.copies ? set : undefined;
}
