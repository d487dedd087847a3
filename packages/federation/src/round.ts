/**
 * The rules of a job's rounds, once: a pure function from state, move, sender and ledger time to the next state or a refusal.
 * The in-memory ledger runs it, followers of any ledger fold it over the ledger's events, and Rounds.sol is tested against it move by
 * move. Section numbers are those of docs/specs/round.md; checks are made in the order written here, so that both sides refuse a
 * doubly wrong move for the same reason.
 *
 * It knows nothing of blobs: whether an update is well-formed and whether a step is the right one is for watchers to say.
 */
import type { Address } from '@nonet/core';
import type { Account } from '@nonet/core/identity';
import {
  isRefusal,
  isStoreReceipt,
  type JobState,
  type JobTerms,
  type Move,
  type Refusal,
  type RefusalCode,
  type Round,
  type TimedPhase,
} from '@nonet/core/ports';

/** How long an objector's bond stays locked: ledger seconds (§7). */
export const bondLockSeconds = 86_400;

/** The state of a job that was just created (§1). */
export function createJobState(terms: JobTerms): JobState {
  return { terms, admitted: [], participants: [], rounds: [], refunded: false, bondReturned: false };
}

/** The next state, or why the move is refused. Never throws on a well-typed move. */
export function reduceRound(state: JobState, move: Move, by: Account, at: number): JobState | Refusal {
  switch (move.type) {
    case 'admit':
      return admit(state, move.accounts, by);
    case 'join':
      return join(state, by);
    case 'open':
      return open(state, move.round, move.model, by, at);
    case 'commit':
      return commit(state, move.round, move.commitment, by, at);
    case 'close':
      return close(state, move.round, move.unavailable, by, at);
    case 'appeal':
      return appeal(state, move, by, at);
    case 'step':
      return step(state, move, by, at);
    case 'object':
      return object(state, move, by, at);
    case 'advance':
      return advance(state, move.round, at);
    case 'withdraw':
      return withdraw(state, move.rounds, by, at);
  }
}

// §2 Membership

function admit(state: JobState, accounts: readonly Account[], by: Account): JobState | Refusal {
  const { terms } = state;
  if (state.end !== undefined) return jobEnded(state.end.reason);
  if (by !== terms.creator) return refuse('WrongRole', 'the creator', by);
  const known = new Set([...state.admitted, ...state.participants]);
  for (const account of accounts) {
    if (known.has(account)) return refuse('Repeated', 'an account not yet admitted', account);
    known.add(account);
  }
  return { ...state, admitted: [...state.admitted, ...accounts] };
}

function join(state: JobState, by: Account): JobState | Refusal {
  const { terms } = state;
  if (state.end !== undefined) return jobEnded(state.end.reason);
  if (state.participants.includes(by)) return refuse('Repeated', 'an account that has not joined', by);
  if (terms.invited && !state.admitted.includes(by)) {
    return refuse('NotAdmitted', 'an account that the creator admitted', by);
  }
  if (state.participants.length >= terms.maximum) {
    return refuse(
      'CohortFull',
      `at most ${terms.maximum} participants`,
      String(state.participants.length + 1),
    );
  }
  return {
    ...state,
    admitted: state.admitted.filter((account) => account !== by),
    participants: [...state.participants, by],
  };
}

// §3 Opening

/** The parameters that the next round starts from: the latest step that no objection made void, or the job's own. */
export function currentModel(state: JobState): Address {
  const latest = state.rounds.findLast(({ step, phase }) => step !== undefined && phase !== 'void');
  return latest?.step?.model ?? state.terms.model;
}

/** Rounds that have stepped, final or still open to objection. */
export function countSteps(state: JobState): number {
  return state.rounds.filter((round) => round.step !== undefined).length;
}

/** Whether every wanted round is final. */
export function isComplete(state: JobState): boolean {
  return state.rounds.filter((round) => round.phase === 'final').length === state.terms.rounds;
}

/** A round is settled when the next may open: stepped, final or void. */
function isSettled(round: Round): boolean {
  return round.step !== undefined || round.phase === 'void';
}

