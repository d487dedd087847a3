/**
 * How numbers become the entries of a masked vector, so that no sum of them can leave a signed
 * integer of 32 bits. docs/specs/secagg.md §8. A request that could overflow is refused, with what
 * would fit; nothing is left to probability.
 */
import { MisuseError, NonetError } from '@nonet/core';
import { registrationBytes } from './registration.ts';
import { revealBytes } from './reveal.ts';

/** What a job asks of its vectors. */
export interface VectorRequest {
  /** The most participants in one sum. */
  readonly participants: number;
  /** Numbers in a participant's vector. */
  readonly numbers: number;
  /** The largest magnitude of a number; larger ones are clamped. */
  readonly clamp: number;
  /** The widest step between neighbouring values that will do, in the unit of the numbers. */
  readonly resolution: number;
  /**
   * `uniform`: each vector counts once. Otherwise each counts by its examples, at most so many,
   * which travel inside the masked vector.
   */
  readonly weighting: 'uniform' | { readonly mostExamples: number };
  /** The largest magnitude of the noise that a participant adds to a number; 0 without it. */
  readonly noiseBound?: number;
}

/** Bytes that a participant sends and reads in a round in which all candidates are members. */
export interface ParticipantCost {
  readonly registrationBytes: number;
  readonly messageBytes: number;
  readonly answerBytes: number;
  /** The registrations of all others. */
  readonly readBytes: number;
  /** X25519 shared secrets: of pairs, twice, and of boxes, sealed and opened. */
  readonly keyAgreements: number;
  /** Entries of masks that are expanded. */
  readonly maskEntries: number;
}

/** How a vector is encoded, and what that costs; from `planVector`. */
export interface VectorPlan {
  readonly participants: number;
  readonly numbers: number;
  readonly clamp: number;
  /** A number u becomes the nearest integer to weight · u · 2^scaleBits. */
  readonly scaleBits: number;
  readonly weighting: 'uniform' | 'examples';
  /** Examples behind one unit of weight, a power of two; 1 if uniform. */
  readonly weightUnit: number;
  /** The largest weight of a vector; 1 if uniform. */
  readonly mostWeight: number;
  /** The largest magnitude of the noise in an entry, in steps. */
  readonly mostNoise: number;
  /** Entries of the masked vector: the numbers, then the weight unless uniform. */
  readonly entries: number;
  /** The largest magnitude of a sum, at most 2^31 - 1. */
  readonly mostSum: number;
  readonly cost: ParticipantCost;
}

/** What it takes to encode a vector, or to decode a sum. */
export type VectorEncoding = Pick<
  VectorPlan,
  'numbers' | 'entries' | 'clamp' | 'scaleBits' | 'weighting' | 'weightUnit' | 'mostWeight' | 'mostNoise'
>;

/** A sum of vectors, decoded. */
export interface DecodedSum {
  /** The average of the numbers, by weight, with the noise of all participants. */
  readonly average: Float64Array<ArrayBuffer>;
  /** The number of vectors if uniform, else the sum of their weights. */
  readonly weight: number;
}

const mostSigned = 2 ** 31 - 1;
/** Enough for a complete graph by far; and the coarsest scale fits them. */
const mostParticipants = 2 ** 16;
/** Scales from 2^-64 to 2^64: with what `assertRequest` lets pass no product leaves a double. */
const scaleRange = 64;

/**
 * Step 8.2: the finest scale for a request, and for weights the smallest unit that leaves the
 * resolution asked for. Throws `secagg.plan` on numbers out of range, and `secagg.overflow` if no
 * scale fits, with what would.
 */
export function planVector(request: VectorRequest): VectorPlan {
  const { participants, numbers, clamp, resolution, weighting, noiseBound = 0 } = request;
  assertRequest(request);
  const isUniform = weighting === 'uniform';
  // Step 8.2.2: a resolution of 2^-s at least.
  const leastBits = Math.ceil(-Math.log2(resolution));
  const mostExamples = isUniform ? 1 : weighting.mostExamples;
  for (let weightUnit = 1; ; weightUnit *= 2) {
    const mostWeight = Math.ceil(mostExamples / weightUnit);
    const scaleBits = finestScale(participants, mostWeight, clamp, noiseBound);
    if (scaleBits >= leastBits) {
      const mostNoise = Math.ceil(noiseBound * 2 ** scaleBits);
      const entries = numbers + Number(!isUniform);
      return {
        participants,
        numbers,
        clamp,
        scaleBits,
        weighting: isUniform ? 'uniform' : 'examples',
        weightUnit,
        mostWeight,
        mostNoise,
        entries,
        mostSum: participants * largestEntry(mostWeight, clamp, noiseBound, scaleBits),
        cost: costOf(participants, entries),
      };
    }
    if (mostWeight === 1) throw overflow(request, scaleBits, leastBits);
  }
}

/** Step 8.1: what an entry is at most: a clamped number, weighted and rounded, and its noise. */
function largestEntry(weight: number, clamp: number, noiseBound: number, scaleBits: number): number {
  const value = Math.ceil(weight * clamp * 2 ** scaleBits) + Math.ceil(noiseBound * 2 ** scaleBits);
  return Math.max(value, weight);
}

/** The largest scale at which a sum fits; `-Infinity` if the weights alone do not. */
function finestScale(participants: number, weight: number, clamp: number, noiseBound: number): number {
  for (let scaleBits = scaleRange; scaleBits >= -scaleRange; scaleBits--) {
    if (participants * largestEntry(weight, clamp, noiseBound, scaleBits) <= mostSigned) return scaleBits;
  }
  return -Infinity;
}

