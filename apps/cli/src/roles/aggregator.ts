/** The aggregator and its store as a process of its own. Replaceable: it keeps nothing that ledger and blobs do not say. */
import { createFileStore, runAggregator } from '@nonet/federation';
import { isAway } from '../run/absences.ts';
import { runRole } from './channel.ts';
import { connectRole, connectStores, serveStore } from './connect.ts';
import type { AggregatorConfiguration } from './messages.ts';

runRole<AggregatorConfiguration>(async (configuration, signal, report) => {
  const { ledger, job, signer } = await connectRole(configuration, 50);
  const store = createFileStore(configuration.directory, signer);
  const server = await serveStore(store, configuration.port);
  try {
    await runAggregator({
      ledger,
      job,
      signer,
      store: connectStores(job, { signer, store }),
      cohort: job.maximum,
      // Whoever the script has here in a round is waited for, also when it has just come back.
      expected: (round) =>
        Array.from({ length: job.maximum }, (_, site) => site).filter(
          (site) =>
            !configuration.absences.some(
              (absence) => absence.participant === site && absence.drops === round,
            ) && !isAway(configuration.absences, site, round),
        ),
      signal,
      onEvent: report,
    });
  } finally {
    report({ type: 'traffic', ...server.traffic });
    await server.close();
  }
});
