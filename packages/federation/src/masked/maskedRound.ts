/**
 * Rounds of masked updates between ledger and stores: what docs/specs/secagg.md needs of a job's
 * state, the blobs that a round has published, and the step that follows from their sum. Pure but
 * for reading blobs.
 */
import { type Address, type Content, contentOf, fromHex } from '@nonet/core';
import { type BlobStore, type GetOptions, type JobState, jobIdOf, type Round } from '@nonet/core/ports';
import {
  heldOutEntries,
  largestMasked,
  type MaskedArithmetic,
  type MaskedAverage,
  maskedEntries,
} from '@nonet/core/records';
import {
  type AggregationRound,
  createAggregationRound,
  createMaskedSum,
  decodeSum,
  encodeVector,
  type RecoveryOutcome,
  recoverMasks,
  registrationBytes,
  revealBytes,
  unmaskSum,
  type VectorEncoding,
  verifyRegistration,
} from '@nonet/privacy/secagg';
import { includedParticipants, maskSet } from '../rules/state.ts';
import { decodeHeldOut, encodeHeldOut, type HeldOut } from '../update/heldOut.ts';
import { encodeModel, findNotFinite, type Model } from '../update/modelBlob.ts';
import { averaging, createSumStep } from '../update/serverStep.ts';
import type { Step } from '../update/step.ts';

/** What all parties know of a round of masked updates. */
export function aggregationRoundOf(
  { terms }: JobState,
  number: number,
  { masking }: Round,
): AggregationRound {
  return createAggregationRound({
    job: jobIdOf(terms),
    round: number,
    candidates: Object.entries(masking!.keys).map(([participant, { mask, seal }]) => ({
      participant: Number(participant),
      maskKey: fromHex(mask),
      sealKey: fromHex(seal),
    })),
    percent: terms.masks!.threshold,
  });
}

/** How the job's numbers become the entries of a masked vector. */
export function vectorEncodingOf(arithmetic: MaskedAverage): VectorEncoding {
  const { entries: numbers, clamp, scaleBits, weighting, weightUnit, mostWeight } = arithmetic;
  const entries = numbers + Number(weighting !== 'uniform');
  return { numbers, entries, clamp, scaleBits, weighting, weightUnit, mostWeight, mostNoise: 0 };
}

/** What a participant masks: its update with its weight, then what it tells of held-out examples. */
export function encodeTrained(
  arithmetic: MaskedAverage,
  {
    moved,
    examples,
    heldOut,
  }: {
    readonly moved: Float32Array;
    readonly examples: number;
    readonly heldOut?: HeldOut;
  },
): Int32Array<ArrayBuffer> {
  const vector = encodeVector(vectorEncodingOf(arithmetic), moved, examples);
  if (arithmetic.heldOut === undefined) return vector;
  const whole = new Int32Array(maskedEntries(arithmetic));
  whole.set(vector);
  whole.set(encodeHeldOut(heldOut), vector.length);
  return whole;
}

/** Blobs of a round by participant. */
export type Blobs = ReadonlyMap<number, Uint8Array>;

/** What a round has published besides masked messages, as far as it can be read. */
export interface PublishedShares {
  /** Of the mask set. */
  readonly registrations: Blobs;
  readonly reveals: Blobs;
}

/** The registrations of the mask set that can be read; a blob that is too long is empty here. */
export async function fetchRegistrations(
  store: Pick<BlobStore, 'get'>,
  { masking }: Round,
  options: GetOptions,
): Promise<Blobs> {
  const maximumBytes = registrationBytes(Object.keys(masking!.keys).length);
  return fetchAll(store, masking!.registrations, { ...options, maximumBytes });
}

/** The reveals that were posted and can be read, in the order of the ledger. */
export async function fetchReveals(
  store: Pick<BlobStore, 'get'>,
  round: Round,
  options: GetOptions,
): Promise<Blobs> {
  const maximumBytes = revealBytes(maskSet(round).length);
  const { reveals, revealed } = round.masking!;
  const read = await fetchAll(store, reveals, { ...options, maximumBytes });
  return inOrder(read, revealed);
}

/** The same blobs in the order of these participants. */
function inOrder(blobs: Blobs, participants: readonly number[]): Blobs {
  return new Map(participants.flatMap((one) => (blobs.has(one) ? [[one, blobs.get(one)!] as const] : [])));
}

/** So many blobs are asked for at a time: each may be asked of every store. */
const blobsAtOnce = 8;