function overflow(request: VectorRequest, scaleBits: number, leastBits: number): MisuseError {
  const { participants, clamp, resolution, noiseBound = 0 } = request;
  const most = Math.floor(mostSigned / largestEntry(1, clamp, noiseBound, leastBits));
  const fits = [`a resolution of 2^${-scaleBits}`];
  if (most >= 2) fits.push(`${most} participants`);
  const left = Math.floor(mostSigned / participants) - Math.ceil(noiseBound * 2 ** leastBits);
  if (left >= 1) fits.push(`a clamp of 2^${Math.floor(Math.log2(left)) - leastBits}`);
  return new MisuseError({
    code: 'secagg.overflow',
    expected: `sums of ${participants} entries within 32 bits`,
    found: `up to ${clamp + noiseBound} each at a resolution of ${resolution}`,
    hint: `These would fit, one at a time: ${fits.join(', ')}.`,
  });
}

/** Step 8.4. */
function costOf(participants: number, entries: number): ParticipantCost {
  const registration = registrationBytes(participants);
  return {
    registrationBytes: registration,
    messageBytes: 4 * entries,
    answerBytes: revealBytes(participants),
    readBytes: (participants - 1) * registration,
    keyAgreements: 2 * (participants - 1) + 2 * participants,
    maskEntries: participants * entries,
  };
}

/** The weight of a participant with so many examples: whole units, at least one if it has any. */
export function weightOf({ weighting, weightUnit, mostWeight }: VectorEncoding, examples: number): number {
  if (weighting === 'uniform') return 1;
  return Math.min(mostWeight, Math.ceil(examples / weightUnit));
}

/** 1.5 * 2^52: adding and subtracting it rounds any |x| < 2^51 to an integer, half to even. */
const roundingMagnet = 6755399441055744;

/**
 * Step 8.3: the vector of one participant, to be masked. `examples` are those behind it; `noise`,
 * in steps, is added to the numbers. Throws `secagg.length` on another number of numbers or of
 * noise, `secagg.notFinite` on NaN and infinities, `secagg.noise` on noise beyond the plan's bound.
 */
export function encodeVector(
  plan: VectorEncoding,
  values: Float32Array,
  examples: number,
  noise?: Int32Array,
): Int32Array<ArrayBuffer> {
  const { numbers, entries, clamp, scaleBits, mostNoise } = plan;
  if (values.length !== numbers || (noise ?? values).length !== numbers) {
    throw new MisuseError({
      code: 'secagg.length',
      expected: `${numbers} numbers, and as much noise if any`,
      found: `${values.length} and ${noise?.length ?? 'none'}`,
    });
  }
  const weight = weightOf(plan, examples);
  const factor = weight * 2 ** scaleBits;
  const vector = new Int32Array(entries);
  for (let i = 0; i < numbers; i++) {
    const value = values[i]!;
    // value - value is NaN for NaN and for infinities, 0 otherwise.
    if (value - value !== 0) {
      throw new NonetError({
        code: 'secagg.notFinite',
        expected: 'finite numbers',
        found: `${value} at ${i}`,
        hint: 'Training diverged; a lower learning rate helps.',
      });
    }
    const scaled = Math.max(-clamp, Math.min(clamp, value)) * factor;
    vector[i] = scaled + roundingMagnet - roundingMagnet;
  }
  for (const [i, step] of noise?.entries() ?? []) {
    if (Math.abs(step) > mostNoise) {
      throw new MisuseError({
        code: 'secagg.noise',
        expected: `noise of at most ${mostNoise} steps`,
        found: `${step} at ${i}`,
      });
    }
    vector[i]! += step;
  }
  if (entries > numbers) vector[numbers] = weight;
  return vector;
}

/**
 * Step 8.5: the average in a sum of `included` vectors; undefined if it has no weight, or one that
 * no vectors of the plan add up to, which a participant that masked something else may cause.
 */
export function decodeSum(plan: VectorEncoding, sum: Int32Array, included: number): DecodedSum | undefined {
  const { weighting, numbers, scaleBits, mostWeight } = plan;
  const weight = weighting === 'uniform' ? included : sum[numbers]!;
  if (weight < 1 || weight > included * mostWeight) return undefined;
  const divisor = weight * 2 ** scaleBits;
  return { average: Float64Array.from(sum.subarray(0, numbers), (entry) => entry / divisor), weight };
}

/** Throws `secagg.plan`. */
function assertRequest({
  participants,
  numbers,
  clamp,
  resolution,
  weighting,
  noiseBound = 0,
}: VectorRequest): void {
  const require = (isRight: boolean, expected: string, found: unknown) => {
    if (!isRight) throw new MisuseError({ code: 'secagg.plan', expected, found: String(found) });
  };
  const isCount = (value: number, least: number) =>
    Number.isInteger(value) && value >= least && value <= mostSigned;
  const isMeasure = (value: number) => value >= 2 ** -60 && value <= 2 ** 60;
  require(isCount(participants, 2) &&
    participants <=
      mostParticipants, `participants to be an integer from 2 to ${mostParticipants}`, participants);
  require(isCount(numbers, 1), 'numbers to be an integer of at least 1', numbers);
  require(isMeasure(clamp), 'clamp to be from 2^-60 to 2^60', clamp);
  require(isMeasure(resolution), 'resolution to be from 2^-60 to 2^60', resolution);
  require(noiseBound === 0 || isMeasure(noiseBound), 'noiseBound to be 0, or from 2^-60 to 2^60', noiseBound);
  if (weighting !== 'uniform') {
    const { mostExamples } = weighting;
    require(isCount(mostExamples, 1), 'mostExamples to be an integer of at least 1', mostExamples);
  }
}
