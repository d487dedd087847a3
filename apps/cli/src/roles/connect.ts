/** What every role process does first: reads its configuration into a ledger, a signer, the job, and the stores that the job names. */
import { connectLedger } from '@nonet/chain';
import { decodeCanonical } from '@nonet/core/codec';
import { createSigner, type Signer } from '@nonet/core/identity';
import type { BlobStore, Ledger } from '@nonet/core/ports';
import { type Job, parseJob } from '@nonet/core/records';
import { createHttpStore, createStoreChain } from '@nonet/federation';
import type { RoleConfiguration } from '../run/cast.ts';

export interface Connection {
  readonly ledger: Ledger;
  readonly job: Job;
  readonly signer: Signer;
}

/** `pollMilliseconds`: how often it looks for new blocks. Everybody waits for the aggregator; twenty participants ask often enough at the default. */
export async function connectRole(
  { ledger, job, privateKey }: RoleConfiguration,
  pollMilliseconds = 200,
): Promise<Connection> {
  return {
    ledger: await connectLedger({ ...ledger, pollMilliseconds }),
    job: parseJob(decodeCanonical(job)),
    signer: createSigner(privateKey),
  };
}

/** The job's stores over HTTP, in its order; `own` stands in for the one that this process serves itself. */
export function connectStores(
  { stores }: Job,
  own?: { readonly signer: Signer; readonly store: BlobStore },
): BlobStore {
  return createStoreChain(
    stores.map(({ url, account }) =>
      own !== undefined && account === own.signer.account ? own.store : createHttpStore({ url, account }),
    ),
  );
}