function open(state: JobState, round: number, model: Address, by: Account, at: number): JobState | Refusal {
  const { terms, rounds } = state;
  if (state.end !== undefined) return jobEnded(state.end.reason);
  if (by !== terms.creator && !terms.aggregators.includes(by)) {
    return refuse('WrongRole', 'the creator or an aggregator', by);
  }
  if (round !== rounds.length) return refuse('WrongRound', `round ${rounds.length}`, `round ${round}`);
  if (countSteps(state) === terms.rounds) {
    return refuse('JobComplete', `at most ${terms.rounds} stepped rounds`, 'one more');
  }
  const last = rounds.at(-1);
  if (last !== undefined && !isSettled(last)) {
    return refuse('WrongPhase', 'the previous round to have stepped or to be void', last.phase);
  }
  const size = state.participants.length;
  if (size < terms.minimum)
    return refuse('CohortTooSmall', `at least ${terms.minimum} participants`, String(size));
  if (model !== currentModel(state)) return refuse('WrongModel', currentModel(state), model);
  const opened: Round = {
    phase: 'open',
    deadline: 0,
    size,
    model,
    commitments: {},
    unavailable: [],
    paid: [],
  };
  return { ...state, rounds: [...rounds, enter(terms, opened, 'open', at)] };
}

/** Enters `phase`, or the first after it whose duration is not 0; `stepping` and `collecting` are never skipped. */
function enter(terms: JobTerms, round: Round, phase: TimedPhase, at: number): Round {
  const following = { open: 'collecting', complaining: 'opening', opening: 'stepping' } as const;
  if (phase in following && terms.phases[phase] === 0) {
    return enter(terms, round, following[phase as keyof typeof following], at);
  }
  return { ...round, phase, deadline: at + terms.phases[phase] };
}

// §4 Collecting

/**
 * Whom a round waits for (§4.3): the committers of the previous round and those who joined since; everybody in the first round and
 * after a round in which nobody committed.
 */
export function isAwaited(state: JobState, round: number, participant: number): boolean {
  const current = state.rounds[round];
  const previous = state.rounds[round - 1];
  if (current === undefined || participant >= current.size) return false;
  if (previous === undefined || Object.keys(previous.commitments).length === 0) return true;
  return participant >= previous.size || previous.commitments[participant] !== undefined;
}

/** Whether everybody whom the round waits for has committed. */
export function isCollected(state: JobState, round: number): boolean {
  const { size, commitments } = state.rounds[round]!;
  for (let participant = 0; participant < size; participant++) {
    if (isAwaited(state, round, participant) && commitments[participant] === undefined) return false;
  }
  return true;
}

function commit(
  state: JobState,
  round: number,
  commitment: Address,
  by: Account,
  at: number,
): JobState | Refusal {
  const current = running(state, round, 'collecting');
  if (isRefusal(current)) return current;
  const participant = state.participants.indexOf(by);
  if (participant < 0 || participant >= current.size) {
    return refuse('WrongRole', 'a participant who joined before the round opened', by);
  }
  if (at > current.deadline) return late(current.deadline, at);
  if (current.commitments[participant] !== undefined) {
    return refuse('Repeated', 'one commitment per participant and round', 'a second');
  }
  if (/^0x0*$/.test(commitment)) return refuse('ZeroCommitment', 'a commitment other than zero', commitment);
  return replace(state, round, {
    ...current,
    commitments: { ...current.commitments, [participant]: commitment },
  });
}

function close(
  state: JobState,
  round: number,
  unavailable: readonly number[],
  by: Account,
  at: number,
): JobState | Refusal {
  const current = running(state, round, 'collecting');
  if (isRefusal(current)) return current;
  if (!state.terms.aggregators.includes(by)) return refuse('WrongRole', 'an aggregator', by);
  if (at <= current.deadline && !isCollected(state, round)) {
    return refuse(
      'TooEarly',
      'all awaited commitments or the end of collecting',
      `${current.deadline - at} s left`,
    );
  }
  const committed = (participant: number) => current.commitments[participant] !== undefined;
  if (!isAscending(unavailable) || !unavailable.every(committed)) {
    return refuse('WrongSet', 'ascending numbers of participants who committed', JSON.stringify(unavailable));
  }
  return replace(state, round, endCollecting(state.terms, { ...current, unavailable }, at));
}

function endCollecting(terms: JobTerms, round: Round, at: number): Round {
  return round.unavailable.length > 0 && terms.phases.appealing > 0
    ? enter(terms, round, 'appealing', at)
    : fixInclusionSet(terms, round, at);
}

// §5 The inclusion set

/** Who is included: committed and not unavailable; ascending. */
export function includedParticipants(round: Round): number[] {
  return Object.keys(round.commitments)
    .map(Number)
    .filter((participant) => !round.unavailable.includes(participant))
    .sort((a, b) => a - b);
}

