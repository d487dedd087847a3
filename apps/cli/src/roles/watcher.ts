/**
 * The watcher and its store as a process of its own: recomputes every step, objects to wrong ones,
 * evaluates each model.
 */
import { createFileStore, createGraphEvaluator, retry, runWatcher } from '@nonet/federation';
import { runRole } from './channel.ts';
import { connectRole, connectStores, serveStore } from './connect.ts';
import type { WatcherConfiguration } from './messages.ts';

runRole<WatcherConfiguration>(async (configuration, { signal, report }) => {
  const connection = await connectRole(configuration);
  const { ledger, job, signer } = connection;
  const store = createFileStore(configuration.directory, signer);
  const server = await serveStore(connection, store, configuration.port);
  try {
    const stores = connectStores(connection, store);
    const patient = { ledger, job, signer, signal, onEvent: report };
    // The other store may still be starting.
    const evaluate = await retry(patient, () => createGraphEvaluator(job, stores));
    await runWatcher({ ...patient, store: stores, ...(evaluate === undefined ? {} : { evaluate }) });
  } finally {
    report({ type: 'traffic', ...server.traffic });
    await server.close();
  }
});
