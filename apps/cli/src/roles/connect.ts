/**
 * What every role process does first: reads its configuration into a ledger, a signer, the job, and
 * the stores that the job names.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { connectLedger } from '@nonet/chain';
import { NonetError } from '@nonet/core';
import { decodeCanonical } from '@nonet/core/codec';
import { type Account, createSigner, type Signer } from '@nonet/core/identity';
import type { BlobStore, Ledger } from '@nonet/core/ports';
import { parseJob, type RoundJob, requireRoundJob } from '@nonet/core/records';
import {
  createHttpStore,
  createMembers,
  createStoreSet,
  type FileStore,
  type StoreServer,
  startStoreServer,
} from '@nonet/federation';
import type { RoleConfiguration } from './messages.ts';

export interface Connection {
  readonly ledger: Ledger;
  readonly job: RoundJob;
  readonly signer: Signer;
}

/**
 * `pollMilliseconds`: how often it looks for new blocks. Everybody waits for the aggregator; twenty
 * participants ask often enough at the default.
 */
export async function connectRole(
  { ledger, job, privateKey }: RoleConfiguration,
  pollMilliseconds = 200,
): Promise<Connection> {
  return {
    ledger: await connectShared(ledger, pollMilliseconds),
    job: requireRoundJob(parseJob(decodeCanonical(job))),
    signer: createSigner(privateKey),
  };
}

/** The parts of a process follow a job together: its moves are read and decoded once for all. */
const connected = new Map<string, Promise<Ledger>>();

function connectShared(ledger: RoleConfiguration['ledger'], pollMilliseconds: number): Promise<Ledger> {
  const key = JSON.stringify([ledger, pollMilliseconds]);
  const connecting =
    connected.get(key) ??
    connectLedger({
      ...ledger,
      pollMilliseconds,
      onNotice: ({ message }) => void process.stderr.write(`the ledger: ${message}\n`),
    });
  connected.set(key, connecting);
  connecting.catch(() => connected.delete(key));
  return connecting;
}

/**
 * The job's stores over HTTP, in its order, with the signer's room in each; `own` stands in for the
 * one that this process serves itself.
 */
export function connectStores(
  { job: { stores, copies }, signer }: Pick<Connection, 'job' | 'signer'>,
  own?: BlobStore,
): BlobStore {
  const isOwn = (account: Account) => own !== undefined && account === signer.account;
  // A store of one's own is read first.
  const ordered = stores.toSorted((a, b) => Number(isOwn(b.account)) - Number(isOwn(a.account)));
  return createStoreSet({
    stores: ordered.map(({ url, account }) => ({
      name: url,
      store: isOwn(account) ? own! : createHttpStore({ url, account, signer }),
    })),
    copies,
  });
}

/** How long the process of a killed run may take to let go of its port. */
const portMilliseconds = 10_000;

/**
 * Serves a store of the job at the port that its record names: no other would be found. Half of it
 * is for the accounts of the job. Throws `store.port` if another program keeps the port.
 */
export async function serveStore(
  { job, ledger }: Pick<Connection, 'job' | 'ledger'>,
  store: FileStore,
  port: number,
  patience = portMilliseconds,
): Promise<StoreServer> {
  const until = performance.now() + patience;
  const members = createMembers(job, ledger);
  for (;;) {
    try {
      return await startStoreServer({ store, port, members });
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause;
      if (performance.now() > until) {
        throw new NonetError({
          code: 'store.port',
          expected: `port ${port} of this machine to be free: the job record names it`,
          found: 'another program that listens there',
          hint: 'End that program, or start another run with --fresh.',
          cause,
        });
      }
    }
    await pause(200);
  }
}