/** Whose updates the step claims to hold: included and not refused; ascending. Empty before the step. */
export function acceptedParticipants(round: Round): number[] {
  const refused = round.step?.refused;
  if (refused === undefined) return [];
  return includedParticipants(round).filter((participant) => !refused.includes(participant));
}

function fixInclusionSet(terms: JobTerms, round: Round, at: number): Round {
  return includedParticipants(round).length < terms.minimum
    ? { ...round, phase: 'void' }
    : enter(terms, round, 'complaining', at);
}

function appeal(
  state: JobState,
  { round, receipt }: Extract<Move, { type: 'appeal' }>,
  by: Account,
  at: number,
): JobState | Refusal {
  const current = running(state, round, 'appealing');
  if (isRefusal(current)) return current;
  const participant = state.participants.indexOf(by);
  if (!current.unavailable.includes(participant)) {
    return refuse('WrongRole', 'a participant named unavailable', by);
  }
  if (at > current.deadline) return late(current.deadline, at);
  if (receipt.blob !== current.commitments[participant] || !isStoreReceipt(receipt, state.terms.stores)) {
    return refuse(
      'WrongReceipt',
      "a listed store's receipt for the committed blob",
      `one for ${receipt.blob}`,
    );
  }
  return replace(state, round, {
    ...current,
    unavailable: current.unavailable.filter((other) => other !== participant),
  });
}

// §6 Stepping

function step(
  state: JobState,
  { round, model, refused }: Extract<Move, { type: 'step' }>,
  by: Account,
  at: number,
): JobState | Refusal {
  const current = running(state, round, 'stepping');
  if (isRefusal(current)) return current;
  if (!state.terms.aggregators.includes(by)) return refuse('WrongRole', 'an aggregator', by);
  if (current.step !== undefined) return refuse('Repeated', 'one step per round', 'a second');
  if (at > current.deadline) return late(current.deadline, at);
  const included = includedParticipants(current);
  if (!isAscending(refused) || !refused.every((participant) => included.includes(participant))) {
    return refuse('WrongSet', 'ascending numbers of included participants', JSON.stringify(refused));
  }
  if (included.length - refused.length < state.terms.minimum) {
    return refuse(
      'CohortTooSmall',
      `at least ${state.terms.minimum} accepted`,
      String(included.length - refused.length),
    );
  }
  return replace(state, round, {
    ...current,
    step: { model, refused, by },
    deadline: at + state.terms.phases.stepping,
  });
}

// §7 Objecting

function object(
  state: JobState,
  { round, model, refused }: Extract<Move, { type: 'object' }>,
  by: Account,
  at: number,
): JobState | Refusal {
  const current = running(state, round, 'stepping');
  if (isRefusal(current)) return current;
  const participant = state.participants.indexOf(by);
  const takesPart = participant >= 0 && participant < current.size;
  if (!takesPart && !state.terms.watchers.includes(by)) {
    return refuse('WrongRole', 'a participant of the round or a watcher', by);
  }
  if (current.step === undefined) return refuse('TooEarly', 'a posted step', 'none');
  if (at > current.deadline) return late(current.deadline, at);
  if (!isAscending(refused) || !refused.every((number) => number < current.size)) {
    return refuse('WrongSet', 'ascending numbers of participants of the round', JSON.stringify(refused));
  }
  const { model: posted, refused: left } = current.step;
  if (model === posted && refused.join() === left.join()) {
    return refuse('WrongModel', 'another model, or other refused participants, than posted', model);
  }
  return {
    ...state,
    rounds: state.rounds.map((other, index) => (index < round ? other : { ...other, phase: 'void' })),
    end: { reason: 'objected', round, posted, objected: model, refused, by, at },
  };
}

// §8 Deadlines

function advance(state: JobState, round: number, at: number): JobState | Refusal {
  const { terms } = state;
  const current = state.rounds[round];
  if (current === undefined)
    return refuse('WrongRound', `a round below ${state.rounds.length}`, `round ${round}`);
  if (current.phase === 'final' || current.phase === 'void') {
    return refuse('WrongPhase', 'a round that is not over', current.phase);
  }
  if (at <= current.deadline) {
    return refuse('TooEarly', `ledger time after ${current.deadline}`, String(at));
  }
  switch (current.phase) {
    case 'open':
      return replace(state, round, enter(terms, current, 'collecting', at));
    case 'collecting':
      return replace(state, round, endCollecting(terms, current, at));
    case 'appealing':
      return replace(state, round, fixInclusionSet(terms, current, at));
    case 'complaining':
      return replace(state, round, enter(terms, current, 'opening', at));
    case 'opening':
      return replace(state, round, enter(terms, current, 'stepping', at));
    case 'stepping':
      return replace(state, round, { ...current, phase: current.step === undefined ? 'void' : 'final' });
  }
}

