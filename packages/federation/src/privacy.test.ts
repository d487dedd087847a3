/** Which jobs deliver what they promise, and what their ledgers show of it. */
import type { Round } from '@nonet/core/ports';
import type { MaskedAverage, MaskedSum, TrainJob } from '@nonet/core/records';
import { type ParticipantPrivacy, planPrivacy, reportSpent, type SiloPrivacy } from '@nonet/privacy/dp';
import { beforeAll, describe, expect, test } from 'vitest';
import { createPrivate } from '../test/simulation.ts';
import {
  assertPrivacyDelivered,
  countReleases,
  isReadable,
  privacyOf,
  spentOf,
  spentParticipants,
} from './privacy.ts';

let job: TrainJob;
let silo: TrainJob;
let participant: TrainJob;
let clear: TrainJob['arithmetic'];

beforeAll(async () => {
  ({ job } = await createPrivate({ rounds: 2, releases: 3 }));
  const { entries, headerLeaves } = job.arithmetic;
  clear = { kind: 'fixedPoint', entries, headerLeaves, clamp: 8, scaleBits: 20, maximumWeight: 4096 };
  const setting = { dimension: entries, minParticipants: 4, maxParticipants: 5, rounds: 2 };
  const promise = { epsilon: 8, delta: 1e-5, clippingNorm: 1, releases: 3 };
  const siloPlan = planPrivacy(
    {
      ...{ ...promise, unit: 'record', form: 'silo', samplingRate: 0.5, stepsPerRound: 2 },
      ...{ maximumBatch: 192, maximumRecords: 200 },
    },
    setting,
  );
  silo = {
    ...job,
    arithmetic: clear,
    training: { kind: 'clippedSteps', learningRate: 1, momentum: 0 },
    guarantees: [{ mechanism: 'privacy.dp', parameters: siloPlan.parameters }],
  };
  const many = { minParticipants: 200, maxParticipants: 200 };
  const { parameters } = planPrivacy(
    { ...promise, unit: 'participant', form: 'distributed', honest: 100 },
    { ...setting, ...many },
  );
  participant = {
    ...job,
    ...many,
    training: { kind: 'graph', epochs: 1, batch: 1, learningRate: 1, momentum: 0 },
    arithmetic: {
      ...{ kind: 'masked', entries, headerLeaves, clamp: 8, scaleBits: Math.log2(parameters.scale) },
      ...{ weighting: 'uniform', weightUnit: 1, mostWeight: 1, threshold: 50 },
    },
    guarantees: [{ mechanism: 'privacy.dp', parameters }],
  };
});

test('jobs of each form deliver what they promise, and those that promise nothing', () => {
  for (const one of [job, silo, participant]) expect(() => assertPrivacyDelivered(one)).not.toThrow();
  expect(() => assertPrivacyDelivered({ ...participant, guarantees: [], arithmetic: clear })).not.toThrow();
});

const masked = () => participant.arithmetic as MaskedAverage;
const summed = () => job.arithmetic as MaskedSum;

test.each<[string, () => TrainJob]>([
  [
    'counts of held-out examples, which have no noise',
    () => ({ ...participant, arithmetic: { ...masked(), heldOut: { fraction: 0.2, mostExamples: 10 } } }),
  ],
  ['noise without a promise of it', () => ({ ...job, guarantees: [] })],
  ['noised steps without a promise of it', () => ({ ...silo, guarantees: [] })],
  ['shares of noise in updates that are readable', () => ({ ...job, arithmetic: clear })],
  ['records by other training', () => ({ ...job, training: participant.training })],
  ['a silo by other training', () => ({ ...silo, training: participant.training })],
  ['participants by clipped gradients', () => ({ ...participant, training: job.training })],
  [
    'noise for which messages have no room',
    () => ({ ...job, arithmetic: { ...summed(), mostEntry: summed().mostEntry - 1 } }),
  ],
  [
    'integers of another step than its noise',
    () => ({ ...participant, arithmetic: { ...masked(), scaleBits: 20 } }),
  ],
  [
    'weights that multiply what was clipped',
    () => ({ ...participant, arithmetic: { ...masked(), weighting: 'examples' } }),
  ],
])('a job that is run with %s is refused', (_, change) => {
  expect(() => assertPrivacyDelivered(change())).toThrow(expect.objectContaining({ code: 'job.guarantee' }));
});

