/**
 * The small jobs that `npm run explore` plays, each with another dishonest role: two rounds, two
 * aggregators, one watcher, three stores of which one may be dishonest (a blob needs the receipts
 * of two, so a store that signs for what it does not have, or serves nothing, changes nothing).
 */
import type { Scenario } from './explore.ts';

const pair = { participants: 2, minParticipants: 2 } as const;
const one = { participants: 2, minParticipants: 1 } as const;
const three = { participants: 3, minParticipants: 2 } as const;

/** Of five candidates three are the threshold, and four the smallest set: one may be away. */
const masked = { participants: 5, minParticipants: 3, masked: true } as const;
const once = { ...masked, change: { rounds: 1, attempts: 1 } } as const;

/** What a participant does in a round of masked updates; demands and money are as in clear ones. */
const moves = ['join', 'leave', 'announce', 'register', 'commit', 'appeal', 'complain', 'reveal'] as const;

/**
 * Jobs of masked updates (§12). In those of one attempt one void round stops the job, so nothing
 * that one dishonest role does may cost a round. A participant costs the deadlines of open,
 * collecting and appealing by being late each time, and that of opening, which bars it, if shares of
 * its secret turn out not to fit.
 */
const maskedScenarios: readonly Scenario[] = [
  { name: 'masked, bystander', ...masked, dishonest: ['bystander'], maximumWaits: 0 },
  { name: 'masked, watcher', ...once, dishonest: ['watcher'], maximumWaits: 0 },
  { name: 'masked, participant', ...once, only: moves, dishonest: ['participant 0'], maximumWaits: 4 },
  {
    name: 'masked, two rounds',
    ...masked,
    only: moves,
    dishonest: ['participant 0'],
    maximumWaits: 4,
    maximumStates: 100_000,
  },
  {
    name: 'masked, two of five',
    ...once,
    only: moves,
    dishonest: ['participant 0', 'participant 1'],
    isStoppable: true,
    maximumStates: 100_000,
  },
  {
    // What it masks makes no sum, which shows once the sum was opened; its step is repeated.
    name: 'masked, garbage',
    ...masked,
    change: { rounds: 1, attempts: 2 },
    menu: ['garbage'],
    only: ['leave', 'announce', 'register', 'commit', 'reveal'],
    dishonest: ['participant 0'],
    isStoppable: true,
    maximumStates: 100_000,
  },
  {
    name: 'masked, aggregator',
    ...masked,
    // Both stand from the beginning: that a wrong step is objected to strikes neither.
    change: { rounds: 1, bond: 0n },
    dishonest: ['aggregator 0'],
    maximumWaits: 8,
    maximumStates: 100_000,
  },
];

/** Those whose every state is seen within seconds. */
export const shortScenarios: readonly Scenario[] = [
  { name: 'all honest', ...pair, dishonest: [], maximumWaits: 0 },
  { name: 'watcher', ...pair, dishonest: ['watcher'], maximumWaits: 0 },
  { name: 'creator', ...pair, dishonest: ['creator'], maximumWaits: 0 },
  { name: 'bystander', ...pair, dishonest: ['bystander'], maximumWaits: 0 },
  { name: 'masked', ...masked, dishonest: [], maximumWaits: 0 },
];

/**
 * All of them. A participant costs a round at most the deadlines of collecting and of appealing
 * (§0.2). The larger ones are not seen whole.
 */
export const scenarios: readonly Scenario[] = [
  ...shortScenarios,
  { name: 'participant', ...one, dishonest: ['participant 0'], maximumWaits: 2 },
  { name: 'first aggregator', ...pair, dishonest: ['aggregator 0'], maximumWaits: 6 },
  { name: 'second aggregator', ...pair, dishonest: ['aggregator 1'], maximumWaits: 6 },
  {
    name: 'participant of three',
    ...three,
    dishonest: ['participant 0'],
    maximumWaits: 2,
    maximumStates: 200_000,
  },
  {
    name: 'participant and aggregator',
    ...one,
    dishonest: ['participant 0', 'aggregator 0'],
    maximumWaits: 8,
    maximumStates: 200_000,
  },
  {
    name: 'both, in one round',
    ...one,
    change: { rounds: 1 },
    dishonest: ['participant 0', 'aggregator 0'],
    maximumWaits: 8,
    maximumStates: 100_000,
  },
  ...maskedScenarios,
];
