/** What running a job on this machine will cost. */
import { availableParallelism } from 'node:os';
import { modelEntries } from '@nonet/federation';
import { type Needs, type Prediction, predictFederated, type RunSample } from '@nonet/matrix/advice';
import { type JobFile, localTrainingOf } from '../../files/jobFile.ts';
import { openSite } from '../../files/openSite.ts';

/**
 * Seconds, bytes, gas and joules of a run of this job file on this machine, all sites at once: from
 * the model and data of the file, not from the needs. Throws what opening a site throws.
 */
export async function predictRehearsal(
  needs: Needs,
  { job, rehearsal }: JobFile,
  runs: readonly RunSample[],
): Promise<Prediction> {
  const sites = rehearsal?.sites ?? [];
  const examples = await Promise.all(
    sites.map(async (site) => {
      const { labels } = 'siteFile' in site ? (await openSite(site.siteFile, job.data)).dataset : site;
      return labels.length;
    }),
  );
  const { epochs } = localTrainingOf(job);
  const trained = (examples.reduce((sum, count) => sum + count, 0) * epochs) / sites.length;
  return predictFederated(
    {
      ...needs,
      model: { parameters: modelEntries(job.model) },
      parties: sites.length,
      rounds: job.rounds,
      examplesPerParty: trained,
      hardware: { cores: availableParallelism() },
      dropouts: 0,
    },
    runs,
    'on one machine',
  );
}
