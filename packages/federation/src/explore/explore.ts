/**
 * Explores small jobs: the reducer is pure, so every reachable state is enumerated, not sampled.
 * Honest actors make the moves that are due from them, in any order; dishonest ones make any move
 * of their menu or none, at any moment; time passes, to just after the next deadline, only when
 * nothing is due. Times count by their distance, so that states which differ by nothing else are
 * one. In every state the properties of docs/specs/round.md §0 are asked; the first violation that
 * is found, breadth first, has the shortest history.
 */
import type { Account, Signer } from '@nonet/core/identity';
import type { JobState, Move, Round } from '@nonet/core/ports';
import { bondLockSeconds, owedTo } from '../rules/money.ts';
import {
  differingSum,
  heldFor,
  stoppedBy,
  unfixedRound,
  unjustlyBarred,
  unjustlyStruck,
} from '../rules/properties.ts';
import { weiOf } from '../rules/round.ts';
import {
  createJobState,
  endOfPhase,
  isAsked,
  isJobOver,
  isOpened,
  isOver,
  latestRound,
} from '../rules/state.ts';
import { acceptedMoves, dueMoves, type Role, type Turn, temptations } from './behaviour.ts';
import { isSummable } from './maskedBehaviour.ts';
import { createWorld, type World, type WorldParameters } from './world.ts';

/** One small job and who is dishonest in it. */
export interface Scenario extends WorldParameters {
  readonly name: string;
  /** Such as `participant 0`, `aggregator 1`, `watcher`, `creator`, `bystander`. */
  readonly dishonest: readonly string[];
  /** The most deadlines that one round may wait for, beside that for objections (§0.2). Default any. */
  readonly maximumWaits?: number;
  /** Whether more are dishonest than property 2 holds against; the others are asked all the same. */
  readonly isStoppable?: boolean;
  /** Stops, undecided, after so many states. Default 2,000,000. */
  readonly maximumStates?: number;
}

/** A reachable state in which a property of docs/specs/round.md §0 does not hold. */
export interface Violation {
  readonly property: 'right' | 'unstoppable' | 'just' | 'conserved' | 'one set';
  readonly because: string;
  /** The moves that lead there, and the passing of time. */
  readonly history: readonly string[];
}

/** What was seen of a scenario. */
export interface Exploration {
  readonly scenario: string;
  readonly states: number;
  readonly transitions: number;
  /** The most deadlines that any round waited for, beside that for objections. */
  readonly waits: number;
  /** Whether all reachable states were seen. */
  readonly whole: boolean;
  readonly violation?: Violation;
}

interface Node {
  readonly state: JobState;
  readonly at: number;
  /** Deadlines that the latest round has waited for. */
  readonly waits: number;
  /** Wei paid in, less wei paid out and burnt. */
  readonly balance: bigint;
  readonly parent?: Node;
  readonly step: string;
}

interface Actor {
  readonly name: string;
  readonly signer: Signer;
  readonly role?: Role;
}

/**
 * Visits the reachable states of a scenario, until a property is broken or `maximumStates` were
 * seen.
 */
export async function explore(scenario: Scenario): Promise<Exploration> {
  const { name, dishonest, maximumStates = 2_000_000 } = scenario;
  const world = createWorld(scenario);
  const actors = actorsOf(world);
  const liars = actors.filter((actor) => dishonest.includes(actor.name));
  const honest = actors.filter((actor) => !dishonest.includes(actor.name));
  const accountsOf = (role: Role) =>
    honest.filter((actor) => actor.role === role).map(({ signer }) => signer.account);
  const accounts = { aggregators: accountsOf('aggregator'), participants: accountsOf('participant') };
  const root: Node = {
    state: {
      ...createJobState(world.terms, world.ledger),
      admitted: world.actors.participants.map(({ account }) => account),
    },
    at: 0,
    waits: 0,
    balance: world.terms.escrow,
    step: 'created',
  };
  const seen = new Set([keyOf(world, root)]);
  let frontier = [root];
  let [transitions, waits] = [0, 0];
  const result = (violation?: Omit<Violation, 'history'>, node?: Node): Exploration => ({
    scenario: name,
    states: seen.size,
    transitions,
    waits,
    whole: frontier.length === 0 && violation === undefined,
    ...(violation === undefined ? {} : { violation: { ...violation, history: historyOf(node!) } }),
  });
  while (frontier.length > 0) {
    const next: Node[] = [];
    for (const node of frontier) {
      const violation = await violationIn(world, node, accounts.aggregators, scenario);
      if (violation !== undefined) return result(violation, node);
      const followers = await followersOf(world, node, honest, liars);
      transitions += followers.length;
      for (const follower of followers) {
        waits = Math.max(waits, follower.waits);
        // Not of states alone: what a round that is over held is not told apart (see keyOf).
        const broken = violationBetween(world, node, follower, accounts.participants);
        if (broken !== undefined) return result(broken, follower);
        const key = keyOf(world, follower);
        if (seen.has(key)) continue;
        seen.add(key);
        next.push(follower);
      }
      if (seen.size > maximumStates) return result();
    }
    frontier = next;
  }
  return result();
}