/** In order of the participants. */
async function fetchAll(
  store: Pick<BlobStore, 'get'>,
  addresses: Readonly<Record<number, Content['address']>>,
  options: GetOptions,
): Promise<Blobs> {
  const wanted = Object.entries(addresses);
  const read = new Map<number, Uint8Array>();
  const left = wanted.values();
  const work = async () => {
    for (const [participant, address] of left) {
      const bytes = await fetchBlob(store, address, options);
      if (bytes !== undefined) read.set(Number(participant), bytes);
    }
  };
  await Promise.all(Array.from({ length: Math.min(blobsAtOnce, wanted.length) }, work));
  return inOrder(
    read,
    wanted.map(([participant]) => Number(participant)),
  );
}

/** Undefined where it cannot be read now; empty where it is longer than any right one. */
async function fetchBlob(
  store: Pick<BlobStore, 'get'>,
  address: Address,
  options: GetOptions,
): Promise<Uint8Array | undefined> {
  try {
    return (await store.get(address, options)).bytes;
  } catch (cause) {
    const { code = '' } = cause as { code?: string };
    // Anyone sees that it is wrong without reading it.
    if (code === 'blob.oversized') return new Uint8Array();
    if (options.signal?.aborted || !/^(blob|store)\./.test(code)) throw cause;
    return undefined;
  }
}

const noDataset = `0x${'0'.repeat(64)}`;

/** The dataset commitments that the included name in their registrations, in order; zero names none. */
export function datasetsOfRegistrations(state: JobState, number: number, registrations: Blobs): Address[] {
  const round = state.rounds[number]!;
  const rules = aggregationRoundOf(state, number, round);
  return includedParticipants(round).flatMap((participant) => {
    const blob = registrations.get(participant);
    const registration = blob === undefined ? 'length' : verifyRegistration(rules, participant, blob);
    return typeof registration === 'string' || registration.dataset === noDataset
      ? []
      : [registration.dataset];
  });
}

/** What takes the masks from the sum of a round whose set is fixed, or what is wanting. */
export function recoverRound(
  state: JobState,
  number: number,
  { registrations, reveals }: PublishedShares,
): RecoveryOutcome {
  const round = state.rounds[number]!;
  return recoverMasks(
    aggregationRoundOf(state, number, round),
    registrations,
    includedParticipants(round),
    reveals,
  );
}

/**
 * The step from the masked messages of all that are included, and their masks; undefined where the
 * sum is none that updates of the job add up to (docs/specs/secagg.md §9.5), or the result is not
 * finite.
 */
export function computeMaskedStep(
  start: Model,
  round: Round,
  messages: Blobs,
  recovered: Extract<RecoveryOutcome, { outcome: 'recovered' }>,
  arithmetic: MaskedArithmetic,
): Step | undefined {
  const accepted = includedParticipants(round);
  const sum = createMaskedSum(maskedEntries(arithmetic));
  for (const participant of accepted) {
    if (!sum.add(participant, messages.get(participant)!)) return undefined;
  }
  const whole = unmaskSum(sum, recovered);
  const terms = arithmetic.kind === 'masked' ? arithmetic.heldOut : undefined;
  const entries = terms === undefined ? whole : whole.subarray(0, -heldOutEntries);
  const limit = accepted.length * largestMasked(arithmetic);
  if (entries.some((entry) => Math.abs(entry) > limit)) return undefined;
  const flat = applyMaskedSum(start.flat, entries, accepted.length, arithmetic);
  if (flat === undefined || findNotFinite(flat) >= 0) return undefined;
  const model = { tensors: start.tensors, flat };
  const heldOut = terms && decodeHeldOut(terms, whole.subarray(-heldOutEntries), accepted.length);
  return {
    model,
    ...contentOf(encodeModel(model)),
    accepted,
    refused: [],
    refusals: {},
    ...(heldOut === undefined ? {} : { heldOut }),
  };
}

/** The numbers of the next model; undefined where no updates of the job add up to the sum. */
function applyMaskedSum(
  start: Float32Array,
  sum: Int32Array,
  included: number,
  arithmetic: MaskedArithmetic,
): Float32Array<ArrayBuffer> | undefined {
  if (arithmetic.kind === 'maskedSum') return createSumStep(arithmetic.step).apply(start, sum);
  const decoded = decodeSum(vectorEncodingOf(arithmetic), sum, included);
  return decoded && averaging.apply(start, Float32Array.from(decoded.average));
}
