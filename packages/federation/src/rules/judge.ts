/**
 * What the ledger can see for itself: receipts of stores, and lies that are shown to it leaf by
 * leaf (docs/specs/round.md §1.7 and §8). Pure; hostile input shows nothing.
 */
import { type Address, type ContentProof, contentRoot, fromHex } from '@nonet/core';
import {
  isStoreReceipt,
  type JobState,
  type JobTerms,
  jobIdOf,
  type Lie,
  type PostedStep,
  type Round,
  type ShownLeaf,
  type StoreReceipt,
} from '@nonet/core/ports';
import { hasFault, leafOfFault, type UpdateExpectation } from '../update/message.ts';
import { countGroups, groupOf, locateSum, partialSumBytes } from '../update/partialSums.ts';
import { acceptedParticipants } from './state.ts';

/**
 * The arithmetic of the rule (docs/specs/update.md §3.1): entries are 2^20ths, and at most 2^23.
 */
const scale = 2 ** 20;
const maximumEntry = 2 ** 23;
const leafBytes = 256;

/** What the rules ask about bytes and signatures. */
export interface Judge {
  isReceiptSet(
    terms: Pick<JobTerms, 'stores' | 'copies'>,
    blob: Address,
    receipts: readonly StoreReceipt[],
  ): boolean;
  isShown(state: JobState, round: number, lie: Lie, at: number): boolean;
}

/** Whether `receipts` make a blob available: `copies` distinct listed stores, ascending (§1.7). */
export function isReceiptSet(
  terms: Pick<JobTerms, 'stores' | 'copies'>,
  blob: Address,
  receipts: readonly StoreReceipt[],
): boolean {
  return (
    namesReceiptSet(terms, blob, receipts) &&
    receipts.every((receipt) => isStoreReceipt(receipt, terms.stores))
  );
}

/** What of a set can be seen without its signatures. */
function namesReceiptSet(
  { stores, copies }: Pick<JobTerms, 'stores' | 'copies'>,
  blob: Address,
  receipts: readonly StoreReceipt[],
): boolean {
  return (
    receipts.length === copies &&
    receipts.every(
      (receipt, i) =>
        receipt.blob === blob &&
        (i === 0 || receipt.store > receipts[i - 1]!.store) &&
        stores.includes(receipt.store),
    )
  );
}

/** Whether `lie` shows what it says of a round that is in the phase for it. */
export function isShown(state: JobState, number: number, lie: Lie, at: number): boolean {
  const round = state.rounds[number]!;
  if (lie.kind === 'silence') {
    const demand = round.demands[lie.participant];
    return demand !== undefined && !demand.answered && at > demand.deadline;
  }
  const { rule } = state.terms;
  const { posted } = round;
  if (rule === undefined || posted === undefined) return false;
  switch (lie.kind) {
    case 'header': {
      const { index, start, next } = lie;
      const [before, after] = [show(round.model, index, start), show(posted.model, index, next)];
      if (before === undefined || after === undefined) return false;
      if (start.length !== next.length) return true;
      return index < rule.headerLeaves && start.leaf !== next.leaf;
    }
    case 'average':
      return isWrongAverage(state, round, posted, lie);
    case 'group':
      return isWrongSum(state, round, posted, lie);
    case 'accepted': {
      const { participant, reason, entry, shown } = lie;
      return (
        acceptedParticipants(round).includes(participant) &&
        isFaulty(state, round, participant, reason, entry, shown) === true
      );
    }
    case 'refused': {
      const refused = posted.refused.find(({ participant }) => participant === lie.participant);
      if (refused === undefined) return false;
      return isFaulty(state, round, lie.participant, refused.reason, refused.entry, lie.shown) === false;
    }
  }
}

/** The judge of a ledger, by signatures and hashes. */
export const ledgerJudge: Judge = { isReceiptSet, isShown };

/**
 * The judge of who follows a ledger that took the moves: it recovered the signers of their receipts,
 * which costs a follower 2 ms each, of every participant's two sets in a round of masked updates.
 * Who has to be convinced that a ledger kept its rules asks `ledgerJudge`.
 */
export const followersJudge: Judge = { isReceiptSet: namesReceiptSet, isShown };

/**
 * Whether a commitment to `committed` is one to `blob`: a ledger keeps 224 bits of an address
 * (§4.1).
 */
export function isCommittedTo(committed: Address, blob: Address): boolean {
  const kept = '0x'.length + 224 / 4;
  return committed.slice(0, kept) === blob.slice(0, kept);
}

/** The bytes of a leaf that belongs to the blob at `address`; undefined for anything else. */
function show(
  address: Address,
  index: number,
  { length, leaf, path }: ShownLeaf,
  isSame = (one: Address, other: Address) => one === other,
): Uint8Array | undefined {
  if (!/^0x(?:[0-9a-f]{2})*$/.test(leaf)) return undefined;
  const proof: ContentProof = { length, index, leaf: fromHex(leaf), path };
  const root = contentRoot(proof);
  return root !== undefined && isSame(address, root) ? proof.leaf : undefined;
}

/** The same of the message that a participant has committed to. */
function showMessage(round: Round, participant: number, index: number, shown: ShownLeaf) {
  return show(round.commitments[participant]!.blob, index, shown, isCommittedTo);
}

/** What the ledger and the job say about the message of one participant in one round. */
export function expectationOf(state: JobState, round: Round, participant: number): UpdateExpectation {
  const { terms, ledger, participants } = state;
  return {
    job: jobIdOf(terms),
    step: round.step,
    participant,
    model: round.model,
    account: participants[participant]!.account,
    entries: terms.rule?.entries ?? 0,
    maximumEntry,
    domain: { chainId: ledger.chainId, verifyingContract: ledger.contract },
  };
}

