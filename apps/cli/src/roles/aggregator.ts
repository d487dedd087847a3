/**
 * An aggregator and its store as a process of its own. Replaceable: beside the receipts of what it
 * has included it keeps nothing that ledger and blobs do not say.
 */
import { createFileOutbox, createFileStore, runAggregator } from '@nonet/federation';
import { runRole } from './channel.ts';
import { connectRole, connectStores, serveStore } from './connect.ts';
import type { AggregatorConfiguration } from './messages.ts';

runRole<AggregatorConfiguration>(async (configuration, { signal, report }) => {
  const connection = await connectRole(configuration, 50);
  const { ledger, job, signer } = connection;
  const { directory, port, returns = [] } = configuration;
  const store = createFileStore(directory, signer);
  const server = await serveStore(connection, store, port);
  try {
    await runAggregator({
      ledger,
      job,
      signer,
      store: connectStores(connection, store),
      receipts: createFileOutbox(configuration.receipts),
      cohort: job.maxParticipants,
      // Who comes back is waited for in the step for which it comes.
      expected: (step) => returns.filter((one) => one.step === step).map(({ participant }) => participant),
      signal,
      onEvent: report,
    });
  } finally {
    report({ type: 'traffic', ...server.traffic });
    await server.close();
  }
});
