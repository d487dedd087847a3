/** The watcher and its store as a process of its own: recomputes every step, objects to wrong ones, evaluates each model. */
import { createFileStore, runWatcher, startStoreServer } from '@nonet/federation';
import type { WatcherConfiguration } from '../run/cast.ts';
import { runRole } from './channel.ts';
import { connectRole, connectStores } from './connect.ts';

runRole<WatcherConfiguration>(async (configuration, signal, report) => {
  const { ledger, job, signer } = await connectRole(configuration);
  const store = createFileStore(configuration.directory, signer);
  const server = await startStoreServer({ store, port: configuration.port });
  try {
    await runWatcher({ ledger, job, signer, store: connectStores(job), signal, onEvent: report });
  } finally {
    report({ type: 'traffic', ...server.traffic });
    await server.close();
  }
});
