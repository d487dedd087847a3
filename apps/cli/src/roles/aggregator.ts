/** The aggregator and its store as a process of its own. Replaceable: it keeps nothing that ledger and blobs do not say. */
import { createFileStore, runAggregator } from '@nonet/federation';
import { runRole } from './channel.ts';
import { connectRole, connectStores, serveStore } from './connect.ts';
import type { AggregatorConfiguration, KnownAbsence } from './messages.ts';

runRole<AggregatorConfiguration>(async (configuration, signal, report) => {
  const { ledger, job, signer } = await connectRole(configuration, 50);
  const { directory, port, knownAbsences = [] } = configuration;
  const store = createFileStore(directory, signer);
  const server = await serveStore(store, port);
  try {
    await runAggregator({
      ledger,
      job,
      signer,
      store: connectStores(job, { signer, store }),
      cohort: job.maximum,
      // A participant who has just come back is waited for, too.
      expected: (round) =>
        Array.from({ length: job.maximum }, (_, participant) => participant).filter(
          (participant) =>
            !knownAbsences.some((absence) => absence.participant === participant && isDuring(absence, round)),
        ),
      signal,
      onEvent: report,
    });
  } finally {
    report({ type: 'traffic', ...server.traffic });
    await server.close();
  }
});

function isDuring({ from, until }: KnownAbsence, round: number): boolean {
  return round >= from && (until === undefined || round < until);
}