/** Whether a committed update has this fault; undefined where what is shown does not tell. */
function isFaulty(
  state: JobState,
  round: Round,
  participant: number,
  reason: Parameters<typeof hasFault>[0],
  entry: number,
  shown: ShownLeaf,
): boolean | undefined {
  const expected = expectationOf(state, round, participant);
  if (!isBelow(entry, expected.entries)) return undefined;
  if (showMessage(round, participant, leafOfFault(reason, entry), shown) === undefined) return undefined;
  return hasFault(reason, entry, shown, expected);
}

// Where numbers lie in leaves (docs/specs/update.md §1.1, §4.1).

const perLeaf = { int32: leafBytes / 4, float32: leafBytes / 4 } as const;

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Number `entry` of the model at `address`. */
function showNumber(address: Address, headerLeaves: number, entry: number, shown: ShownLeaf) {
  const leaf = show(address, headerLeaves + Math.floor(entry / perLeaf.float32), shown);
  const offset = 4 * (entry % perLeaf.float32);
  return leaf === undefined || leaf.length < offset + 4 ? undefined : view(leaf).getFloat32(offset, true);
}

/** Entry `entry` of a committed update of the right length. */
function showEntry(round: Round, participant: number, entries: number, entry: number, shown: ShownLeaf) {
  if (shown.length !== leafBytes + 4 * entries) return undefined;
  const leaf = showMessage(round, participant, 1 + Math.floor(entry / perLeaf.int32), shown);
  return leaf === undefined ? undefined : view(leaf).getInt32(4 * (entry % perLeaf.int32), true);
}

/** weight_1 * entry_1 + ...; undefined unless every entry is shown. */
function weightedSum(
  round: Round,
  participants: readonly number[],
  entries: number,
  entry: number,
  shown: readonly ShownLeaf[],
): bigint | undefined {
  if (shown.length !== participants.length) return undefined;
  let sum = 0n;
  for (const [i, participant] of participants.entries()) {
    const value = showEntry(round, participant, entries, entry, shown[i]!);
    if (value === undefined) return undefined;
    sum += BigInt(round.commitments[participant]!.weight) * BigInt(value);
  }
  return sum;
}

function isWrongAverage(
  { terms }: JobState,
  round: Round,
  posted: PostedStep,
  { entry, start, next, terms: shown }: Extract<Lie, { kind: 'average' }>,
): boolean {
  const { entries, headerLeaves } = terms.rule!;
  if (!isBelow(entry, entries)) return false;
  const before = showNumber(round.model, headerLeaves, entry, start);
  const after = showNumber(posted.model, headerLeaves, entry, next);
  if (before === undefined || after === undefined) return false;
  const accepted = acceptedParticipants(round);
  const sum =
    posted.partials === undefined
      ? weightedSum(round, accepted, entries, entry, shown)
      : sumOfGroups(posted.partials, entries, countGroups(round.size), entry, shown);
  // Beyond this a sum is no longer exact; an update or a group that leads there is wrong by itself.
  if (sum === undefined || sum >= 2n ** 53n || sum <= -(2n ** 53n)) return false;
  const weight = accepted.reduce((total, p) => total + round.commitments[p]!.weight, 0);
  const right = Math.fround(before + Math.fround(Number(sum) / (scale * weight)));
  return !Number.isFinite(right) || !Object.is(right, after);
}

/** The sums of one entry over all groups, leaf by leaf; undefined unless each leaf is shown. */
function sumOfGroups(
  partials: Address,
  entries: number,
  groups: number,
  entry: number,
  shown: readonly ShownLeaf[],
): bigint | undefined {
  const first = locateSum(entry, 0, groups).leaf;
  if (shown.length !== locateSum(entry, groups - 1, groups).leaf - first + 1) return undefined;
  const leaves = shown.map((leaf, i) =>
    leaf.length === partialSumBytes(entries, groups) ? show(partials, first + i, leaf) : undefined,
  );
  let sum = 0n;
  for (let group = 0; group < groups; group++) {
    const { leaf, offset } = locateSum(entry, group, groups);
    const bytes = leaves[leaf - first];
    if (bytes === undefined) return undefined;
    sum += view(bytes).getBigInt64(offset, true);
  }
  return sum;
}

function isWrongSum(
  { terms }: JobState,
  round: Round,
  { partials }: PostedStep,
  { group, entry, sum, terms: shown }: Extract<Lie, { kind: 'group' }>,
): boolean {
  const { entries } = terms.rule!;
  const groups = countGroups(round.size);
  if (partials === undefined || !isBelow(group, groups) || !isBelow(entry, entries)) return false;
  if (sum.length !== partialSumBytes(entries, groups)) {
    // Any leaf shows the length; the first one always exists.
    return group === 0 && entry === 0 && shown.length === 0 && show(partials, 0, sum) !== undefined;
  }
  const { leaf, offset } = locateSum(entry, group, groups);
  const bytes = show(partials, leaf, sum);
  const members = acceptedParticipants(round).filter((participant) => groupOf(participant) === group);
  const right = weightedSum(round, members, entries, entry, shown);
  return bytes !== undefined && right !== undefined && view(bytes).getBigInt64(offset, true) !== right;
}

/** Whether `index` is an integer from 0 to `count` - 1: a move may bring any number. */
export function isBelow(index: number, count: number): boolean {
  return Number.isInteger(index) && index >= 0 && index < count;
}
