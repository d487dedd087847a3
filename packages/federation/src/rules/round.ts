/**
 * The rules of a job's rounds, once: a pure function from state, move, sender and ledger time to
 * the next state or a refusal. The in-memory ledger runs it, followers of any ledger fold it over
 * the ledger's moves, and the contract is tested against it move by move. Section numbers are those
 * of docs/specs/round.md; checks are made in the order written there, so that both sides refuse a
 * doubly wrong move for the same reason.
 *
 * It fetches nothing: what it has to know of a blob is shown to it leaf by leaf (judge.ts).
 */
import type { Address } from '@nonet/core';
import type { Account } from '@nonet/core/identity';
import {
  type Aggregator,
  groupSize,
  isRefusal,
  type JobState,
  type LedgerEvent,
  type Move,
  type Objection,
  type Phase,
  type Refusal,
  type Round,
  type RoundFailure,
  type StoreReceipt,
  type TimedPhase,
  updateRefusalCodes,
} from '@nonet/core/ports';
import { awaitsAll, isCollected, regularSince } from './attendance.ts';
import { isBelow, isCommittedTo, type Judge, ledgerJudge } from './judge.ts';
import { announce, beginMasking, complain, fixMaskSet, register, reveal } from './masking.ts';
import { isFree, owedTo, paysTo, remainderOf } from './money.ts';
import {
  enter,
  fail,
  fixInclusionSet,
  isAscending,
  nextStanding,
  noSuchRound,
  passTurn,
  refuse,
  replace,
  running,
} from './phases.ts';
import {
  canBeUnmasked,
  countSteps,
  currentModel,
  endOfPhase,
  includedParticipants,
  isJobOver,
  isOver,
  isStanding,
  leadOf,
  numberOf,
  replaceParticipant,
  stopOf,
  takesPart,
} from './state.ts';

/**
 * The next state, or why the move is refused. Never throws on a well-typed move. `judge` is there
 * for the explorer, which meets the same receipts a million times.
 */
export function reduceRound(
  state: JobState,
  move: Move,
  by: Account,
  at: number,
  judge: Judge = ledgerJudge,
): JobState | Refusal {
  switch (move.type) {
    case 'stake':
      return stake(state, by);
    case 'admit':
      return admit(state, move.accounts, by, at);
    case 'join':
      return join(state, by, at);
    case 'leave':
      return leave(state, by, at);
    case 'end':
      return end(state, by);
    case 'open':
      return open(state, move.round, move.model, by, at);
    case 'announce':
      return announce(state, move, by);
    case 'register':
      return register(state, move, by, at, judge);
    case 'commit':
      return commit(state, move, by, at);
    case 'close':
      return close(state, move, by, at);
    case 'appeal':
      return appeal(state, move, by, judge);
    case 'complain':
      return complain(state, move, by);
    case 'reveal':
      return reveal(state, move, by, judge);
    case 'step':
      return step(state, move, by, at, judge);
    case 'demand':
      return demand(state, move.round, move.participant, by, at);
    case 'answer':
      return answer(state, move, at, judge);
    case 'prove':
      return prove(state, move, by, at, judge);
    case 'object':
      return object(state, move, by, at);
    case 'advance':
      return advance(state, move.round, at);
    case 'withdraw':
      return withdraw(state, move.rounds, by, at);
  }
}

/**
 * What the rules make of a ledger's moves. Throws what `onRefusal` makes of a move that they
 * refuse.
 */
export function foldMoves(
  initial: JobState,
  events: readonly Pick<LedgerEvent, 'move' | 'by' | 'at'>[],
  onRefusal: (refusal: Refusal, index: number) => Error,
): JobState {
  let state = initial;
  for (const [i, { move, by, at }] of events.entries()) {
    const next = reduceRound(state, move, by, at);
    if (isRefusal(next)) throw onRefusal(next, i);
    state = next;
  }
  return state;
}

/**
 * Wei that a move has to bring: the bond of an aggregator that stakes, or of an objector (§2.1,
 * §9.1).
 */
export function weiOf(state: JobState, move: Move): bigint {
  if (move.type === 'stake') return state.terms.bond;
  return move.type === 'object' ? objectionBond(state) : 0n;
}