function actorsOf({ actors }: World): Actor[] {
  return [
    { name: 'creator', signer: actors.creator },
    ...actors.participants.map(
      (signer, i): Actor => ({ name: `participant ${i}`, signer, role: 'participant' }),
    ),
    ...actors.aggregators.map(
      (signer, i): Actor => ({ name: `aggregator ${i}`, signer, role: 'aggregator' }),
    ),
    { name: 'watcher', signer: actors.watcher, role: 'watcher' },
    { name: 'bystander', signer: actors.bystander },
  ];
}

async function followersOf(
  world: World,
  node: Node,
  honest: readonly Actor[],
  liars: readonly Actor[],
): Promise<Node[]> {
  const { state, at } = node;
  const due: Turn[] = [];
  for (const { signer, role } of honest) {
    due.push(...withdrawals(state, signer, at));
    if (role !== undefined) due.push(...(await dueMoves(world, state, role, signer, at)));
  }
  // Where the watcher is dishonest, a participant that has the blobs watches.
  if (!honest.some(({ role }) => role === 'watcher')) {
    const other = honest.find(({ role }) => role === 'participant')!;
    due.push(...(await dueMoves(world, state, 'watcher', other.signer, at)));
  }
  const tempting: Turn[] = [];
  for (const { signer, name, role } of liars) {
    tempting.push(...(await temptations(world, state, signer, name)));
    if (role !== undefined) tempting.push(...(await dueMoves(world, state, role, signer, at)));
  }
  const honestMoves = inOneOrder(acceptedMoves(world, state, due, at));
  const followers = [...honestMoves, ...acceptedMoves(world, state, tempting, at)].map(({ turn, next }) =>
    followerOf(world, node, turn, next),
  );
  if (honestMoves.length > 0) return followers;
  const later = nextMoment(state, at);
  if (later !== undefined) followers.push(afterWaiting(node, later));
  return followers;
}

/**
 * Moves of one kind that commute, by different honest actors, are made in one order: the orders
 * that are left out lead to the same states, up to the numbers of participants.
 */
function inOneOrder<T extends { readonly turn: Turn }>(moves: readonly T[]): T[] {
  const seen = new Set<string>();
  return moves.filter(({ turn }) => {
    const kind = turn.moves.map(({ type }) => type);
    if (!kind.every((type) => commuting.includes(type))) return true;
    const isFirst = !seen.has(kind.join());
    seen.add(kind.join());
    return isFirst;
  });
}

const commuting: readonly Move['type'][] = [
  'stake',
  'join',
  'announce',
  'register',
  'commit',
  'complain',
  'reveal',
  'withdraw',
];

/** An honest account takes what it is owed once the job is over. */
function withdrawals(state: JobState, by: Signer, at: number): Turn[] {
  if (!isJobOver(state, at)) return [];
  const rounds = [...state.rounds.keys()].filter((round) => state.rounds[round]!.phase === 'final');
  return [{ moves: [{ type: 'withdraw', rounds }], by }];
}

function followerOf(world: World, node: Node, { moves, by }: Turn, next: JobState): Node {
  const { state, at } = node;
  // No moves that bring or take wei are sent together.
  const [first] = moves as [Move];
  const out = first.type === 'withdraw' ? owedTo(state, first.rounds, by.account, at) : 0n;
  return {
    state: next,
    at,
    waits: next.rounds.length > state.rounds.length ? 0 : node.waits,
    balance: node.balance + weiOf(state, first) - out - (next.burnt - state.burnt),
    parent: node,
    step: `${nameOfActor(world, by.account)}: ${moves.map((move) => describe(world, move)).join(', ')}`,
  };
}

function afterWaiting(node: Node, at: number): Node {
  const last = node.state.rounds[latestRound(node.state)];
  // Objecting delays no role: the next round runs meanwhile.
  const waited = last !== undefined && !isOver(last) && last.phase !== 'objecting' && at > last.deadline;
  return { ...node, at, waits: node.waits + (waited ? 1 : 0), parent: node, step: `time ${at}` };
}

/** Just after the next moment at which time makes a difference. */
function nextMoment({ terms, rounds, locked }: JobState, at: number): number | undefined {
  const moments = rounds.flatMap((round) =>
    isOver(round)
      ? []
      : [
          round.deadline,
          endOfPhase(terms, round),
          ...(round.regularSince === undefined || round.phase !== 'collecting'
            ? []
            : [round.regularSince + terms.grace]),
          ...Object.values(round.demands).map(({ deadline }) => deadline),
        ],
  );
  moments.push(...locked.map((lock) => lock.at + bondLockSeconds), terms.expiry);
  const ahead = moments.filter((moment) => moment >= at);
  return ahead.length === 0 ? undefined : Math.min(...ahead) + 1;
}

