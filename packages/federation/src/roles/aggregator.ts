/**
 * The role of an aggregator: stakes its bond, opens rounds, and when it leads, closes collections
 * and posts steps, in one transaction where it can; brings the receipts of what it has included; moves on what is overdue. What it
 * does follows from ledger and blobs, so it can be killed and started again at any time. The one
 * thing that it keeps are the receipts of what it included, on disk before it closes: it answers
 * for them.
 *
 * The next round opens while the last step can still be objected to (docs/specs/round.md §3.4).
 */
import { type Address, type Content, pause } from '@nonet/core';
import {
  type BlobStore,
  isRefusal,
  type JobState,
  type Move,
  type Phase,
  type Posted,
  type Round,
  type StoreReceipt,
} from '@nonet/core/ports';
import { isMasked } from '@nonet/core/records';
import { isCollected } from '../rules/attendance.ts';
import { reduceRound } from '../rules/round.ts';
import {
  canBeUnmasked,
  candidatesOf,
  countSteps,
  currentModel,
  finalModel,
  isPresentIn,
  isStanding,
  latestRound,
  leadOf,
  repeatedSet,
  stopOf,
} from '../rules/state.ts';
import type { Outbox } from '../site/outbox.ts';
import type { Step } from '../update/step.ts';
import { patienceOf, workBesideDeadlines } from './deadlines.ts';
import { answerDemands, createDemand, createKeptReceipts } from './demands.ts';
import {
  assertRole,
  deadlineOf,
  defaultPollMilliseconds,
  endOf,
  followJob,
  isPassing,
  type JobView,
  type RoleOutcome,
  type RoleParameters,
  withdrawOwed,
  workWhile,
} from './jobView.ts';
import { createModelReader } from './modelReader.ts';
import { createReceiptReader } from './receiptReader.ts';
import { createStepReader } from './stepReader.ts';
import { isRead, type Reading, refusalsIn } from './updateReader.ts';

/** What an aggregator needs besides the job, the ledger and its key. */
export interface AggregatorParameters extends RoleParameters {
  /** The job's stores. */
  readonly store: BlobStore;
  /** Keeps the receipts of what was included, by round. */
  readonly receipts: Outbox;
  /**
   * Opens the first round when so many have joined, or the smallest cohort and no one else for a
   * minute. Default: the job's smallest cohort.
   */
  readonly cohort?: number;
  /**
   * Participants to wait for besides those whom the rules await, up to the deadline: a rehearsed
   * return.
   */
  readonly expected?: (step: number) => readonly number[];
  /**
   * A round closes without what does not come, once nothing has come for so long. Default 1,000.
   */
  readonly patienceMilliseconds?: number;
}

/** How the job ended for an aggregator. */
export interface AggregatorResult {
  readonly outcome: RoleOutcome;
  /** The model of the last final round. */
  readonly model: Address;
}

/**
 * Aggregates until the job is complete or over, or the signal aborts. Throws `job.role` unless the
 * signer is one of the job's aggregators, and `job.unknown`, `job.terms`.
 */
export async function runAggregator(parameters: AggregatorParameters): Promise<AggregatorResult> {
  const { job, signer, onEvent, pollMilliseconds = defaultPollMilliseconds } = parameters;
  assertRole(job.aggregators.includes(signer.account), 'an aggregator', parameters);
  const view = await followJob(parameters);
  const work = createWork(parameters, view);

  const outcome = await workBesideDeadlines(parameters, view, work, async (signal) => {
    while (!signal.aborted) {
      const seen = view.events.length;
      try {
        const outcome = await endOf(parameters, view.state);
        if (outcome !== undefined) return outcome;
        if (!(await work.act(view.state))) await view.change(seen, pollMilliseconds);
      } catch (cause) {
        if (signal.aborted) break;
        if (!isPassing(cause)) throw cause;
        onEvent?.({ type: 'waiting', because: cause.message });
        await pause(pollMilliseconds, signal);
      }
    }
    return 'aborted';
  });
  const model = finalModel(view.state);
  if (outcome !== 'aborted') {
    await withdrawOwed(parameters, view);
    onEvent?.(outcome === 'complete' ? { type: 'complete', model } : { type: 'over' });
  }
  return { outcome, model };
}

