/**
 * Finds what is wrong with a posted step, and what to show the ledger so that it sees it
 * (docs/specs/round.md §8): the leaves of the blobs that decide it, with their paths. Pure;
 * `isShown` in rules/judge.ts is the other side.
 */
import { type Address, type ContentProof, contentLeafBytes, contentPath, toHex } from '@nonet/core';
import type { JobState, Lie, PostedStep, Round, ShownLeaf } from '@nonet/core/ports';
import type { FixedPoint } from '@nonet/core/records';
import { expectationOf } from '../rules/judge.ts';
import { acceptedParticipants } from '../rules/state.ts';
import { averageUpdates, type Contribution } from './fedAvg.ts';
import { hasFault, leafOfFault, type Update, verifyUpdate } from './message.ts';
import { countGroups, encodePartialSums, groupOf, locateSum } from './partialSums.ts';
import { averaging } from './serverStep.ts';
import { isUpdateRefusal, sumGroups } from './step.ts';

/** A posted step and the blobs that it rests on. */
export interface StepInQuestion {
  readonly state: JobState;
  /** The number of the round. */
  readonly round: number;
  readonly arithmetic: FixedPoint;
  /** The model that the round started from; its file is known to be right. */
  readonly start: Uint8Array;
  /** The posted model. */
  readonly next: Uint8Array;
  /** The posted partial sums, if any. */
  readonly partials?: Uint8Array;
  /** Messages of included participants, as far as they can be read. */
  readonly updates: ReadonlyMap<number, Uint8Array>;
}

/** A lie about a step; what it takes to show `silence` is on the ledger. */
export type StepLie = Exclude<Lie, { readonly kind: 'silence' }>;

/**
 * The first lie that can be shown of a step, in the order header, accepted, refused, sums of
 * groups, average; undefined if there is none, if the job has no rule, or if an accepted update is
 * missing that would be needed.
 */
export function findLie(step: StepInQuestion): StepLie | undefined {
  const round = step.state.rounds[step.round]!;
  const { posted } = round;
  if (posted === undefined || step.state.terms.rule === undefined) return undefined;
  return (
    findHeaderLie(step) ??
    findAcceptedLie(step, round) ??
    findRefusedLie(step, round, posted) ??
    findSumLie(step, round)
  );
}

/** One leaf of a blob as a ledger takes it. */
export function showLeaf(bytes: Uint8Array, index: number): ShownLeaf {
  return showProof(contentPath(bytes, index));
}

/** The same of a proof that is there already. */
export function showProof({ length, leaf, path }: ContentProof): ShownLeaf {
  return { length, leaf: toHex(leaf), path: path as readonly Address[] };
}

function findHeaderLie({ state, start, next }: StepInQuestion): StepLie | undefined {
  const headerBytes = state.terms.rule!.headerLeaves * contentLeafBytes;
  const differs = (byte: number) => start[byte] !== next[byte];
  let byte = 0;
  if (start.length === next.length) {
    while (byte < headerBytes && !differs(byte)) byte++;
    if (byte === headerBytes) return undefined;
  }
  const index = Math.floor(byte / contentLeafBytes);
  return { kind: 'header', index, start: showLeaf(start, index), next: showLeaf(next, index) };
}

function findAcceptedLie({ state, updates }: StepInQuestion, round: Round): StepLie | undefined {
  for (const participant of acceptedParticipants(round)) {
    const bytes = updates.get(participant);
    if (bytes === undefined) continue;
    const outcome = verifyUpdate(bytes, expectationOf(state, round, participant));
    if (!isUpdateRefusal(outcome)) continue;
    const { refused: reason, entry } = outcome;
    const shown = showLeaf(bytes, leafOfFault(reason, entry));
    return { kind: 'accepted', participant, reason, entry, shown };
  }
  return undefined;
}

function findRefusedLie(
  { state, updates }: StepInQuestion,
  round: Round,
  { refused }: PostedStep,
): StepLie | undefined {
  for (const { participant, reason, entry } of refused) {
    const bytes = updates.get(participant);
    const index = leafOfFault(reason, entry);
    // A message without that leaf has another length than it should: it is refused, if for a wrong
    // reason.
    if (bytes === undefined || index * contentLeafBytes >= Math.max(1, bytes.length)) continue;
    const shown = showLeaf(bytes, index);
    if (hasFault(reason, entry, shown, expectationOf(state, round, participant))) continue;
    return { kind: 'refused', participant, shown };
  }
  return undefined;
}

/** With every accepted update right: whether a sum of a group is wrong, or the average of all. */
function findSumLie(step: StepInQuestion, round: Round): StepLie | undefined {
  const accepted = acceptedParticipants(round);
  const contributions: (Contribution & { readonly bytes: Uint8Array })[] = [];
  for (const participant of accepted) {
    const bytes = step.updates.get(participant);
    if (bytes === undefined) return undefined;
    const { entries } = verifyUpdate(bytes, expectationOf(step.state, round, participant)) as Update;
    contributions.push({ weight: round.commitments[participant]!.weight, entries, bytes });
  }
  const showEntries = (entry: number, shown = contributions) =>
    shown.map(({ bytes }) => showLeaf(bytes, leafOfFault('OutOfRange', entry)));
  const { partials, arithmetic } = step;
  if (partials === undefined) return findAverageLie(step, contributions, (entry) => showEntries(entry));
  const right = encodePartialSums(sumGroups(round, accepted, contributions, arithmetic));
  if (partials.length !== right.length) {
    return { kind: 'group', group: 0, entry: 0, sum: showLeaf(partials, 0), terms: [] };
  }
  const groups = countGroups(round.size);
  const byte = right.findIndex((value, i) => partials[i] !== value);
  if (byte >= 0) {
    const position = Math.floor((byte * arithmetic.entries * groups) / right.length);
    const [entry, group] = [Math.floor(position / groups), position % groups];
    const members = contributions.filter((_, i) => groupOf(accepted[i]!) === group);
    const sum = showLeaf(partials, locateSum(entry, group, groups).leaf);
    return { kind: 'group', group, entry, sum, terms: showEntries(entry, members) };
  }
  return findAverageLie(step, contributions, (entry) => {
    const first = locateSum(entry, 0, groups).leaf;
    const last = locateSum(entry, groups - 1, groups).leaf;
    return Array.from({ length: last - first + 1 }, (_, i) => showLeaf(partials, first + i));
  });
}

function findAverageLie(
  { state, start, next, arithmetic }: StepInQuestion,
  accepted: readonly Contribution[],
  showTerms: (entry: number) => readonly ShownLeaf[],
): StepLie | undefined {
  const { entries, headerLeaves } = state.terms.rule!;
  const numbersOf = (bytes: Uint8Array) =>
    new Float32Array(new Uint8Array(bytes.subarray(headerLeaves * contentLeafBytes)).buffer, 0, entries);
  const posted = numbersOf(next);
  const right = averaging.apply(numbersOf(start), averageUpdates(accepted, arithmetic));
  for (let entry = 0; entry < entries; entry++) {
    if (Number.isFinite(right[entry]!) && Object.is(right[entry], posted[entry])) continue;
    const index = headerLeaves + Math.floor((4 * entry) / contentLeafBytes);
    return {
      kind: 'average',
      entry,
      start: showLeaf(start, index),
      next: showLeaf(next, index),
      terms: showTerms(entry),
    };
  }
  return undefined;
}