function objectionBond({ terms, locked }: JobState): bigint {
  return terms.bond * 2n ** BigInt(Math.min(locked.length, 32));
}

// §1 State

/** Refuses what only a job that goes on takes. */
function stopped(state: JobState, at: number): Refusal | undefined {
  const stop = stopOf(state, at);
  return stop === undefined ? undefined : refuse('JobEnded', 'a job that goes on', stop);
}

// §2 Membership

function stake(state: JobState, by: Account): JobState | Refusal {
  const aggregator = state.aggregators.find(({ account }) => account === by);
  if (aggregator === undefined) return refuse('WrongRole', 'a listed aggregator', by);
  if (aggregator.status !== 'absent') return refuse('Repeated', 'an aggregator without a stake', by);
  return { ...state, aggregators: withStatus(state.aggregators, by, 'standing') };
}

function withStatus(
  aggregators: readonly Aggregator[],
  account: Account,
  status: Aggregator['status'],
): Aggregator[] {
  return aggregators.map((other) => (other.account === account ? { account, status } : other));
}

function admit(state: JobState, accounts: readonly Account[], by: Account, at: number): JobState | Refusal {
  const stop = stopped(state, at);
  if (stop !== undefined) return stop;
  if (by !== state.terms.creator) return refuse('WrongRole', 'the creator', by);
  const known = new Set([...state.admitted, ...state.participants.map(({ account }) => account)]);
  for (const account of accounts) {
    if (known.has(account)) return refuse('Repeated', 'an account not yet admitted', account);
    known.add(account);
  }
  return { ...state, admitted: [...state.admitted, ...accounts] };
}

function join(state: JobState, by: Account, at: number): JobState | Refusal {
  const { terms, participants, rounds } = state;
  const stop = stopped(state, at);
  if (stop !== undefined) return stop;
  const number = numberOf(state, by);
  if (number >= 0) {
    if (participants[number]!.barred) return refuse('NotAdmitted', 'an account that is not barred', by);
    if (!participants[number]!.left) return refuse('Repeated', 'an account that has not joined', by);
    return replaceParticipant(state, number, { account: by, left: false, since: rounds.length });
  }
  if (terms.invited && !state.admitted.includes(by)) {
    return refuse('NotAdmitted', 'an account that the creator admitted', by);
  }
  if (participants.length >= terms.maxParticipants) {
    return refuse('CohortFull', `at most ${terms.maxParticipants} participants`, 'one more');
  }
  return {
    ...state,
    admitted: state.admitted.filter((account) => account !== by),
    participants: [...participants, { account: by, left: false, since: 0 }],
  };
}

function leave(state: JobState, by: Account, at: number): JobState | Refusal {
  const number = numberOf(state, by);
  const participant = state.participants[number];
  if (participant === undefined || participant.left) {
    return refuse('WrongRole', 'a participant that has not left', by);
  }
  const { announced: _, ...rest } = participant;
  const next = replaceParticipant(state, number, { ...rest, left: true });
  const last = next.rounds.length - 1;
  return next.rounds[last]?.phase === 'collecting' ? replace(next, last, regularSince(next, last, at)) : next;
}

function end(state: JobState, by: Account): JobState | Refusal {
  if (by !== state.terms.creator) return refuse('WrongRole', 'the creator', by);
  if (state.ended) return refuse('JobEnded', 'a job that was not ended', 'the creator ended it');
  return { ...state, ended: true };
}

// §3 Opening

