/** The watcher and its store as a process of its own: recomputes every step, objects to wrong ones, evaluates each model. */
import { createFileStore, createGraphEvaluator, runWatcher, startStoreServer } from '@nonet/federation';
import type { WatcherConfiguration } from '../run/cast.ts';
import { runRole } from './channel.ts';
import { connectRole, connectStores } from './connect.ts';

runRole<WatcherConfiguration>(async (configuration, signal, report) => {
  const { ledger, job, signer } = await connectRole(configuration);
  const store = createFileStore(configuration.directory, signer);
  const server = await startStoreServer({ store, port: configuration.port });
  try {
    const stores = connectStores(job);
    const evaluate = await createGraphEvaluator(job, stores);
    await runWatcher({
      ledger,
      job,
      signer,
      store: stores,
      ...(evaluate === undefined ? {} : { evaluate }),
      signal,
      onEvent: report,
    });
  } finally {
    report({ type: 'traffic', ...server.traffic });
    await server.close();
  }
});
