/**
 * An aggregator and its store as a process of its own. Replaceable: beside the receipts of what it
 * has included it keeps nothing that ledger and blobs do not say.
 */
import { createFileOutbox, createFileStore, runAggregator } from '@nonet/federation';
import { runRole } from './channel.ts';
import { connectRole, connectStores, serveStore } from './connect.ts';
import type { AggregatorConfiguration, KnownAbsence } from './messages.ts';

runRole<AggregatorConfiguration>(async (configuration, { signal, report }) => {
  const connection = await connectRole(configuration, 50);
  const { ledger, job, signer } = connection;
  const { directory, port, knownAbsences = [] } = configuration;
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
      // A participant who has just come back is waited for, too.
      expected: (step) =>
        Array.from({ length: job.maxParticipants }, (_, participant) => participant).filter(
          (participant) =>
            !knownAbsences.some((absence) => absence.participant === participant && isDuring(absence, step)),
        ),
      signal,
      onEvent: report,
    });
  } finally {
    report({ type: 'traffic', ...server.traffic });
    await server.close();
  }
});

function isDuring({ from, until }: KnownAbsence, step: number): boolean {
  return step >= from && (until === undefined || step < until);
}