function open(state: JobState, round: number, model: Address, by: Account, at: number): JobState | Refusal {
  const { terms, rounds, participants, aggregators } = state;
  const stop = stopped(state, at);
  if (stop !== undefined) return stop;
  if (by !== terms.creator && !isStanding(state, by)) {
    return refuse('WrongRole', 'the creator or a standing aggregator', by);
  }
  if (round !== rounds.length) return refuse('WrongRound', `round ${rounds.length}`, `round ${round}`);
  if (countSteps(state) >= terms.rounds) {
    return refuse('JobComplete', `at most ${terms.rounds} steps`, 'one more');
  }
  const running = rounds.find((other) => other.phase !== 'void' && other.posted === undefined);
  if (running !== undefined) {
    return refuse('WrongPhase', 'every earlier round to have posted or to be void', running.phase);
  }
  if (!aggregators.some(({ status }) => status === 'standing')) {
    return refuse('NoAggregator', 'an aggregator that has staked and was not struck', 'none');
  }
  const present = participants.filter(({ left }) => !left).length;
  if (present < terms.minParticipants) {
    return refuse('CohortTooSmall', `at least ${terms.minParticipants} participants`, String(present));
  }
  const masking = terms.masks === undefined ? undefined : beginMasking(state);
  const candidates = masking === undefined ? present : Object.keys(masking.keys).length;
  if (candidates < terms.minParticipants) {
    return refuse('CohortTooSmall', `at least ${terms.minParticipants} with new keys`, String(candidates));
  }
  if (model !== currentModel(state)) return refuse('WrongModel', currentModel(state), model);
  const opened: Round = {
    phase: 'open',
    deadline: 0,
    step: countSteps(state),
    size: participants.length,
    model,
    turn: 0,
    awaitsAll: awaitsAll(state),
    commitments: {},
    unavailable: [],
    appealed: [],
    demands: {},
    paid: [],
    ...(masking === undefined ? {} : { masking }),
  };
  const lead = leadOf(state) === undefined ? nextStanding(aggregators, state.lead) : state.lead;
  return enter({ ...state, lead, rounds: [...rounds, opened] }, round, 'open', at);
}

// §4 Collecting

function commit(
  state: JobState,
  { round, blob, weight }: Extract<Move, { type: 'commit' }>,
  by: Account,
  at: number,
): JobState | Refusal {
  const current = running(state, round, ['collecting']);
  if (isRefusal(current)) return current;
  const number = numberOf(state, by);
  if (number < 0 || number >= current.size || state.participants[number]!.left) {
    return refuse('WrongRole', 'a participant who joined before the round opened and has not left', by);
  }
  if (current.masking !== undefined && current.masking.registrations[number] === undefined) {
    return refuse('WrongRole', 'a member of the mask set', by);
  }
  if (current.commitments[number] !== undefined) {
    return refuse('Repeated', 'one commitment per participant and round', 'a second');
  }
  const { maximumWeight } = state.terms;
  if (/^0x0*$/.test(blob) || !Number.isInteger(weight) || weight < 1 || weight > maximumWeight) {
    return refuse('WrongCommitment', `a blob and a weight of 1 .. ${maximumWeight}`, `${blob}, ${weight}`);
  }
  const commitments = { ...current.commitments, [number]: { blob, weight } };
  const next = replace(state, round, { commitments });
  return replace(next, round, regularSince(next, round, at));
}

// §5 The inclusion set

function close(
  state: JobState,
  { round, committed, unavailable }: Extract<Move, { type: 'close' }>,
  by: Account,
  at: number,
): JobState | Refusal {
  const current = running(state, round, ['collecting', 'closing']);
  if (isRefusal(current)) return current;
  if (by !== leadOf(state)) return refuse('WrongRole', `the lead, ${leadOf(state)}`, by);
  if (current.phase === 'collecting' && at <= current.deadline && !isCollected(state, round, at)) {
    const left = `${current.deadline - at} s left`;
    return refuse('TooEarly', 'all awaited commitments or the end of collecting', left);
  }
  const { length } = Object.keys(current.commitments);
  if (committed !== length) {
    return refuse('WrongSet', `${length} commitments to be known`, String(committed));
  }
  const isCommitted = (participant: number) => current.commitments[participant] !== undefined;
  if (!isAscending(unavailable) || !unavailable.every(isCommitted)) {
    return refuse('WrongSet', 'ascending numbers of participants who committed', JSON.stringify(unavailable));
  }
  const next = replace(state, round, { unavailable, closedBy: by });
  return unavailable.length > 0 && state.terms.phases.appealing > 0
    ? enter(next, round, 'appealing', at)
    : fixInclusionSet(next, round, at);
}

function appeal(
  state: JobState,
  { round, receipts }: Extract<Move, { type: 'appeal' }>,
  by: Account,
  judge: Judge,
): JobState | Refusal {
  const current = running(state, round, ['appealing']);
  if (isRefusal(current)) return current;
  const number = numberOf(state, by);
  if (!current.unavailable.includes(number)) {
    return refuse('WrongRole', 'a participant named unavailable', by);
  }
  const { blob } = current.commitments[number]!;
  if (!isCommittedSet(state, blob, receipts, judge)) return wrongReceipts(state, blob);
  return replace(state, round, {
    ...nameBlob(current, number, receipts),
    unavailable: current.unavailable.filter((other) => other !== number),
    appealed: [...current.appealed, number].sort((a, b) => a - b),
  });
}