/** How long the initial model may take before it is waited for in public. */
const modelMilliseconds = 10_000;
/** Ledger seconds for which a first round that could open waits for one more to join. */
const joinSeconds = 60;
/** How often a round that is about to close looks for what has come. */
const gatherMilliseconds = 50;

/** A step that can be posted. */
interface MadeStep {
  readonly round: number;
  readonly next: Step;
  /** The step, and the opening of the next round where there is one. */
  readonly moves: readonly [Move, ...Move[]];
  /** Participants that ever joined. */
  readonly size: number;
  /** When its set was known: milliseconds of `performance.now()`. */
  readonly started: number;
}

interface Gathered {
  readonly readings: ReadonlyMap<number, Reading>;
  /** Receipt sets of updates that were read, by participant. */
  readonly secured: ReadonlyMap<number, readonly StoreReceipt[]>;
  /** Whether something may still come. */
  readonly pending: boolean;
}

function createWork(parameters: AggregatorParameters, view: JobView) {
  const { job, ledger, store, signer, signal, onEvent } = parameters;
  const { patienceMilliseconds = 1000 } = parameters;
  const reader = createStepReader({ store, job, signal });
  const models = createModelReader(store, job.arithmetic, signal);
  const receipts = createReceiptReader(store, view.state.terms, signal);
  const kept = createKeptReceipts(parameters.receipts);
  const demand = createDemand(parameters, view);
  /** How long a step took from the known set to its signed blobs; undefined before the first. */
  let stepMilliseconds: number | undefined;
  /** The latest round of which no step follows. */
  let stepless = -1;
  /** Whether this aggregator is about to close or to step: its deadline then waits for it. */
  let busy = false;
  const reported = new Set<string>();
  const rank = job.aggregators.indexOf(signer.account);

  async function post(move: Move, ...more: readonly Move[]): Promise<Posted | undefined> {
    const outcome = await view.submit(move, ...more);
    return outcome === undefined || isRefusal(outcome) ? undefined : outcome;
  }

  /** One thing that is to be done now; false if there is none. */
  async function act(state: JobState): Promise<boolean> {
    const own = state.aggregators[rank]!;
    if (own.status === 'absent' && countSteps(state) < job.rounds) return stake(state);
    const round = latestRound(state);
    const current = state.rounds[round];
    // The step of the round before may still be proven wrong, and then its updates are needed
    // again.
    reader.forget(round - 1);
    if (current === undefined || current.phase === 'void' || current.posted !== undefined) return open(state);
    if (leadOf(state) !== signer.account) return false;
    busy = true;
    try {
      if (current.phase === 'collecting') return await collect(state, round, current);
      if (current.phase === 'closing') return await close(state, round, current);
      if (current.phase === 'stepping') return await step(state, round, current);
      if (current.phase === 'opening' && canBeUnmasked(current)) return await step(state, round, current);
      return false;
    } finally {
      busy = false;
    }
  }

  /** Nothing is done twice: a lead leaves its own turn to itself, unless it cannot use it. */
  function placeOf(state: JobState, round: number): number | undefined {
    const current = state.rounds[round]!;
    const ownTurn = ['collecting', 'closing', 'opening', 'stepping'].includes(current.phase);
    if (leadOf(state) !== signer.account) return rank + 1;
    if (!ownTurn) return 0;
    return busy ? undefined : job.aggregators.length + 2;
  }

  async function stake(state: JobState): Promise<boolean> {
    if (stopOf(state, await ledger.now()) !== undefined) return false;
    // A model that its rule does not fit would make a right step look like a lie: no bond before it
    // is read.
    await models.read(state.terms.model, Date.now() + modelMilliseconds);
    if ((await post({ type: 'stake' })) === undefined) return false;
    onEvent?.({ type: 'staked', wei: job.bond });
    return true;
  }

  async function open(state: JobState): Promise<boolean> {
    const { cohort = job.minParticipants } = parameters;
    const round = state.rounds.length;
    const present = isMasked(job.arithmetic) ? candidatesOf(state).length : countPresent(state);
    if (countSteps(state) >= job.rounds || present < job.minParticipants) return false;
    if (!isStanding(state, signer.account)) return false;
    const now = await ledger.now();
    if (stopOf(state, now) !== undefined) return false;
    const latest = view.events.findLast(({ move }) => ['join', 'announce'].includes(move.type))!.at;
    if (round === 0 && present < cohort && now <= latest + joinSeconds) return false;
    // A step whose sum was opened is only repeated for the same participants.
    const awaited = repeatedSet(state, round) ?? [];
    const lacks = awaited.some((participant) => !isPresentIn(state, round, participant));
    if (lacks && now <= latest + state.terms.phases.open) return false;
    // The lead opens; another does so only if the lead does not.
    const lead = leadOf(state);
    if (lead !== undefined && lead !== signer.account && !isLeadSilent(state, now)) return false;
    if ((await post({ type: 'open', round, model: currentModel(state) })) === undefined) return false;
    onEvent?.({ type: 'opened', round, size: state.participants.length });
    return true;
  }

  let openSince: { round: number; at: number } | undefined;
  /** Whether the lead has not opened the next round for a turn's time. */
  function isLeadSilent({ rounds, terms }: JobState, now: number): boolean {
    if (openSince?.round !== rounds.length) openSince = { round: rounds.length, at: now };
    return now > openSince.at + terms.phases.stepping;
  }

  async function collect(state: JobState, round: number, current: Round): Promise<boolean> {
    const now = await ledger.now();
    if (now > current.deadline + patienceOf(state, current)) return close(state, round, current);
    // Read while others still train; what cannot be read is asked for again at closing.
    await gather(state, round, current);
    const awaited = parameters.expected?.(current.step) ?? [];
    const all = awaited.every((one) => one >= current.size || current.commitments[one] !== undefined);
    return all && isCollected(state, round, now) ? close(state, round, current) : false;
  }

  async function close(state: JobState, round: number, current: Round): Promise<boolean> {
    let { readings, secured, pending } = await gather(state, round, current);
    // What still comes is waited for; what hangs is not.
    for (let until = Date.now() + patienceMilliseconds; pending && Date.now() < until; ) {
      if (signal.aborted) return false;
      const before = secured.size;
      await pause(Math.min(patienceMilliseconds, gatherMilliseconds), signal);
      ({ readings, secured, pending } = await gather(state, round, current));
      if (secured.size > before) until = Date.now() + patienceMilliseconds;
    }
    report(round, readings);
    const committed = committedIn(current);
    const unavailable = committed.filter((participant) => !secured.has(participant));
    // Before anything is said: who includes an update must be able to show its receipts.
    await kept.keep(round, secured);
    receipts.forget();
    const move: Move = { type: 'close', round, committed: committed.length, unavailable };
    const made = await makeStepAhead(state, round, move);
    if ((await post(move, ...(made?.moves ?? []))) === undefined) return false;
    onEvent?.({ type: 'closed', round, unavailable });
    if (made !== undefined) tellStep(made);
    return true;
  }

  /**
   * The step that can go along with the move that closes its round: where nothing comes in between,
   * and where the last step took less than half of the time that is left to close in.
   */
  async function makeStepAhead(state: JobState, round: number, close: Move): Promise<MadeStep | undefined> {
    const now = await ledger.now();
    const closed = reduceRound(state, close, signer.account, now);
    if (isRefusal(closed) || closed.rounds[round]!.phase !== 'stepping') return undefined;
    const { phase, deadline } = state.rounds[round]!;
    const collecting = phase === 'collecting';
    const left = Math.max(0, deadline - now) + (collecting ? state.terms.phases.closing : 0);
    if (stepMilliseconds === undefined || 2 * stepMilliseconds > 1000 * left) return undefined;
    try {
      const made = await makeStep(closed, round, phase, Date.now() + 1000 * left);
      return made !== undefined && 'moves' in made ? made : undefined;
    } catch (cause) {
      if (!isPassing(cause)) throw cause;
      return undefined;
    }
  }

  /** What is at hand of the updates of a round: what was read, and what there are receipts of. */
  async function gather(state: JobState, round: number, current: Round): Promise<Gathered> {
    const committed = committedIn(current);
    const readings = await reader.readAll(state, round, committed, Date.now());
    const secured = new Map<number, readonly StoreReceipt[]>();
    let pending = false;
    for (const participant of committed) {
      const reading = readings.get(participant)!;
      if (!isRead(reading)) {
        pending ||= reading === 'reading';
        continue;
      }
      const { found, failure, done } = receipts.peek(current.commitments[participant]!.blob);
      if (failure !== undefined) throw failure;
      if (found !== undefined) secured.set(participant, found);
      pending ||= !done;
    }
    return { readings, secured, pending };
  }

  async function step(state: JobState, round: number, current: Round): Promise<boolean> {
    // Without an acceptable step the turn passes: too few are accepted, or the average is not
    // finite.
    if (stepless === round) return false;
    const made = await makeStep(state, round, current.phase, await deadlineOf(parameters, current));
    if (made === undefined) return false;
    if ('unread' in made) return demand(round, current, made.unread);
    const [first, ...more] = made.moves;
    if ((await post(first, ...more)) === undefined) return false;
    tellStep(made);
    return true;
  }

  /**
   * The step of a round whose set is known in `state`, with its blobs in the stores, and the next
   * opening; or whose updates could not be read in half of the time that is left; undefined without
   * an acceptable step. Made while the ledger has the round in `phase`.
   */
  async function makeStep(
    state: JobState,
    round: number,
    phase: Phase,
    until: number,
  ): Promise<MadeStep | { readonly unread: readonly number[] } | undefined> {
    const started = performance.now();
    const current = state.rounds[round]!;
    const start = await models.read(current.model, halfway(until));
    const reading = await reader.readStep(state, round, start, halfway(until));
    if (signal.aborted) return undefined;
    report(round, reading.readings);
    if ('unread' in reading) return reading;
    if ('lacking' in reading) {
      onEvent?.({ type: 'waiting', because: `round ${round + 1} lacks ${reading.lacking}` });
      return undefined;
    }
    const { step: next } = reading;
    if (next === undefined) {
      stepless = round;
      return undefined;
    }
    const contents: Content[] = next.partials === undefined ? [next] : [next, next.partials];
    const isOurs = (now: JobState) => {
      const before = phase === 'collecting' || phase === 'closing';
      const phases = before ? ['collecting', 'closing'] : ['opening', 'stepping'];
      return phases.includes(now.rounds[round]!.phase) && leadOf(now) === signer.account;
    };
    const signed = await workWhile(parameters, view, isOurs, async (signal) =>
      (await Promise.all(contents.map((content) => receipts.publish(content, signal)))).flat(),
    );
    stepMilliseconds = performance.now() - started;
    const { address: model, refused, partials } = next;
    const step: Move = {
      type: 'step',
      round,
      model,
      refused,
      receipts: signed,
      ...(partials === undefined ? {} : { partials: partials.address }),
    };
    const now = await ledger.now();
    const stepped = reduceRound(state, step, signer.account, now);
    const open: Move = { type: 'open', round: state.rounds.length, model };
    const opens = !isRefusal(stepped) && !isRefusal(reduceRound(stepped, open, signer.account, now));
    return { round, next, moves: opens ? [step, open] : [step], size: state.participants.length, started };
  }

  function tellStep({ round, next, moves, size, started }: MadeStep): void {
    const { address: model, accepted, refused, heldOut } = next;
    models.keep(model, next.model);
    const seconds = (performance.now() - started) / 1000;
    const left = refused.map(({ participant }) => participant);
    const told = heldOut === undefined ? {} : { heldOut };
    onEvent?.({ type: 'stepped', round, model, accepted, refused: left, ...told, seconds });
    const [, opened] = moves;
    if (opened?.type === 'open') onEvent?.({ type: 'opened', round: opened.round, size });
  }

  function report(round: number, readings: ReadonlyMap<number, Reading>): void {
    for (const { participant, refusal } of refusalsIn(readings)) {
      const key = `${round} ${participant}`;
      if (reported.has(key)) continue;
      reported.add(key);
      onEvent?.({ type: 'updateRefused', round, participant, refusal });
    }
  }

  const more = (state: JobState) => answerDemands(parameters, view, state, kept, receipts);

  return { act, placeOf, more };
}

function countPresent({ participants }: JobState): number {
  return participants.filter(({ left }) => !left).length;
}

/** Ascending. */
function committedIn({ commitments }: Round): number[] {
  return Object.keys(commitments)
    .map(Number)
    .sort((a, b) => a - b);
}

/**
 * Between now and a deadline, as milliseconds of `Date.now()`: what cannot be read by then is
 * demanded.
 */
function halfway(untilMilliseconds: number): number {
  return (Date.now() + untilMilliseconds) / 2;
}
