/** What a role tells its caller while it works: progress for a person, material for evidence. */
import type { Address } from '@nonet/core';
import type { Lie, Move, Phase, Refusal } from '@nonet/core/ports';
import type { ClampedTensor } from '../update/fixedPoint.ts';
import type { HeldOut } from '../update/heldOut.ts';
import type { UpdateRefusal } from '../update/message.ts';
import type { ModelEvaluation } from '../verify/graphEvaluator.ts';

/** One thing that happened, told by the role to which it happened. */
export type FederationEvent =
  // Participants
  | { readonly type: 'joined'; readonly participant: number }
  | { readonly type: 'training'; readonly round: number; readonly step: number }
  | {
      readonly type: 'trained';
      readonly round: number;
      readonly step: number;
      readonly examples: number;
      readonly loss?: number;
      readonly seconds: number;
    }
  /** Some numbers moved further than an entry reaches, and were sent as the bound. */
  | {
      readonly type: 'clamped';
      readonly round: number;
      /** How far an entry reaches. */
      readonly bound: number;
      readonly tensors: readonly ClampedTensor[];
    }
  /** The update of an earlier attempt was found and is sent again, byte for byte. */
  | { readonly type: 'resumed'; readonly round: number; readonly blob: Address }
  | { readonly type: 'uploaded'; readonly round: number; readonly bytes: number; readonly seconds: number }
  | { readonly type: 'committed'; readonly round: number; readonly blob: Address; readonly gas: number }
  | { readonly type: 'missed'; readonly round: number; readonly code: string; readonly because: string }
  | { readonly type: 'appealed'; readonly round: number }
  /** It is in the mask set of the round. */
  | { readonly type: 'registered'; readonly round: number; readonly bytes: number }
  | { readonly type: 'complained'; readonly round: number; readonly accused: readonly number[] }
  /** It has answered for the set that the ledger fixed. */
  | { readonly type: 'revealed'; readonly round: number; readonly bytes: number }
  | { readonly type: 'withdrew'; readonly rounds: readonly number[]; readonly wei: bigint }
  // Aggregators
  | { readonly type: 'staked'; readonly wei: bigint }
  | { readonly type: 'opened'; readonly round: number; readonly size: number }
  | {
      readonly type: 'updateRefused';
      readonly round: number;
      readonly participant: number;
      readonly refusal: UpdateRefusal;
    }
  | { readonly type: 'closed'; readonly round: number; readonly unavailable: readonly number[] }
  | {
      readonly type: 'stepped';
      readonly round: number;
      readonly model: Address;
      readonly accepted: readonly number[];
      readonly refused: readonly number[];
      /** How the model before does on examples that sites hold out, where the job asks for that. */
      readonly heldOut?: HeldOut;
      /** From the known set to the posted step. */
      readonly seconds: number;
    }
  | { readonly type: 'answered'; readonly round: number; readonly participant: number }
  | { readonly type: 'advanced'; readonly round: number; readonly from: Phase; readonly gas: number }
  // Watchers
  | { readonly type: 'checked'; readonly round: number; readonly model: Address; readonly seconds: number }
  /** A lie was shown to the ledger, which took the proof. */
  | {
      readonly type: 'proved';
      readonly round: number;
      readonly kind: Lie['kind'];
      readonly because: string;
      readonly gas: number;
    }
  /** A step that the ledger cannot judge was objected to, at the price of a bond. */
  | {
      readonly type: 'objected';
      readonly round: number;
      readonly posted: Address;
      readonly expected: Address;
      readonly because: string;
    }
  /** Updates that cannot be read: nothing is said of the step, and their receipts are demanded. */
  | {
      readonly type: 'abstained';
      readonly round: number;
      readonly participants: readonly number[];
    }
  | { readonly type: 'unchecked'; readonly round: number; readonly because: string }
  | {
      readonly type: 'evaluated';
      readonly round: number;
      readonly model: Address;
      readonly evaluation: ModelEvaluation;
    }
  // All
  | { readonly type: 'moveRefused'; readonly move: Move; readonly refusal: Refusal }
  | { readonly type: 'waiting'; readonly because: string }
  | { readonly type: 'complete'; readonly model: Address }
  | { readonly type: 'over' };

/** Told of each event, in order. */
export type OnEvent = (event: FederationEvent) => void;