/**
 * Receipts name the whole address of what was committed to: from now on it is looked for there
 * (§4.1).
 */
function nameBlob(
  { commitments }: Round,
  participant: number,
  receipts: readonly StoreReceipt[],
): Pick<Round, 'commitments'> {
  const { blob, weight } = commitments[participant]!;
  return { commitments: { ...commitments, [participant]: { blob: receipts[0]?.blob ?? blob, weight } } };
}

/**
 * A receipt set for what was committed to: a ledger keeps the first 224 bits of the address (§4.1).
 */
function isCommittedSet(
  { terms }: JobState,
  blob: Address,
  receipts: readonly StoreReceipt[],
  judge: Judge,
): boolean {
  const named = receipts[0]?.blob ?? blob;
  // A masked message has no fault but its length, and is included with the right one only (§12.6).
  const bytes = terms.masks === undefined ? undefined : 4 * terms.masks.entries;
  const fits = receipts.every(({ size }) => bytes === undefined || size === bytes);
  return fits && isCommittedTo(blob, named) && judge.isReceiptSet(terms, named, receipts);
}

function wrongReceipts({ terms }: JobState, blob: Address): Refusal {
  return refuse(
    'WrongReceipt',
    `receipts of ${terms.copies} listed stores for ${blob}, ascending by account`,
    'others',
  );
}

// §6 Stepping

function step(
  state: JobState,
  { round, model, refused, partials, receipts }: Extract<Move, { type: 'step' }>,
  by: Account,
  at: number,
  judge: Judge,
): JobState | Refusal {
  const { terms } = state;
  const current = running(state, round, terms.masks === undefined ? ['stepping'] : ['opening', 'stepping']);
  if (isRefusal(current)) return current;
  if (by !== leadOf(state)) return refuse('WrongRole', `the lead, ${leadOf(state)}`, by);
  if (!canBeUnmasked(current)) {
    const { threshold, reveals } = current.masking!;
    return refuse('TooEarly', `${threshold} reveals`, String(Object.keys(reveals).length));
  }
  const included = includedParticipants(current);
  // Whether a masked update is right does not show: what is included is accepted (§12.6).
  const wellFormed = refused.every(
    ({ participant, reason, entry }) =>
      terms.masks === undefined &&
      included.includes(participant) &&
      updateRefusalCodes.includes(reason) &&
      (reason === 'OutOfRange' ? isBelow(entry, terms.rule?.entries ?? 2 ** 32) : entry === 0),
  );
  if (!isAscending(refused.map(({ participant }) => participant)) || !wellFormed) {
    return refuse('WrongSet', 'ascending included participants, each with a reason', JSON.stringify(refused));
  }
  const remaining = included.length - refused.length;
  if (remaining < terms.minParticipants) {
    return refuse('CohortTooSmall', `at least ${terms.minParticipants} accepted`, String(remaining));
  }
  const grouped = terms.rule !== undefined && current.size > groupSize;
  if (grouped !== (partials !== undefined)) {
    const expected = `partial sums in rounds of more than ${groupSize} participants, where a rule judges, only`;
    return refuse('WrongModel', expected, partials ?? 'none');
  }
  const blobs = partials === undefined ? [model] : [model, partials];
  for (const [i, blob] of blobs.entries()) {
    const set = receipts.slice(i * terms.copies, (i + 1) * terms.copies);
    if (!judge.isReceiptSet(terms, blob, set)) return wrongReceipts(state, blob);
  }
  if (receipts.length !== blobs.length * terms.copies) return wrongReceipts(state, model);
  const posted = { model, refused, by, ...(partials === undefined ? {} : { partials }) };
  return enter(replace(state, round, { posted }), round, 'objecting', at);
}

// §7 Demands

const answerable: readonly TimedPhase[] = ['complaining', 'opening', 'stepping', 'objecting'];

