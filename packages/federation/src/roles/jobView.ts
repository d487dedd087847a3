/**
 * A job as one role sees it: the fold of the reducer over the ledger's moves, kept current. A
 * ledger that goes away is waited for; one that accepts a move which the rules refuse is not
 * followed any further.
 */
import { type Address, MisuseError, NonetError, pause, UndecidedError } from '@nonet/core';
import type { Signer } from '@nonet/core/identity';
import {
  isRefusal,
  type JobState,
  type JobTerms,
  jobIdOf,
  type Ledger,
  type LedgerEvent,
  type Move,
  type Posted,
  type Refusal,
  type Round,
} from '@nonet/core/ports';
import { type RoundJob, termsOf, toJson } from '@nonet/core/records';
import { followersJudge } from '../rules/judge.ts';
import { owedTo, paysTo } from '../rules/money.ts';
import { reduceRound, weiOf } from '../rules/round.ts';
import { createJobState, endOfPhase, isComplete, isJobOver, numberOf } from '../rules/state.ts';
import type { OnEvent } from './events.ts';

/** What every role needs. */
export interface RoleParameters {
  readonly ledger: Ledger;
  readonly job: RoundJob;
  readonly signer: Signer;
  /** Stops the role: it returns what it has done so far. */
  readonly signal: AbortSignal;
  readonly onEvent?: OnEvent;
  /** How often deadlines are looked at and outages retried. Default 250. */
  readonly pollMilliseconds?: number;
}

export const defaultPollMilliseconds = 250;

/** How a role ended: the wanted rounds are final; no further round can open; the signal aborted. */
export type RoleOutcome = 'complete' | 'over' | 'aborted';

export interface JobView {
  readonly state: JobState;
  /** All moves so far. */
  readonly events: readonly LedgerEvent[];
  /**
   * Resolves when there are more moves than `seen`, after `milliseconds`, or when the signal
   * aborts. Throws what following threw.
   */
  change(seen: number, milliseconds: number): Promise<void>;
  /**
   * Submits a move, with the wei that it has to bring, through outages, and waits until the state
   * knows it, so that nothing is done twice. With `more`, which bring no wei: all in one
   * transaction, or none. A move that went through just before an outage is refused as `Repeated`
   * or `WrongPhase` the second time: refusals are for the caller to judge. Undefined only when the
   * signal aborted.
   */
  submit(move: Move, ...more: readonly Move[]): Promise<Posted | Refusal | undefined>;
}

/** How long a move that is in a block may take to show up among the moves that are followed. */
const echoMilliseconds = 10_000;

/**
 * Follows the job until the signal aborts; resolves once it has caught up with the ledger. Throws
 * `job.unknown` and `job.terms` unless the ledger holds this job as its record says.
 */
export async function followJob(parameters: RoleParameters): Promise<JobView> {
  const { ledger, job, signer, signal, onEvent } = parameters;
  const { pollMilliseconds = defaultPollMilliseconds } = parameters;
  const terms = await retry(parameters, () => readTerms(ledger, job));
  if (terms === undefined) {
    const state = createJobState(termsOf(job), ledger);
    return { state, events: [], change: async () => {}, submit: async () => undefined };
  }
  const id = jobIdOf(terms);
  // Acting on less than the ledger holds by now would redo work of rounds long over.
  const known = (await retry(parameters, () => ledger.rounds.moves(id)))?.length ?? 0;
  const following = takePart(parameters, terms);

  const view: JobView = {
    get state() {
      return following.state;
    },
    get events() {
      return following.events;
    },
    async change(seen, milliseconds) {
      if (following.failure !== undefined) throw following.failure;
      if (following.events.length > seen) return;
      await new Promise<void>((resolve) => {
        const done = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', done);
          following.waiting.delete(done);
          resolve();
        };
        const timer = setTimeout(done, milliseconds);
        signal.addEventListener('abort', done);
        following.waiting.add(done);
        if (signal.aborted) done();
      });
      if (following.failure !== undefined) throw following.failure;
    },
    async submit(move, ...more) {
      const wei = weiOf(view.state, move);
      const outcome = await retry(parameters, () =>
        more.length === 0
          ? ledger.rounds.submit(id, move, signer, wei)
          : ledger.rounds.submitAll(id, [move, ...more], signer),
      );
      if (outcome === undefined) return undefined;
      if (isRefusal(outcome)) onEvent?.({ type: 'moveRefused', move, refusal: outcome });
      else await untilFollowed(outcome, 1 + more.length);
      return outcome;
    },
  };
  async function untilFollowed({ transaction }: Posted, moves: number): Promise<void> {
    const until = Date.now() + echoMilliseconds;
    while (!signal.aborted && Date.now() < until) {
      const seen = view.events.length;
      if (view.events.filter((event) => event.transaction === transaction).length >= moves) return;
      await view.change(seen, until - Date.now());
    }
  }

  while (view.events.length < known && !signal.aborted) {
    await view.change(view.events.length, pollMilliseconds);
  }
  return view;
}