// §9 Escrow

/** What one accepted participant earns in a final round: wei. */
export function shareOf(state: JobState, round: Round): bigint {
  const accepted = acceptedParticipants(round).length;
  return round.phase === 'final' ? state.terms.escrow / BigInt(state.terms.rounds) / BigInt(accepted) : 0n;
}

/** What `by` would receive now: shares of the listed rounds, the creator's remainder, the objector's bond. Wei. */
export function owedTo(state: JobState, rounds: readonly number[], by: Account, at: number): bigint {
  const participant = state.participants.indexOf(by);
  let wei = 0n;
  for (const number of rounds) {
    const round = state.rounds[number];
    if (round === undefined || round.paid.includes(participant)) continue;
    if (acceptedParticipants(round).includes(participant)) wei += shareOf(state, round);
  }
  if (mayRefund(state, rounds, by)) {
    wei += state.terms.escrow;
    for (const round of state.rounds)
      wei -= shareOf(state, round) * BigInt(acceptedParticipants(round).length);
  }
  if (mayReturnBond(state, by, at)) wei += state.terms.bond;
  return wei;
}

/** Once: to the creator, who asks by listing no rounds, when no round is running. */
function mayRefund(state: JobState, rounds: readonly number[], by: Account): boolean {
  const over = (round: Round) => round.phase === 'final' || round.phase === 'void';
  return by === state.terms.creator && rounds.length === 0 && !state.refunded && state.rounds.every(over);
}

function mayReturnBond({ end, bondReturned }: JobState, by: Account, at: number): boolean {
  return end?.reason === 'objected' && end.by === by && !bondReturned && at > end.at + bondLockSeconds;
}

/** A creator who takes the remainder before the job is complete ends it. */
function withdraw(state: JobState, rounds: readonly number[], by: Account, at: number): JobState | Refusal {
  if (!isAscending(rounds) || !rounds.every((round) => round < state.rounds.length)) {
    return refuse('WrongSet', `ascending rounds below ${state.rounds.length}`, JSON.stringify(rounds));
  }
  if (owedTo(state, rounds, by, at) === 0n) return refuse('NothingOwed', 'something owed', 'nothing');
  const participant = state.participants.indexOf(by);
  const pays = (round: Round) =>
    shareOf(state, round) > 0n && acceptedParticipants(round).includes(participant);
  const refund = mayRefund(state, rounds, by);
  return {
    ...state,
    rounds: state.rounds.map((round, number) =>
      rounds.includes(number) && pays(round) && !round.paid.includes(participant)
        ? { ...round, paid: [...round.paid, participant].sort((a, b) => a - b) }
        : round,
    ),
    refunded: state.refunded || refund,
    bondReturned: state.bondReturned || mayReturnBond(state, by, at),
    ...(refund && state.end === undefined && !isComplete(state)
      ? { end: { reason: 'withdrawn' as const } }
      : {}),
  };
}

/** The latest round in `phase` of a job that goes on, or the refusal that all moves within a round share (§1.4). */
function running(state: JobState, round: number, phase: TimedPhase): Round | Refusal {
  if (state.end !== undefined) return jobEnded(state.end.reason);
  const current = state.rounds[round];
  if (current === undefined)
    return refuse('WrongRound', `a round below ${state.rounds.length}`, `round ${round}`);
  if (current.phase !== phase) return refuse('WrongPhase', phase, current.phase);
  return current;
}

function replace(state: JobState, round: number, next: Round): JobState {
  return { ...state, rounds: state.rounds.map((other, index) => (index === round ? next : other)) };
}

function isAscending(numbers: readonly number[]): boolean {
  return numbers.every((number, i) => i === 0 || number > numbers[i - 1]!);
}

function refuse(refused: RefusalCode, expected: string, found: string): Refusal {
  return { refused, expected, found };
}

function jobEnded(reason: string): Refusal {
  return refuse('JobEnded', 'a job that goes on', reason);
}

function late(deadline: number, at: number): Refusal {
  return refuse('TooLate', `ledger time up to ${deadline}`, String(at));
}
