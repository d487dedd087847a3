/**
 * `nonet bench [SUITE]`: runs a benchmark of the repository, prints a table, and leaves evidence
 * for `nonet matrix`. Benchmarks and the software that they measure beside ours are not part of the
 * published package.
 */
import { globSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { MisuseError, NonetError } from '@nonet/core';
import { quantityText } from '@nonet/core/receipt';
import { createFigures, type Evidence, evidenceSchema, type Figure, parseRecord } from '@nonet/core/records';
import { type Energy, energyFigures } from '@nonet/matrix/energy';
import { writeWhole } from '../../files/writeWhole.ts';
import { energyJson, energyOf, energyText, samplesOf, startEnergyMeter } from '../../machine/energy.ts';
import { describeCommit, describeMachine, isCheckout } from '../../machine/origin.ts';
import { benchFolder } from '../../runs/runDirectory.ts';
import { findNamed } from '../../terminal/findNamed.ts';
import { foreignText, foreignValues } from '../../terminal/foreignText.ts';
import { bold, dim, formatTable, note, print, printJson } from '../../terminal/terminal.ts';
import type { BenchOptions } from './definition.ts';
import type { BenchContext, Suite } from './suite.ts';

/**
 * Lists the suites in `folder`, or runs one and keeps its evidence in runs/bench/. Throws
 * `bench.missing`, and what the suite throws.
 */
export async function runBenchmark(
  name: string | undefined,
  { json }: BenchOptions,
  folder = suitesFolder(),
): Promise<void> {
  const names = suiteNames(folder);
  if (name === undefined) {
    const suites = await Promise.all(names.map((each) => loadSuite(folder, each)));
    if (json) printJson(suites.map(({ name, about, cells }) => ({ name, about, cells })));
    else print(formatTable(foreignValues(suites).map((suite) => [bold(suite.name), suite.about])));
    return;
  }
  const suiteName = findNamed(names, name, (each) => each);
  if (suiteName === undefined) {
    throw new MisuseError({
      code: 'bench.missing',
      expected: `one of the benchmarks ${names.join(', ')}`,
      found: JSON.stringify(name),
    });
  }
  const suite = await loadSuite(folder, suiteName);
  const { figures, energy } = await runMetered(suite, folder);
  const evidence = evidenceOf(suite, figures, energy);
  const file = keepEvidence(suiteName, evidence);
  const { machine, commit } = evidence.origin;
  if (json) {
    printJson({ suite: suiteName, machine, commit, figures, energy: energyJson(energy) });
    return;
  }
  print(`${bold(suiteName)}: ${foreignText(suite.about)}\n\n${figureTable(foreignValues(figures))}\n`);
  print(`energy of the whole benchmark: ${energyText(energy.joules)} (${energy.label})`);
  print(dim(foreignText(energy.how)));
  print(dim(`${foreignText(machine)}; commit ${commit.slice(0, 12)}; evidence in ${file}`));
}

/** Where `nonet matrix` finds it. Returns the file. */
function keepEvidence(name: string, evidence: Evidence): string {
  mkdirSync(benchFolder, { recursive: true });
  const file = join(benchFolder, `${name}.json`);
  writeWhole(file, `${JSON.stringify([evidence], null, 2)}\n`);
  return file;
}

/** Runs a suite, and says what energy that took: of this process, where it has to be modelled. */
async function runMetered(suite: Suite, folder: string) {
  const meter = startEnergyMeter();
  const started = performance.now();
  const before = process.cpuUsage();
  const figures = await suite.run(createContext(folder));
  const { user, system } = process.cpuUsage(before);
  const seconds = (performance.now() - started) / 1000;
  const coreSeconds = (user + system) / 1e6;
  return { figures, energy: energyOf(meter.stop(), undefined, { seconds, share: 1, coreSeconds }) };
}

function figureTable(figures: Readonly<Record<string, Figure>>): string {
  const rows = Object.entries(figures).map(([name, { value, unit, min, max, n }]) => [
    name,
    quantityText(value, unit),
    n === 1 ? '' : `${quantityText(min, unit)} to ${quantityText(max, unit)}`,
    String(n),
  ]);
  return formatTable([['figure', 'median', 'range', 'n'].map(dim), ...rows], [1, 3]);
}

function evidenceOf(
  { name, about, cells }: Suite,
  figures: Readonly<Record<string, Figure>>,
  { label, joules, how }: Energy,
) {
  const origin = {
    type: 'run' as const,
    run: `bench ${name}`,
    machine: describeMachine(),
    commit: describeCommit(),
  };
  const evidence = {
    kind: 'measurement',
    sentence: `The benchmark ${name} measured ${about}. Its energy is ${label}: ${how}.`,
    cells: [...cells],
    origin,
    figures: { ...figures, ...createFigures([samplesOf(energyFigures.energy, joules)]) },
    check: { how: 'command', command: `nonet bench ${name}` },
    date: new Date().toISOString(),
    grade: 4,
  } satisfies Evidence;
  parseRecord(evidenceSchema, evidence, 'evidence');
  return evidence;
}

/**
 * The repository's `bench/`. Throws `bench.missing` in a published installation, which has none.
 */
function suitesFolder(): string {
  if (isCheckout) return fileURLToPath(new URL('../../../../../bench', import.meta.url));
  throw new MisuseError({
    code: 'bench.missing',
    expected: "a checkout of Nonet's repository, where the benchmarks are",
    found: 'an installed package',
    hint: 'Clone the repository, run `npm ci` there, then `npx nonet bench`.',
  });
}

/** Files that only help others export no suite. */
function suiteNames(folder: string): string[] {
  return globSync('*.ts', { cwd: folder })
    .filter((file) => /^export const suite\b/m.test(readFileSync(join(folder, file), 'utf8')))
    .map((file) => basename(file, '.ts'))
    .sort();
}

async function loadSuite(folder: string, name: string): Promise<Suite> {
  const { suite } = (await import(pathToFileURL(join(folder, `${name}.ts`)).href)) as { suite: Suite };
  if (suite.name === name) return suite;
  throw new NonetError({
    code: 'bench.name',
    expected: `the suite in ${name}.ts to have that name`,
    found: String(suite.name),
  });
}

function createContext(folder: string): BenchContext {
  return {
    // A peer's names and errors may be in it.
    note: (text) => note(foreignText(text)),
    async peer<T>(packageName: string) {
      const loader = join(folder, 'peers', 'load.ts');
      const { load } = (await import(pathToFileURL(loader).href)) as { load(name: string): Promise<unknown> };
      try {
        return (await load(packageName)) as T;
      } catch (error) {
        if (!isNotInstalled(error, packageName)) throw error;
        note(`peer not installed: ${packageName} (npm run bench:peers installs it)`);
        return undefined;
      }
    },
  };
}

/** The package itself, not something that it needs. */
function isNotInstalled(error: unknown, packageName: string): boolean {
  if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) return false;
  const missing = /'([^']+)'/.exec(error.message)?.[1];
  return missing !== undefined && `${packageName}/`.startsWith(`${missing}/`);
}