/** The fold of a job's moves, once for all roles of a process that share a client of the ledger. */
interface Following {
  state: JobState;
  events: readonly LedgerEvent[];
  /** Why it goes on no more, though roles follow. */
  failure: unknown;
  /** Woken by each move. */
  readonly waiting: Set<() => void>;
  readonly roles: Set<RoleParameters>;
  readonly stop: AbortController;
}

const followings = new WeakMap<Ledger, Map<Address, Following>>();

/** Joins those who follow the job, or is the first, until the signal aborts. */
function takePart(parameters: RoleParameters, terms: JobTerms): Following {
  const { ledger, signal } = parameters;
  const id = jobIdOf(terms);
  const jobs = followings.get(ledger) ?? new Map<Address, Following>();
  followings.set(ledger, jobs);
  const known = jobs.get(id);
  const following: Following =
    known?.stop.signal.aborted === false
      ? known
      : {
          state: createJobState(terms, ledger),
          events: [],
          failure: undefined,
          waiting: new Set(),
          roles: new Set(),
          stop: new AbortController(),
        };
  following.roles.add(parameters);
  const leave = () => {
    following.roles.delete(parameters);
    if (following.roles.size === 0) following.stop.abort();
  };
  signal.addEventListener('abort', leave, { once: true });
  if (signal.aborted) leave();
  if (following !== known) {
    jobs.set(id, following);
    void follow(following, ledger, terms).finally(() => {
      if (jobs.get(id) === following) jobs.delete(id);
    });
  }
  return following;
}

async function follow(following: Following, ledger: Ledger, terms: JobTerms): Promise<void> {
  const { signal } = following.stop;
  const wake = () => {
    for (const done of following.waiting) done();
  };
  while (!signal.aborted) {
    try {
      await fold(following, ledger, terms, wake);
      return;
    } catch (cause) {
      if (signal.aborted) return;
      if (!isOutage(cause)) {
        following.failure = cause;
        wake();
        return;
      }
      const { message } = cause;
      for (const { onEvent } of following.roles) onEvent?.({ type: 'waiting', because: message });
      const polls = [...following.roles].map(
        ({ pollMilliseconds = defaultPollMilliseconds }) => pollMilliseconds,
      );
      await pause(Math.min(...polls), signal);
    }
  }
}

/**
 * From the first move again after each outage: what was folded before is replaced once it is passed,
 * or once the ledger shows another history.
 */
async function fold(following: Following, ledger: Ledger, terms: JobTerms, wake: () => void): Promise<void> {
  const before = following.events;
  let next = createJobState(terms, ledger);
  const moves: LedgerEvent[] = [];
  for await (const event of ledger.rounds.follow(jobIdOf(terms), following.stop.signal)) {
    const outcome = reduceRound(next, event.move, event.by, event.at, followersJudge);
    if (isRefusal(outcome)) throw brokenRules(event, outcome);
    next = outcome;
    moves.push(event);
    const known = before[moves.length - 1];
    if (following.events === before && known !== undefined && known.transaction === event.transaction)
      continue;
    following.state = next;
    following.events = moves;
    wake();
  }
}

function brokenRules({ move, block }: LedgerEvent, refusal: Refusal): NonetError {
  return new NonetError({
    code: 'ledger.rules',
    expected: `${move.type} in block ${block} to be refused with ${refusal.refused}`,
    found: 'a ledger that accepted it',
    hint: 'This ledger does not keep the rules of a round; do not use it.',
  });
}

/**
 * Throws `job.unknown` or `job.terms`: who takes part checks what the ledger was told (round.md
 * §1.1).
 */
async function readTerms(ledger: Ledger, job: RoundJob): Promise<JobTerms> {
  const expected = termsOf(job);
  const id = jobIdOf(expected);
  const found = await ledger.jobs.read(id);
  if (found === undefined) {
    throw new NonetError({
      code: 'job.unknown',
      expected: `job ${id} on the ledger`,
      found: 'no such job',
      hint: 'Is this the right ledger? The job must be created there first.',
    });
  }
  for (const field of Object.keys({ ...found, ...expected }) as (keyof JobTerms)[]) {
    if (toJson(sorted(found[field])) === toJson(sorted(expected[field]))) continue;
    throw new NonetError({
      code: 'job.terms',
      expected: `the ledger to hold ${field} as in the job record: ${toJson(expected[field])}`,
      found: toJson(found[field]) ?? 'nothing',
      hint: 'Do not take part: the ledger was told something else than the job says.',
    });
  }
  return found;
}