describe('what rounds have released', () => {
  interface Shown {
    readonly phase: Round['phase'];
    /** What participants committed to, by number. */
    readonly blobs?: Readonly<Record<number, string>>;
    readonly unavailable?: readonly number[];
    /** Whether its participants were asked for shares. */
    readonly asked?: boolean;
    readonly reason?: string;
    readonly isMasked?: boolean;
  }
  const roundOf = ({
    phase,
    blobs = {},
    unavailable = [],
    asked = phase === 'final',
    reason,
    isMasked = true,
  }: Shown) =>
    ({
      phase,
      unavailable,
      commitments: Object.fromEntries(Object.entries(blobs).map(([who, blob]) => [who, { blob }])),
      ...(reason === undefined ? {} : { failure: { reason } }),
      ...(isMasked ? { masking: { asked } } : {}),
    }) as unknown as Round;
  const stateOf = (...shown: readonly Shown[]) =>
    ({ rounds: shown.map(roundOf), participants: Array(5).fill({}) }) as never;
  const all = { 0: 'a', 1: 'b', 2: 'c', 3: 'd', 4: 'e' };

  test.each<[boolean, string, Shown]>([
    [false, 'a masked round before shares are asked for', { phase: 'appealing', blobs: all }],
    [true, 'one in which they are', { phase: 'opening', blobs: all, asked: true }],
    [true, 'a final one', { phase: 'final', blobs: all }],
    [false, 'a void one that was never opened', { phase: 'void', blobs: all, reason: 'cohort' }],
    [true, 'a void one that too few answered', { phase: 'void', blobs: all, asked: true, reason: 'reveals' }],
    [
      true,
      'one that was built on a void one while shares were asked for, of which the ledger has none',
      { phase: 'void', blobs: all, asked: true, reason: 'built' },
    ],
    [false, 'one that was built on a void one before', { phase: 'void', blobs: all, reason: 'built' }],
    [true, 'a clear one with a commitment', { phase: 'collecting', blobs: { 0: 'a' }, isMasked: false }],
    [false, 'a clear one without', { phase: 'void', isMasked: false }],
  ])('%s of %s', (readable, _, shown) => {
    expect(isReadable(roundOf(shown))).toBe(readable);
  });

  test('is accounted for of each participant: only sums that it is in', () => {
    const privacy = privacyOf(job)!;
    const state = stateOf(
      { phase: 'final', blobs: all },
      { phase: 'final', blobs: all, unavailable: [4] },
      { phase: 'void', blobs: all, reason: 'cohort' },
    );
    const spent = spentOf(privacy, state);
    expect(spent.map(({ charged }) => charged)).toEqual([2, 2, 2, 2, 1]);
    const { parameters, setting } = privacy;
    const rounds = [5, 4].map((included) => ({ included, readable: true }));
    expect(spent[0]).toEqual(reportSpent(parameters, setting, rounds));
    expect(spent[4]!.report!.epsilon).toBeLessThan(spent[0]!.report!.epsilon);
  });

  test('counts the same clear bytes once, and masked ones in each sum', () => {
    const again = (isMasked: boolean) =>
      stateOf(
        { phase: 'void', blobs: all, isMasked, asked: true },
        { phase: 'final', blobs: { ...all, 0: 'other' }, isMasked },
      );
    const charged = (one: TrainJob, isMasked: boolean) =>
      spentOf(privacyOf(one)!, again(isMasked)).map((spent) => spent.charged);
    expect(charged(silo, false)).toEqual([2, 1, 1, 1, 1]);
    expect(charged(job, true)).toEqual([2, 2, 2, 2, 2]);
  });

  test('leaves a participant what was planned but for what it has sent, or is sending', () => {
    const planned = (parameters: unknown) => parameters as SiloPrivacy | ParticipantPrivacy;
    const parameters = planned(job.guarantees[0]!.parameters);
    const state = stateOf(
      { phase: 'void', blobs: all, reason: 'cohort' },
      { phase: 'final', blobs: { 0: 'f', 1: 'g' } },
      { phase: 'collecting', blobs: { 0: 'h' } },
    );
    expect([0, 1, 2].map((one) => countReleases(parameters, state, one))).toEqual([1, 2, 3]);
    // Of the round that it is about to send for, or sends for again.
    expect(countReleases(parameters, state, 0, 2)).toBe(2);
  });

  test('tells which participants release no more', () => {
    const sums = ['x', 'y', 'z'].map(
      (mark): Shown => ({
        phase: 'final',
        blobs: { 0: `0${mark}`, 1: `1${mark}`, ...(mark === 'z' ? {} : { 2: `2${mark}` }) },
      }),
    );
    expect(spentParticipants(privacyOf(job)?.parameters, stateOf(...sums))).toEqual([0, 1]);
    expect(spentParticipants(undefined, stateOf(...sums))).toEqual([]);
  });
});
