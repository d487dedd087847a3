/**
 * `nonet limits`: how large a training run power, chips, data and latency allow, what decides, and
 * what would have to be true. Computed in a thread.
 */
import { basename } from 'node:path';
import { Worker } from 'node:worker_threads';
import { MisuseError, NonetError, UndecidedError } from '@nonet/core';
import {
  addressOfLimits,
  type Coupling,
  checkRequest,
  type LimitsRequest,
  type LimitsResult,
  limitsView,
  overlayFromFile,
  overlaySchema,
  type Scenario,
  scenarios,
  uncoupled,
} from '@nonet/limits';
import { takeAnswer, type WorkerAnswer } from '@nonet/limits/worker';
import { overheadIn, profiles } from '@nonet/matrix';
import { renderLimitsPage } from '@nonet/web';
import { vocabulary } from '../../declarations.ts';
import { readBytes } from '../../files/dataFile.ts';
import { writePage } from '../../files/writePage.ts';
import { parseYaml } from '../../files/yaml.ts';
import { readLocalEvidence } from '../../runs/localEvidence.ts';
import { findNamed } from '../../terminal/findNamed.ts';
import { foreignValues } from '../../terminal/foreignText.ts';
import { locateError } from '../../terminal/locateError.ts';
import { note, print, printJson } from '../../terminal/terminal.ts';
import type { LimitsOptions } from './definition.ts';
import { renderLimits } from './limitsText.ts';

/** Throws `scenario.malformed`, `limits.overhead`, `page.out`, and what `checkRequest` throws. */
export async function showLimits(options: LimitsOptions): Promise<void> {
  const { draws, seed, year, target, probability } = options;
  const request: LimitsRequest = {
    scenario: readScenario(options.scenario),
    draws,
    seed,
    year,
    coupling: readCoupling(options),
    beside: Object.values(scenarios),
    ...(target === undefined ? {} : { target: { flop: target, probability } }),
  };
  assertRequest(request);
  const result = await computeInThread(request);
  const asOf = new Date().toISOString();
  const view = limitsView(result, request.scenario, asOf);
  if (options.html !== undefined) {
    writePage(options.html, renderLimitsPage({ request, asOf, view }));
    return;
  }
  if (options.json) printJson({ address: addressOfLimits(result), result, view });
  else print(renderLimits(foreignValues(view)));
}

/** Before the thread is started: from there a mistake would arrive late. */
function assertRequest(request: LimitsRequest): void {
  try {
    checkRequest(request);
  } catch (error) {
    const isOverhead = error instanceof MisuseError && error.code === 'limits.coupling';
    throw isOverhead ? locateError(error, 'for --overhead') : error;
  }
}

function readScenario(name: string): Scenario {
  const known = findNamed(Object.keys(scenarios), name, (each) => each);
  if (known !== undefined) return scenarios[known as keyof typeof scenarios];
  const published = Object.keys(scenarios).join(', ');
  const text = new TextDecoder().decode(
    readBytes(name, `--scenario to be one of ${published}, or a scenario file`, 'scenario.file'),
  );
  const overlay = parseYaml(overlaySchema, text, name, 'scenario');
  try {
    return overlayFromFile(overlay, basename(name), scenarios);
  } catch (error) {
    throw locateError(error, `in ${name}`);
  }
}

function readCoupling({ overhead, privateData, teeShare }: LimitsOptions): Coupling {
  return {
    ...uncoupled,
    ...(overhead === undefined ? {} : readOverhead(overhead)),
    ...(privateData === undefined ? {} : { privateDataShare: privateData === true ? 1 : privateData }),
    ...(teeShare === undefined ? {} : { teeShare }),
  };
}

function readOverhead(text: string): Pick<Coupling, 'overhead' | 'overheadFrom'> {
  const factor = Number(text);
  if (text.trim() !== '' && !Number.isNaN(factor)) {
    return { overhead: factor, overheadFrom: 'given on the command line, not measured' };
  }
  const known = profiles.map(({ id }) => id);
  if (!known.includes(text)) {
    throw new MisuseError({
      code: 'limits.overhead',
      expected: `--overhead to be a factor, or one of the mechanisms ${known.join(', ')}`,
      found: JSON.stringify(text),
    });
  }
  const measured = readLocalEvidence()
    .flatMap(({ evidence }) => {
      const range = overheadIn(evidence, text, vocabulary);
      return range === undefined ? [] : [{ evidence, range }];
    })
    .toSorted((a, b) => (a.evidence.date < b.evidence.date ? 1 : -1))[0];
  if (measured === undefined) {
    throw new UndecidedError({
      code: 'limits.overhead',
      expected: `a measured overhead of ${text} in runs/`,
      found: 'none',
      hint: 'Run a job or a benchmark with it, or give a factor.',
    });
  }
  const { evidence, range } = measured;
  return {
    // The slower end: an overhead below 1 was noise.
    overhead: Math.max(1, range.high),
    overheadFrom: `${text}, measured here on ${evidence.date.slice(0, 10)}: ${evidence.sentence}`,
  };
}

function computeInThread(request: LimitsRequest): Promise<LimitsResult> {
  const thread = new Worker(new URL('./limitsThread.ts', import.meta.url), { workerData: request });
  const progress = createProgress(`computing ${request.draws.toLocaleString('en')} draws`);
  return new Promise<LimitsResult>((resolve, reject) => {
    thread.on('message', (answer: WorkerAnswer) => {
      try {
        const result = takeAnswer(answer, progress.show);
        if (result !== undefined) resolve(result);
      } catch (error) {
        reject(error);
      }
    });
    thread.on('error', reject);
    thread.on('exit', () => {
      reject(
        new NonetError({
          code: 'limits.thread',
          expected: 'a result',
          found: 'a thread that ended without one',
        }),
      );
    });
  }).finally(progress.end);
}

/** One line that changes where a person watches, and one line where not. */
function createProgress(what: string): { show: (share: number) => void; end: () => void } {
  if (process.stderr.isTTY !== true) {
    note(what);
    return { show: () => {}, end: () => {} };
  }
  return {
    show: (share) => process.stderr.write(`\r${what}: ${Math.round(100 * share)} %`),
    end: () => process.stderr.write('\r\u001b[K'),
  };
}