async function violationIn(
  world: World,
  { state, at, waits, balance }: Node,
  honestAggregators: readonly Account[],
  { maximumWaits = Number.POSITIVE_INFINITY, isStoppable = false }: Scenario,
): Promise<Omit<Violation, 'history'> | undefined> {
  const held = heldFor(state);
  if (held !== balance) {
    return { property: 'conserved', because: `${balance} wei are held, ${held} are accounted for` };
  }
  const [struck] = unjustlyStruck(state, honestAggregators);
  if (struck !== undefined) {
    return { property: 'just', because: `honest ${nameOfActor(world, struck)} was struck` };
  }
  for (const [number, round] of state.rounds.entries()) {
    if (round.phase !== 'final') continue;
    if (round.masking !== undefined && !isSummable(world, round)) {
      return { property: 'right', because: `round ${number} is final without a sum that can be unmasked` };
    }
    const right = await world.prepareModel(round, rightlyAccepted(world, round), 'right');
    if (round.posted!.model === right) continue;
    return { property: 'right', because: `round ${number} is final with another model than the right one` };
  }
  if (waits > maximumWaits) {
    return { property: 'unstoppable', because: `a round waited for ${waits} deadlines` };
  }
  const reason = isJobOver(state, at) && !isStoppable ? stoppedBy(state) : undefined;
  if (reason === undefined) return undefined;
  return { property: 'unstoppable', because: `the job is over and not complete: ${reason}` };
}

function violationBetween(
  world: World,
  { state: before }: Node,
  { state: after }: Node,
  honestParticipants: readonly Account[],
): Omit<Violation, 'history'> | undefined {
  const [barred] = unjustlyBarred(after, honestParticipants);
  if (barred !== undefined) {
    return { property: 'just', because: `honest ${nameOfActor(world, barred)} was barred` };
  }
  const differing = differingSum(after);
  if (differing !== undefined) {
    return { property: 'one set', because: `round ${differing} opened a second sum of its step` };
  }
  const round = unfixedRound(before, after);
  if (round === undefined) return undefined;
  return { property: 'one set', because: `the set or the keys of round ${round} are not its own` };
}

/** Whose updates a right step holds: the included that are not faulty. */
function rightlyAccepted(world: World, { commitments, unavailable }: Round): number[] {
  return Object.keys(commitments)
    .map(Number)
    .filter((participant) => !unavailable.includes(participant))
    .filter((participant) => !world.isFaulty(commitments[participant]!.blob))
    .sort((a, b) => a - b);
}

function nameOfActor(world: World, account: Account): string {
  return actorsOf(world).find(({ signer }) => signer.account === account)?.name ?? account;
}

function describe(world: World, move: Move): string {
  return Object.values(move)
    .map((value) => {
      if (typeof value !== 'object') return typeof value === 'string' ? world.nameOf(value as never) : value;
      return 'kind' in value ? value.kind : JSON.stringify(value).slice(0, 80);
    })
    .join(' ');
}

function historyOf(node: Node): string[] {
  const steps: string[] = [];
  for (let at: Node | undefined = node; at !== undefined; at = at.parent) steps.push(at.step);
  return steps.reverse();
}

/** One text for states that behave alike: times by their distance from now, blobs by name. */
function keyOf(world: World, { state, at, waits, balance }: Node): string {
  const { terms: __, ledger: ___, rounds, locked, ...rest } = state;
  const distance = (moment: number) => Math.max(-1, moment - at);
  return JSON.stringify(
    {
      ...rest,
      rounds: rounds.map(
        ({ deadline, regularSince, demands, answeredAt: _, failure, masking, ...round }, number) => ({
          ...round,
          isSum: round.phase === 'final' && masking !== undefined && isSummable(world, rounds[number]!),
          isAsked: isAsked(rounds[number]!),
          isOpened: isOpened(rounds[number]!),
          failure: failure?.reason,
          ...(round.phase === 'final' || round.phase === 'void'
            ? {}
            : {
                masking,
                deadline: distance(deadline),
                end: distance(endOfPhase(state.terms, rounds[number]!)),
                since:
                  regularSince === undefined || round.phase !== 'collecting'
                    ? null
                    : distance(regularSince + state.terms.grace),
                demands: Object.entries(demands).map(([participant, demand]) => [
                  participant,
                  demand.answered,
                  distance(demand.deadline),
                  demand.by,
                ]),
              }),
        }),
      ),
      locked: locked.map((lock) => ({ ...lock, at: distance(lock.at + bondLockSeconds) })),
      balance,
      waits,
    },
    (_, value) =>
      typeof value === 'bigint'
        ? `${value}n`
        : typeof value === 'string'
          ? world.nameOf(value as never)
          : value,
  );
}
