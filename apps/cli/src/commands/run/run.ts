/**
 * `nonet run JOB`: runs a job on this machine, writes its receipt and page, and says in a summary
 * what came out and how far to trust it.
 */
import { existsSync } from 'node:fs';
import { MisuseError } from '@nonet/core';
import { createSigner } from '@nonet/core/identity';
import { isComplete } from '@nonet/federation';
import { readKeyFile } from '../../files/keyFile.ts';
import { startEnergyMeter } from '../../machine/energy.ts';
import { type ExternalLedger, runJob } from '../../rehearsal/coordinator.ts';
import { type FinishedRun, finishRun } from '../../rehearsal/finish.ts';
import { keepComparison, predictionFileOf, readPrediction, sampleOf } from '../../runs/prediction.ts';
import { renderComparison } from '../../runs/predictionText.ts';
import { formatError } from '../../terminal/errorText.ts';
import { note, printJson } from '../../terminal/terminal.ts';
import type { RunOptions } from './definition.ts';
import { renderSummary, summaryJson } from './summary.ts';
import { createView } from './view.ts';

/**
 * Returns the exit code: 0 complete, 1 the job was stopped or its receipt does not verify, 130
 * interrupted. Throws `run.ledger`, `run.key`, and what `runJob` throws.
 */
export async function runJobFile(jobPath: string, options: RunOptions): Promise<number> {
  const interrupt = new AbortController();
  const onSignal = () => interrupt.abort(new Interrupted());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  try {
    const external = externalLedger(options);
    const rehearsal = {
      source: jobPath,
      ...(external === undefined ? {} : { external }),
      fresh: options.fresh === true,
      view: createView(),
      signal: interrupt.signal,
    };
    const meter = startEnergyMeter();
    const finished = await runJob(rehearsal, (outcome) => {
      const joules = meter.stop();
      // The meter has seen nothing of what interrupted processes did.
      const whole = outcome.run.record.secondsBefore === 0;
      return finishRun(outcome, {
        ...(joules === undefined || !whole ? {} : { joules }),
        ...(options.watts === undefined ? {} : { watts: options.watts }),
      });
    });
    if (options.json) printJson(summaryJson(finished));
    else note(renderSummary(finished));
    holdAgainstPrediction(jobPath, finished);
    return exitCodeOfRun(finished);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    note('\nInterrupted. Nothing is lost: the same command goes on from here.');
    return 130;
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, onSignal);
  }
}

/** Where `nonet advise` left a prediction of this very job beside it. */
function holdAgainstPrediction(jobPath: string, { outcome: { run } }: FinishedRun): void {
  const file = predictionFileOf(jobPath);
  if (!existsSync(file)) return;
  try {
    const stored = readPrediction(file);
    const outcome = sampleOf(run);
    if (stored.draft !== run.record.draft || outcome === undefined) return;
    note(renderComparison(keepComparison(run, stored, outcome)));
  } catch (error) {
    // The run is good whatever lies beside its job.
    if (!(error instanceof MisuseError)) throw error;
    note(formatError(error));
  }
}

/**
 * 0: all rounds are final and nothing contradicts the receipt. 1: the job was stopped, or something
 * does.
 */
export function exitCodeOfRun({ outcome, verified }: FinishedRun): 0 | 1 {
  return isComplete(outcome.state) && verified ? 0 : 1;
}

class Interrupted extends Error {}

function externalLedger({ ledger, key, confirmations }: RunOptions): ExternalLedger | undefined {
  if (ledger === undefined && key === undefined && confirmations === undefined) return undefined;
  if (ledger === undefined || key === undefined) {
    throw new MisuseError({
      code: 'run.ledger',
      expected: '--ledger URL and --key FILE together',
      found: `only ${describeGiven({ ledger, key, confirmations })}`,
      hint: 'The key pays for the transactions on that ledger.',
    });
  }
  return {
    urls: ledger,
    payer: createSigner(readKeyFile(key, 'run.key')),
    ...(confirmations === undefined ? {} : { confirmations }),
  };
}

function describeGiven(options: Readonly<Record<string, unknown>>): string {
  const given = Object.keys(options).filter((name) => options[name] !== undefined);
  return given.map((name) => `--${name}`).join(' and ');
}