function demand(
  state: JobState,
  round: number,
  participant: number,
  by: Account,
  at: number,
): JobState | Refusal {
  const { terms } = state;
  const current = running(state, round, terms.phases.appealing === 0 ? [] : answerable);
  if (isRefusal(current)) return current;
  const listed = terms.watchers.includes(by) || terms.aggregators.includes(by);
  if (!takesPart(state, current, by) && !listed) {
    return refuse('WrongRole', 'a participant of the round, a watcher or an aggregator', by);
  }
  if (!includedParticipants(current).includes(participant)) {
    return refuse('WrongSet', 'an included participant', String(participant));
  }
  if (current.demands[participant] !== undefined || current.appealed.includes(participant)) {
    return refuse(
      'Repeated',
      'receipts that were neither demanded nor shown in an appeal',
      'a second demand',
    );
  }
  const lastPhases: readonly Phase[] = ['stepping', 'objecting'];
  if (lastPhases.includes(current.phase) && at > current.deadline) {
    return refuse('TooLate', `ledger time up to ${current.deadline}`, String(at));
  }
  const asked = { by, deadline: at + terms.phases.appealing, answered: false };
  return replace(state, round, { demands: { ...current.demands, [participant]: asked } });
}

function answer(
  state: JobState,
  { round, participant, receipts }: Extract<Move, { type: 'answer' }>,
  at: number,
  judge: Judge,
): JobState | Refusal {
  const current = running(state, round, answerable);
  if (isRefusal(current)) return current;
  const asked = current.demands[participant];
  if (asked === undefined || asked.answered) {
    return refuse('WrongSet', 'a participant with an unanswered demand', String(participant));
  }
  const { blob } = current.commitments[participant]!;
  if (!isCommittedSet(state, blob, receipts, judge)) return wrongReceipts(state, blob);
  return replace(state, round, {
    ...nameBlob(current, participant, receipts),
    demands: { ...current.demands, [participant]: { ...asked, answered: true } },
    answeredAt: at,
  });
}

// §8 Proofs

function prove(
  state: JobState,
  { round, lie }: Extract<Move, { type: 'prove' }>,
  by: Account,
  at: number,
  judge: Judge,
): JobState | Refusal {
  const current = running(state, round, lie.kind === 'silence' ? answerable : ['objecting']);
  if (isRefusal(current)) return current;
  if (!judge.isShown(state, round, lie, at)) {
    return refuse('WrongProof', `a proof of a lie (${lie.kind})`, 'none: what is shown does not show it');
  }
  const culprit = lie.kind === 'silence' ? current.closedBy! : current.posted!.by;
  const struck = state.aggregators.find(({ account }) => account === culprit)!;
  // Its stake is lost once; it may have posted more than one step by then.
  const lost = struck.status === 'standing' ? state.terms.bond : 0n;
  const aggregators = withStatus(state.aggregators, culprit, 'struck');
  const half = lost / 2n;
  return {
    ...voidFrom(state, round, { reason: 'proven', lie, culprit, by }),
    aggregators,
    lead: aggregators[state.lead]!.status === 'standing' ? state.lead : nextStanding(aggregators, state.lead),
    burnt: state.burnt + half,
    rewards:
      lost === 0n ? state.rewards : { ...state.rewards, [by]: (state.rewards[by] ?? 0n) + lost - half },
  };
}

/** A round is void for a reason of its own, and with it what was built on it. */
function voidFrom(state: JobState, round: number, failure: RoundFailure): JobState {
  return {
    ...state,
    rounds: state.rounds.map((other, i) => {
      if (i < round || other.phase === 'void') return other;
      return { ...other, phase: 'void', failure: i === round ? failure : { reason: 'built', on: round } };
    }),
  };
}

// §9 Objections that no ledger judges

