/** Rounds with real blobs, posted rightly or wrongly, for proofs to be about. */
import { type Address, addressOf, type Hex } from '@nonet/core';
import type { Signer } from '@nonet/core/identity';
import type { JobTerms, Lie, Move, RefusedUpdate, ShownLeaf } from '@nonet/core/ports';
import { encodeMove } from '../src/moves.ts';
import { RpcFailure } from '../src/rpc.ts';
import { averageOf, encodeMessage, encodeModel, showLeaf } from './blobs.ts';
import { createJob, errorName, type Outcome, type Play, receiptsOf, termsBy } from './play.ts';

export interface JudgedRoundParameters {
  readonly entries: number;
  readonly headerLeaves: number;
  /** They join and commit, each with its own weight. */
  readonly players: readonly Signer[];
  /** Changes a message before it is signed. */
  readonly spoil?: (bytes: Uint8Array, participant: number) => Uint8Array;
  /** Changes a message that is signed. */
  readonly forge?: (bytes: Uint8Array, participant: number) => Uint8Array;
  readonly refused?: readonly RefusedUpdate[];
  /** The posted model, from the right one. */
  readonly post?: (right: Uint8Array) => Uint8Array;
  readonly change?: Partial<JobTerms>;
  /** Before a participant joins. */
  readonly prepare?: (job: Address) => Promise<void>;
  /** The number of the first player, where `prepare` made room. */
  readonly first?: number;
  /** Numbers of the models behind those that the rule counts. */
  readonly behind?: number;
  /** What each commits to. */
  readonly weight?: (participant: number) => number;
  /** The posted partial sums, from the right sums by entry, then by group. */
  readonly partials?: (right: bigint[][]) => Uint8Array;
}

export interface JudgedRound {
  readonly job: Address;
  readonly terms: JobTerms;
  readonly start: Uint8Array;
  readonly next: Uint8Array;
  readonly partials: Uint8Array | undefined;
  /** By position in the list of players. */
  readonly messages: readonly Uint8Array[];
  /** What the contract says of a proof, by a call that changes nothing. */
  judge(lie: Lie, by?: Signer): Promise<string>;
  prove(lie: Lie, by?: Signer): Promise<Outcome>;
  /** The leaves of number `entry` of both models, and of entry `entry` of all messages. */
  showAverage(entry: number): Extract<Lie, { kind: 'average' }>;
}

/** Numbers, entries and weights of no consequence, all different. */
const entryOf = (participant: number, i: number) => ((participant * 7919 + i * 104729) % 2 ** 22) - 2 ** 21;
const weightOf = (participant: number) => 1 + ((participant * 37) % 4096);
const numberOf = (i: number) => ((i * 31) % 1000) / 999 - 0.5;

