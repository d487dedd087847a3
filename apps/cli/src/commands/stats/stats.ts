/**
 * `nonet stats SITE...`: counts over the tables of several sites as a job on a ledger, and shows its
 * figures with their errors and conditions.
 */
import { isComplete } from '@nonet/federation';
import { runJob } from '../../rehearsal/coordinator.ts';
import { finishStatistics } from '../../rehearsal/finishStatistics.ts';
import { note, print, printJson } from '../../terminal/terminal.ts';
import { createView } from '../run/view.ts';
import type { StatsOptions } from './definition.ts';
import { queryOfOptions } from './query.ts';
import { findSites } from './sites.ts';
import { renderStatistics, statisticsJson } from './statsText.ts';

/**
 * Returns the exit code: 0 figures whose receipt verifies, 1 none or one that does not, 130
 * interrupted. Throws `stats.columns`, `stats.option`, `stats.site`, and what `runJob` throws.
 */
export async function showStatistics(paths: readonly string[], options: StatsOptions): Promise<number> {
  const query = queryOfOptions(options);
  const sites = findSites(paths);
  const { epsilon, delta, honest, minSites } = options;
  const interrupt = new AbortController();
  const onSignal = () => interrupt.abort(new Interrupted());
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  try {
    const source = {
      job: {
        name: `statistics of ${query.columns.map(({ name }) => name).join(', ')}`.slice(0, 200),
        query,
        ...(minSites === undefined ? {} : { minParticipants: minSites }),
        ...(epsilon === undefined
          ? {}
          : { promise: { epsilon, delta, ...(honest === undefined ? {} : { honest }) } }),
      },
      rehearsal: { sites: sites.map((siteFile) => ({ siteFile })) },
    };
    const run = { source, fresh: options.fresh === true, view: createView(), signal: interrupt.signal };
    const finished = await runJob(run, finishStatistics);
    if (options.json) printJson(statisticsJson(finished));
    else print(renderStatistics(finished));
    return isComplete(finished.outcome.state) && finished.verified ? 0 : 1;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    note('\nInterrupted. Nothing is lost: the same command goes on from here.');
    return 130;
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
  }
}

class Interrupted extends Error {}
