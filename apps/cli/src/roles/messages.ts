/** What the processes of roles and the process that starts them say to each other. Types only. */
import type { ConnectLedgerParameters } from '@nonet/chain';
import type { ErrorParts, Hex } from '@nonet/core';
import type { FederationEvent } from '@nonet/federation';

/** What every process of a run is told. */
export interface RoleConfiguration {
  readonly ledger: Pick<ConnectLedgerParameters, 'url' | 'contract' | 'operator' | 'confirmations'>;
  /** Canonical encoding of the job record. */
  readonly job: Uint8Array;
  readonly privateKey: Hex;
  readonly directory: string;
}

export interface ParticipantConfiguration extends RoleConfiguration {
  /** A dataset blob or a site file. */
  readonly data: string;
  /** Ends its process in the middle of the attempt at this step. */
  readonly drops?: number;
}

export interface AggregatorConfiguration extends RoleConfiguration {
  readonly port: number;
  /** The folder in which it keeps the receipts of what it has included. */
  readonly receipts: string;
  /** Participants that come back for a step, and are waited for then. */
  readonly returns?: readonly { readonly participant: number; readonly step: number }[];
}

export interface WatcherConfiguration extends RoleConfiguration {
  readonly port: number;
}

/** What a role reports: the federation's events, and what its process adds. */
export type RoleEvent =
  | FederationEvent
  | { readonly type: 'dropped'; readonly step: number }
  | { readonly type: 'traffic'; readonly sent: number; readonly received: number };

/** What a role reported, with who and when: one line of log.jsonl. */
export interface Reported {
  /** Wall-clock milliseconds. */
  readonly time: number;
  /** `aggregator 1`, `watcher` or `site 7`. */
  readonly by: string;
  readonly event: RoleEvent;
}

/** One role of a process: where there are many sites, several of them share one. */
export interface Part {
  /** `aggregator 1`, `watcher` or `site 7`. */
  readonly name: string;
  readonly configuration: object;
}

/**
 * What the coordinator says. Local sites join in turn: participants are numbered in order of
 * joining, and their number is part of their training's randomness, so that the same rehearsal
 * always ends with the same model.
 */
export type Order =
  | { readonly type: 'start'; readonly parts: readonly Part[] }
  | { readonly type: 'turn'; readonly part: string };

/** What a process says of one of its parts. */
export type Report = { readonly part: string } & (
  | { readonly type: 'event'; readonly event: RoleEvent }
  | { readonly type: 'done' }
  | { readonly type: 'failed'; readonly error: ErrorParts; readonly kind: ErrorKind }
);

/**
 * Decides the exit code of the whole run, as it does where the error is thrown in the coordinator
 * itself.
 */
export type ErrorKind = 'failure' | 'misuse' | 'undecided';