/** Opens, collects and posts round 0 of a job of its own; `players[0]` is the store. */
export async function postRound(
  play: Play,
  {
    entries,
    headerLeaves,
    players,
    spoil = (bytes) => bytes,
    forge = (bytes) => bytes,
    refused = [],
    post = (right) => right,
    change = {},
    prepare = async () => undefined,
    first = 0,
    behind = 0,
    weight = weightOf,
    partials,
  }: JudgedRoundParameters,
): Promise<JudgedRound> {
  const [creator, aggregator] = play.signers as [Signer, Signer];
  const numbers = Float32Array.from({ length: entries + behind }, (_, i) => numberOf(i));
  const start = encodeModel(numbers, headerLeaves);
  const terms = termsBy(creator.account, {
    model: addressOf(start),
    aggregators: [aggregator.account, creator.account],
    stores: [creator.account],
    rule: { entries, headerLeaves },
    bond: 1001n,
    ...change,
  });
  const job = await createJob(play, terms, creator);
  const move = async (move: Move, by: Signer, wei = 0n) => {
    const outcome = await play.move(job, move, by, wei);
    if ('refused' in outcome) throw new Error(`${move.type}: ${outcome.refused}`);
  };
  await move({ type: 'stake' }, aggregator, 1001n);
  await move({ type: 'stake' }, creator, 1001n);
  await prepare(job);
  for (const player of players) await move({ type: 'join' }, player);
  await move({ type: 'open', round: 0, model: terms.model }, creator);
  const domain = { chainId: play.chainId, verifyingContract: play.contract };
  const messages = await Promise.all(
    players.map(async (player, i) => {
      const participant = first + i;
      const fields = {
        ...{ job, step: 0, participant, model: terms.model },
        entries: Array.from({ length: entries }, (_, entry) => entryOf(participant, entry)),
      };
      const bytes = await encodeMessage(fields, domain, player, (bytes) => spoil(bytes, participant));
      return forge(bytes, participant);
    }),
  );
  await Promise.all(
    players.map((player, i) => {
      const commitment = { blob: addressOf(messages[i]!), weight: weight(first + i) };
      return move({ type: 'commit', round: 0, ...commitment }, player);
    }),
  );
  await play.chain.passTime(61);
  await move({ type: 'close', round: 0, committed: players.length, unavailable: [] }, aggregator);

  const accepted = players
    .map((_, i) => first + i)
    .filter((participant) => refused.every((one) => one.participant !== participant));
  const total = accepted.reduce((sum, participant) => sum + weight(participant), 0);
  const groups = Math.ceil((first + players.length) / 128);
  const sums = Array.from({ length: entries }, (_, entry) => {
    const byGroup = Array<bigint>(groups).fill(0n);
    for (const participant of accepted) {
      byGroup[participant >> 7]! += BigInt(weight(participant)) * BigInt(entryOf(participant, entry));
    }
    return byGroup;
  });
  const right = Float32Array.from(numbers, (number, entry) => {
    const sum = sums[entry]?.reduce((sum, part) => sum + part);
    return sum === undefined ? number : averageOf(number, Number(sum), total);
  });
  const next = post(encodeModel(right, headerLeaves));
  const posted = partials?.(sums);
  await move(
    {
      type: 'step',
      round: 0,
      model: addressOf(next),
      refused,
      ...(posted === undefined ? {} : { partials: addressOf(posted) }),
      receipts: [
        ...(await receiptsOf([creator], addressOf(next))),
        ...(posted === undefined ? [] : await receiptsOf([creator], addressOf(posted))),
      ],
    },
    aggregator,
  );
  const showNumber = (bytes: Uint8Array, entry: number) =>
    showLeaf(bytes, headerLeaves + Math.floor(entry / 64));
  return {
    job,
    terms,
    start,
    next,
    partials: posted,
    messages,
    judge: (lie, by = creator) => simulate(play, encodeMove(job, { type: 'prove', round: 0, lie }), by),
    prove: (lie, by = creator) => play.move(job, { type: 'prove', round: 0, lie }, by),
    showAverage: (entry) => ({
      kind: 'average',
      entry,
      start: showNumber(start, entry),
      next: showNumber(next, entry),
      terms:
        posted === undefined
          ? accepted.map((participant) => showLeaf(messages[participant - first]!, leafOf(entry)))
          : showSums(posted, entry, groups),
    }),
  };
}

/** The leaf of a message that holds this entry. */
export const leafOf = (entry: number) => 1 + Math.floor(entry / 64);

/** All leaves that hold a partial sum of this entry. */
function showSums(partials: Uint8Array, entry: number, groups: number): ShownLeaf[] {
  const [first, last] = [entry * groups, entry * groups + groups - 1].map((i) => Math.floor(i / 32));
  return Array.from({ length: last! - first! + 1 }, (_, i) => showLeaf(partials, first! + i));
}

/** `accepted`, or the name of the error of a call that changes nothing. */
export async function simulate(play: Play, data: Hex, by: Signer, value = 0n): Promise<string> {
  try {
    const call = { from: by.account, to: play.contract, data, value: `0x${value.toString(16)}` };
    await play.rpc.request('eth_call', [call, 'latest']);
    return 'accepted';
  } catch (error) {
    if (error instanceof RpcFailure && error.data !== undefined) return errorName(error.data);
    throw error;
  }
}
