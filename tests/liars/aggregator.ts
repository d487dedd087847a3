/**
 * An aggregator that lies: `apps/cli/src/roles/aggregator.ts`, but for the one thing that its
 * configuration names.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { blobMissing, type Ledger } from '@nonet/core/ports';
import {
  createFileOutbox,
  createFileStore,
  type FileStore,
  runAggregator,
  updateBytes,
} from '@nonet/federation';
import { changeMoves } from '@nonet/federation/testing';
import { runRole } from '../../apps/cli/src/roles/channel.ts';
import { connectRole, connectStores, serveStore } from '../../apps/cli/src/roles/connect.ts';
import type { AggregatorConfiguration } from '../../apps/cli/src/roles/messages.ts';
import { type Connection, includeEverything, lieInOneEntry, refuseHonestUpdate } from './lies.ts';

/** The round in which it lies. */
const round = 1;

interface Disguise {
  readonly ledger?: Ledger;
  /** What its server serves. */
  readonly served?: FileStore;
}

const lies = {
  /** One number of the model is wrong. */
  oneEntry: (connection) => ({ ledger: lieInOneEntry(connection, round) }),
  /** Participant 1 is refused for no reason. */
  refusal: (connection) => ({ ledger: refuseHonestUpdate(connection, round, 1) }),
  /** It includes what it could not read. */
  inclusion: (connection) => ({ ledger: includeEverything(connection) }),
  /** Its store takes updates, signs for them, and serves them to nobody but itself. */
  hiding: ({ job }, store) => ({ served: hideBlobs(store, updateBytes(job.arithmetic.entries)) }),
  /**
   * No lie: it is killed, once, after it has closed a round and before its step is on the ledger.
   */
  death: ({ ledger }, store) => ({ ledger: dieBeforeStep(ledger, join(store.directory, 'died')) }),
} satisfies Record<string, (connection: Connection, store: FileStore) => Disguise>;

export type AggregatorLie = keyof typeof lies;

function hideBlobs(store: FileStore, size: number): FileStore {
  return {
    ...store,
    async digestOf(address) {
      const digest = await store.digestOf(address);
      if (digest.length === size) throw blobMissing(address, 'this store');
      return digest;
    },
  };
}

function dieBeforeStep(ledger: Ledger, flag: string): Ledger {
  return changeMoves(ledger, (move) => {
    // Later rounds are closed together with their steps.
    if (move.type === 'step' && move.round === 0 && !existsSync(flag)) {
      writeFileSync(flag, '');
      process.kill(process.pid, 'SIGKILL');
    }
    return move;
  });
}

runRole<AggregatorConfiguration & { readonly lie: AggregatorLie }>(
  async (configuration, { signal, report }) => {
    const connection = await connectRole(configuration, 50);
    const { ledger, job, signer } = connection;
    const own = createFileStore(configuration.directory, signer);
    const store = connectStores(connection, own);
    const lie: Disguise = lies[configuration.lie]({ ledger, job, store }, own);
    const server = await serveStore(connection, lie.served ?? own, configuration.port);
    try {
      await runAggregator({
        ledger: lie.ledger ?? ledger,
        job,
        signer,
        store,
        receipts: createFileOutbox(configuration.receipts),
        cohort: job.maxParticipants,
        expected: () => Array.from({ length: job.maxParticipants }, (_, participant) => participant),
        signal,
        onEvent: report,
      });
    } finally {
      await server.close();
    }
  },
);