/** Objects with their fields in one order. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Repeats while ledger or store are out of reach; undefined only when the signal aborted. */
export async function retry<T>(
  { signal, onEvent, pollMilliseconds = defaultPollMilliseconds }: RoleParameters,
  attempt: () => Promise<T>,
): Promise<T | undefined> {
  for (let wait = pollMilliseconds; !signal.aborted; wait = Math.min(2 * wait, 5000)) {
    try {
      return await attempt();
    } catch (cause) {
      if (signal.aborted) return undefined;
      if (!isOutage(cause)) throw cause;
      onEvent?.({ type: 'waiting', because: cause.message });
      await pause(wait, signal);
    }
  }
  return undefined;
}

/**
 * Takes what the ledger owes to this account: shares of final rounds, rewards, and the stake once
 * the job is over. Wei.
 */
export async function withdrawOwed(parameters: RoleParameters, { state, submit }: JobView): Promise<bigint> {
  const { ledger, signer, onEvent } = parameters;
  const now = await retry(parameters, () => ledger.now());
  if (now === undefined) return 0n;
  const participant = numberOf(state, signer.account);
  const rounds = [...state.rounds.keys()].filter((round) => paysTo(state, state.rounds[round]!, participant));
  const wei = owedTo(state, rounds, signer.account, now);
  if (wei === 0n) return 0n;
  const outcome = await submit({ type: 'withdraw', rounds });
  if (outcome === undefined || isRefusal(outcome)) return 0n;
  onEvent?.({ type: 'withdrew', rounds, wei });
  return wei;
}

/**
 * Runs `work` as long as `holds` says so of the job's state, however long that is: a deadline lets
 * others go on, and until one does, what comes late still counts (docs/specs/round.md §1.5). Then
 * the signal of the work aborts, and `round.passed` (undecided) is thrown.
 */
export async function workWhile<T>(
  { signal, pollMilliseconds = defaultPollMilliseconds }: RoleParameters,
  view: JobView,
  holds: (state: JobState) => boolean,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const [passed, done] = [new AbortController(), new AbortController()];
  const watching = (async () => {
    while (!signal.aborted && !done.signal.aborted) {
      if (!holds(view.state)) return passed.abort();
      await view.change(view.events.length, pollMilliseconds);
    }
  })();
  try {
    return await work(AbortSignal.any([signal, passed.signal]));
  } catch (cause) {
    if (signal.aborted || !passed.signal.aborted) throw cause;
    throw new UndecidedError({
      code: 'round.passed',
      expected: 'the round to wait until this is done',
      found: 'that it has gone on',
      cause,
    });
  } finally {
    done.abort();
    // What following throws is thrown to the next that follows.
    watching.catch(() => {});
  }
}

/** How a job ended for a role that still follows it; undefined while it goes on. */
export async function endOf(
  parameters: RoleParameters,
  state: JobState,
): Promise<Exclude<RoleOutcome, 'aborted'> | undefined> {
  if (isComplete(state)) return 'complete';
  // The time matters only where every round is over.
  if (!isJobOver(state, 0) && !isJobOver(state, Number.POSITIVE_INFINITY)) return undefined;
  const now = await retry(parameters, () => parameters.ledger.now());
  return now !== undefined && isJobOver(state, now) ? 'over' : undefined;
}

/** When the phase of a round ends, as milliseconds of `Date.now()`; at least a second from now. */
export async function deadlineOf({ job, ledger }: RoleParameters, round: Round): Promise<number> {
  return Date.now() + Math.max(1000, 1000 * (endOfPhase(job, round) - (await ledger.now())));
}

/** Throws `job.role` unless `allowed`. */
export function assertRole(allowed: boolean, role: string, { signer, job }: RoleParameters): void {
  if (allowed) return;
  throw new MisuseError({
    code: 'job.role',
    expected: `${signer.account} to be ${role} of job "${job.name}"`,
    found: 'another account',
    hint: 'Use the key that the job names.',
  });
}

/**
 * Whether a ledger may answer later: it is away, or its node answers with an error, which can be as
 * short. A role that ended there would leave demands unanswered, at its bond.
 */
function isOutage(cause: unknown): cause is NonetError {
  return cause instanceof UndecidedError || (cause instanceof NonetError && cause.code === 'ledger.rpc');
}

/** Whether a failure to read or write may pass: a store or a ledger that is away, full or lying. */
export function isPassing(cause: unknown): cause is NonetError {
  return isOutage(cause) || (cause instanceof NonetError && /^(blob|store|model)\./.test(cause.code));
}
