/**
 * A round at its step, with real blobs: signed messages, the model before, and what a posted step
 * makes of them. For tests of steps and of what can be shown of a wrong one.
 */
import { addressOf, createRandomStream, type Hex, toHex, utf8 } from '@nonet/core';
import { createSigner } from '@nonet/core/identity';
import { type JobState, type JobTerms, jobIdOf, type Round, timedPhases } from '@nonet/core/ports';
import type { FixedPoint } from '@nonet/core/records';
import { createJobState } from '../rules/state.ts';
import { domainOf, encodeUpdate, type Update, verifyUpdate } from '../update/message.ts';
import { encodeModel, layoutOf, type Model } from '../update/modelBlob.ts';
import { computeStep, expectedUpdate, type Step } from '../update/step.ts';

export interface SampleRound {
  readonly arithmetic: FixedPoint;
  readonly start: Model;
  /** In `stepping`: nothing is posted yet. */
  readonly state: JobState;
  readonly round: Round;
  /** The messages by participant. */
  readonly updates: ReadonlyMap<number, Uint8Array>;
  /** The right step. */
  readonly step: Step | undefined;
}

export interface SampleRoundParameters {
  readonly participants: number;
  readonly entries: number;
  /** What participants send instead of the right update. */
  readonly wrong?: Readonly<Record<number, (right: Update) => Update>>;
  readonly start?: (index: number) => number;
  /** Of the one tensor. */
  readonly name?: string;
}

const ledger = { chainId: 31337, contract: `0x${'11'.repeat(20)}` } as const;

const keyOf = (name: number) => {
  const secret = new Uint8Array(32).fill(1);
  new DataView(secret.buffer).setUint32(28, name);
  return createSigner(toHex(secret) as Hex);
};

/** Participant `i` has key `i` and weight `1 + i`. */
export async function createSampleRound(parameters: SampleRoundParameters): Promise<SampleRound> {
  const { participants, entries, wrong = {}, name = 'weight' } = parameters;
  const number = parameters.start ?? ((i) => i / 8 - 1);
  const random = createRandomStream([7, 0]);
  const start: Model = {
    tensors: [{ name, shape: [entries] }],
    flat: Float32Array.from({ length: entries }, (_, i) => number(i)),
  };
  const arithmetic = {
    kind: 'fixedPoint',
    ...layoutOf(start),
    clamp: 8,
    scaleBits: 20,
    maximumWeight: 4096,
  } as const;
  const model = addressOf(encodeModel(start));
  const signers = Array.from({ length: participants }, (_, i) => keyOf(i));
  const account = keyOf(2 ** 31).account;
  const terms: JobTerms = {
    record: addressOf(utf8('record')),
    creator: account,
    model,
    rounds: 1,
    minParticipants: 1,
    maxParticipants: participants,
    invited: false,
    phases: Object.fromEntries(timedPhases.map((phase) => [phase, 10])) as JobTerms['phases'],
    grace: 0,
    attempts: 1,
    expiry: 2 ** 32,
    aggregators: [account],
    watchers: [],
    stores: [account],
    copies: 1,
    maximumWeight: arithmetic.maximumWeight,
    rule: layoutOf(start),
    escrow: 0n,
    bond: 0n,
  };
  const updates = new Map<number, Uint8Array>();
  for (const [participant, signer] of signers.entries()) {
    const right: Update = {
      job: jobIdOf(terms),
      step: 4,
      participant,
      model,
      dataset: addressOf(utf8('dataset')),
      entries: Int32Array.from({ length: entries }, () => random.below(2 ** 24 + 1) - 2 ** 23),
    };
    const sent = wrong[participant]?.(right) ?? right;
    updates.set(participant, (await encodeUpdate(sent, new Uint8Array(32), domainOf(ledger), signer)).bytes);
  }
  const round: Round = {
    phase: 'stepping',
    deadline: 0,
    step: 4,
    size: participants,
    model,
    turn: 0,
    awaitsAll: true,
    commitments: Object.fromEntries(
      [...updates].map(([i, bytes]) => [i, { blob: addressOf(bytes), weight: 1 + i }]),
    ),
    unavailable: [],
    appealed: [],
    demands: {},
    paid: [],
  };
  const state: JobState = {
    ...createJobState(terms, ledger),
    participants: signers.map((signer) => ({ account: signer.account, left: false, since: 0 })),
    rounds: [round],
  };
  const outcomes = new Map(
    [...updates].map(([i, bytes]) => [i, verifyUpdate(bytes, expectedUpdate(state, round, i, arithmetic))]),
  );
  return {
    arithmetic,
    start,
    state,
    round,
    updates,
    step: computeStep(start, round, outcomes, arithmetic, 1),
  };
}

/** The state in which `posted` can be objected to. */
export function postStep(
  { state, round }: SampleRound,
  posted: Omit<NonNullable<Round['posted']>, 'by'>,
): JobState {
  const by = state.terms.aggregators[0]!;
  return { ...state, rounds: [{ ...round, phase: 'objecting', posted: { ...posted, by } }] };
}