function object(
  state: JobState,
  { round, model, refused }: Extract<Move, { type: 'object' }>,
  by: Account,
  at: number,
): JobState | Refusal {
  const { terms, aggregators } = state;
  const current = running(state, round, ['objecting']);
  if (isRefusal(current)) return current;
  if (terms.rule !== undefined)
    return refuse('WrongRole', 'a job whose steps the ledger cannot judge', 'a rule');
  if (!takesPart(state, current, by) && !terms.watchers.includes(by)) {
    return refuse('WrongRole', 'a participant of the round or a watcher', by);
  }
  if (!isAscending(refused) || !refused.every((number) => number < current.size)) {
    return refuse('WrongSet', 'ascending numbers of participants of the round', JSON.stringify(refused));
  }
  const posted = current.posted!;
  if (model === posted.model && refused.join() === posted.refused.map((one) => one.participant).join()) {
    return refuse('WrongModel', 'another model, or other refused participants, than posted', model);
  }
  const poster = terms.aggregators.indexOf(posted.by);
  const objection = { model, refused, by, lock: state.locked.length };
  const next: JobState = {
    ...voidFrom(state, round, { reason: 'objected', ...objection }),
    lead: nextStanding(aggregators, poster),
    failures: state.failures + 1,
    locked: [...state.locked, { by, at, wei: objectionBond(state), returned: false }],
  };
  if (terms.masks === undefined || next.failures >= terms.attempts) return next;
  return sendBack(next, round, { ...objection, posted }, at);
}

/** Set and reveals of a round of masked updates stay, and its step is made again (§12.8). */
function sendBack(state: JobState, round: number, objection: Objection, at: number): JobState {
  const { posted: _, failure: __, objections = [], ...current } = state.rounds[round]!;
  const rounds = state.rounds.with(round, { ...current, objections: [...objections, objection] });
  return enter({ ...state, rounds }, round, 'opening', at);
}

// §10 Deadlines

function advance(state: JobState, round: number, at: number): JobState | Refusal {
  const current = state.rounds[round];
  if (current === undefined) return noSuchRound(state, round);
  if (isOver(current)) return refuse('WrongPhase', 'a round that is not over', current.phase);
  const end = endOfPhase(state.terms, current);
  if (at <= end) return refuse('TooEarly', `ledger time after ${end}`, String(at));
  switch (current.phase as TimedPhase) {
    case 'open':
      return current.masking === undefined
        ? enter(state, round, 'collecting', at)
        : fixMaskSet(state, round, at);
    case 'collecting':
      return enter(state, round, 'closing', at);
    case 'closing':
      return passTurn(state, round, at);
    case 'stepping':
      return unanswered(current) ?? passTurn(state, round, at);
    case 'appealing':
      return fixInclusionSet(state, round, at);
    case 'complaining':
      return enter(state, round, 'opening', at);
    case 'opening':
      return canBeUnmasked(current)
        ? enter(state, round, 'stepping', at)
        : fail(state, round, { reason: 'reveals' });
    case 'objecting':
      return finish(state, round);
  }
}

function finish(state: JobState, round: number): JobState | Refusal {
  if (!state.rounds.slice(0, round).every(isOver)) {
    return refuse('WrongPhase', 'every earlier round to be over', 'one that is not');
  }
  return unanswered(state.rounds[round]!) ?? { ...replace(state, round, { phase: 'final' }), failures: 0 };
}

/** What a demand is about can still turn out to be in no store (§7.4). */
function unanswered({ demands }: Round): Refusal | undefined {
  if (Object.values(demands).every(({ answered }) => answered)) return undefined;
  return refuse('WrongPhase', 'every demand to be answered', 'one that is not');
}

// §11 Money

function withdraw(state: JobState, rounds: readonly number[], by: Account, at: number): JobState | Refusal {
  if (!isAscending(rounds) || !rounds.every((round) => state.rounds[round] !== undefined)) {
    return refuse('WrongSet', 'ascending numbers of rounds', JSON.stringify(rounds));
  }
  if (owedTo(state, rounds, by, at) === 0n) {
    return refuse('NothingOwed', `something owed to ${by}`, 'nothing');
  }
  const over = isJobOver(state, at);
  const number = numberOf(state, by);
  const { [by]: _, ...rewards } = state.rewards;
  return {
    ...state,
    rounds: state.rounds.map((round, i) =>
      rounds.includes(i) && paysTo(state, round, number)
        ? { ...round, paid: [...round.paid, number].sort((a, b) => a - b) }
        : round,
    ),
    rewards,
    locked: state.locked.map((lock) => (isFree(lock, by, at) ? { ...lock, returned: true } : lock)),
    aggregators:
      over && isStanding(state, by) && state.terms.bond > 0n
        ? withStatus(state.aggregators, by, 'absent')
        : state.aggregators,
    refunded: state.refunded || remainderOf(state, by, at) > 0n,
  };
}
