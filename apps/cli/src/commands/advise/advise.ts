/**
 * `nonet advise NEEDS`: what meets the needs in a YAML file, of others or of Nonet, at what cost
 * and under which assumptions; or that nobody can yet, and what comes nearest. With `--write` it makes the job, as
 * `nonet init` does, and keeps the prediction beside it, so that the run can be held against it.
 */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { MisuseError, UndecidedError } from '@nonet/core';
import { federationMechanisms } from '@nonet/federation';
import {
  type Advice,
  advise,
  defaultRounds,
  type Needs,
  needsSchema,
  needsTemplate,
  parseNeeds,
  type RunSample,
} from '@nonet/matrix/advice';
import { privacyMechanismId } from '@nonet/privacy/dp';
import { loadJobFile } from '../../files/loadJobFile.ts';
import { writeWhole } from '../../files/writeWhole.ts';
import { parseYaml } from '../../files/yaml.ts';
import { describeMachine } from '../../machine/origin.ts';
import { addressOfDraft } from '../../rehearsal/prepare.ts';
import {
  keepComparison,
  predictionFileOf,
  readPrediction,
  type StoredPrediction,
  sampleOf,
} from '../../runs/prediction.ts';
import { renderComparison } from '../../runs/predictionText.ts';
import { findRun, listRuns, type RunDirectory } from '../../runs/runDirectory.ts';
import { foreignValues } from '../../terminal/foreignText.ts';
import { locateError } from '../../terminal/locateError.ts';
import { note, print, printJson } from '../../terminal/terminal.ts';
import { renderWrittenJob } from '../init/init.ts';
import { writeJobFiles } from '../init/jobFiles.ts';
import { renderAdvice } from './adviceText.ts';
import type { AdviseOptions } from './definition.ts';
import { predictRehearsal } from './predictRehearsal.ts';

/**
 * Returns the exit code: 0, or 1 if nobody can meet the needs yet. Throws `advise.needs`,
 * `advise.write`, `advise.compare`, and what reading a prediction and writing a job throw.
 */
export async function adviseOnNeeds(file: string | undefined, options: AdviseOptions): Promise<number> {
  if (options.template === true) {
    print(needsTemplate.trimEnd());
    return 0;
  }
  if (file === undefined) {
    throw new MisuseError({
      code: 'advise.needs',
      expected: 'a file with needs',
      found: 'none',
      hint: 'Begin with `npx nonet advise --template > needs.yaml`.',
    });
  }
  if (options.compare !== undefined) {
    compareWithRun(file, options.compare, options.json === true);
    return 0;
  }
  const needs = readNeeds(file);
  const runs = listRuns().flatMap((run) => sampleOf(run) ?? []);
  const advice = advise(needs, { available: federationMechanisms.map(({ id }) => id), runs });
  const written =
    options.write === undefined ? undefined : await writeJob(needs, advice, file, options.write, runs);
  if (options.json) printJson({ ...advice, ...(written === undefined ? {} : { written }) });
  else print(renderAdvice(foreignValues(advice)));
  if (written !== undefined) {
    note(
      `\nThe prediction of a rehearsal here is in ${written.prediction}; the run will be held against it.`,
    );
  }
  return advice.verdict === 'nobody can yet' ? 1 : 0;
}

function readNeeds(file: string): Needs {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new MisuseError({
      code: 'advise.needs',
      expected: `needs in ${file}`,
      found: 'no readable file',
      cause,
    });
  }
  const needs = parseYaml(needsSchema, text, file, 'needs');
  try {
    return parseNeeds(needs);
  } catch (error) {
    throw locateError(error, `in ${file}`);
  }
}

/**
 * The job of the first recommendation that Nonet can run, from the table that the needs name, and the prediction of a
 * rehearsal of it on this machine.
 */
async function writeJob(needs: Needs, advice: Advice, file: string, out: string, runs: readonly RunSample[]) {
  const first = advice.recommended.find(({ by }) => by === 'Nonet');
  if (first === undefined) {
    throw new MisuseError({
      code: 'advise.write',
      expected: 'needs that Nonet can meet',
      found: advice.answer,
      hint: 'Leave --write out to read why.',
    });
  }
  if (needs.table === undefined) {
    throw new MisuseError({
      code: 'advise.write',
      expected: `a field table with file and target in ${file}, to make a job from`,
      found: 'none',
      hint: 'A job needs data: `table: { file: patients.csv, target: diagnosis }`.',
    });
  }
  if (first.mechanisms.includes(privacyMechanismId)) {
    throw new MisuseError({
      code: 'advise.write',
      expected: 'needs that a job without differential privacy meets, whose epsilon no needs name',
      found: first.name,
      hint: 'Write a job with `nonet init`, and promise privacy.dp in it (docs/running.md).',
    });
  }
  const { file: table, target } = needs.table;
  const written = await writeJobFiles(resolve(dirname(file), table), {
    target,
    sites: needs.parties,
    rounds: needs.rounds ?? defaultRounds,
    test: 0.2,
    missing: 'refuse',
    other: true,
    out,
  });
  note(renderWrittenJob(written));
  const { job } = written;
  const loaded = await loadJobFile(job);
  const stored: StoredPrediction = {
    version: 1,
    way: first.way,
    draft: addressOfDraft(loaded),
    date: new Date().toISOString(),
    machine: describeMachine(),
    prediction: await predictRehearsal(needs, loaded, runs),
  };
  const prediction = predictionFileOf(job);
  writeWhole(prediction, `${JSON.stringify(stored, null, 2)}\n`);
  return { job, prediction };
}

/** Side by side, and kept in the folder of the run. */
function compareWithRun(file: string, which: string | true, json: boolean): void {
  const stored = readPrediction(file);
  const run = which === true ? latestRunOf(stored) : findRun(which);
  if (run === undefined || run.record.draft !== stored.draft) {
    throw new MisuseError({
      code: 'advise.compare',
      expected: `a run of the job that ${file} predicts`,
      found: run === undefined ? 'none in runs/' : `run ${run.record.id} of another job`,
      hint: 'Run the job first: `npx nonet run JOB`.',
    });
  }
  const sample = sampleOf(run);
  if (sample === undefined) {
    throw new UndecidedError({
      code: 'run.unfinished',
      expected: `a receipt of run ${run.record.id} with its costs`,
      found: 'none: the run has not ended',
    });
  }
  const comparison = keepComparison(run, stored, sample);
  if (json) printJson(comparison);
  else print(renderComparison(foreignValues(comparison)));
}

function latestRunOf({ draft }: StoredPrediction): RunDirectory | undefined {
  return listRuns().findLast(({ record }) => record.draft === draft && record.status !== 'running');
}
