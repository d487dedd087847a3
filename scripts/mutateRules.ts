/**
 * `npm run mutate`: takes every check out of the rules of a round, one at a time, in a copy, and
 * says who notices: the explorer, because a promise of docs/specs/round.md §0 is broken, and the
 * rules' own tests, the conformance suite of ledgers among them. Writes docs/rules-mutations.md and
 * exits 1 where a check is missed by both.
 *
 *     npm run mutate                      all of them, more than an hour on two cores
 *     npm run mutate -- changed           those that the table does not have, or says are missed
 *     npm run mutate -- judge.ts          one file
 *     npm run mutate -- judge.ts:42       one line
 */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  findTasks,
  isMissed,
  mutatedFiles,
  type Notice,
  type Notices,
  readTable,
  rulesFolder,
  type Task,
  tableFile,
  writeTable,
} from './mutationTable.ts';

const root = join(import.meta.dirname, '..');

/**
 * A copy of the federation package whose rules may be changed; everything else is the repository's.
 */
class Copy {
  readonly folder = mkdtempSync(join(tmpdir(), 'nonet-mutants-'));

  constructor() {
    cpSync(join(root, 'packages/federation/src'), join(this.folder, 'packages/federation/src'), {
      recursive: true,
    });
    cpSync(
      join(root, 'packages/federation/package.json'),
      join(this.folder, 'packages/federation/package.json'),
    );
    symlinkSync(join(root, 'node_modules'), join(this.folder, 'node_modules'));
    mkdirSync(join(this.folder, 'cache'));
    writeFileSync(join(this.folder, 'explore.ts'), explorerScript);
    writeFileSync(join(this.folder, 'vitest.config.mjs'), vitestConfig);
  }

  async try(task: Task): Promise<Notice> {
    const file = join(this.folder, rulesFolder, task.file);
    const right = readFileSync(file, 'utf8');
    writeFileSync(file, task.text);
    try {
      return { explorer: await this.explore(task.file), test: await this.test() };
    } finally {
      writeFileSync(file, right);
    }
  }

  /** The first broken promise; empty where there is none. Clear rounds do not reach masking.ts. */
  async explore(file?: string): Promise<string> {
    const names = file === 'masking.ts' ? '^masked' : '';
    const { code, out } = await this.run(process.execPath, ['explore.ts', names], 300);
    if (code === undefined) return 'does not end';
    return code === 0 ? '' : (/^broken: (.*)$/m.exec(out)?.[1] ?? 'throws');
  }

  /**
   * The first failing test; empty where there is none. Random games are left out: they compare the
   * rules with themselves.
   */
  async test(): Promise<string> {
    const report = join(this.folder, 'report.json');
    rmSync(report, { force: true });
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    const options = ['--bail=1', '--reporter=json', `--outputFile=${report}`, '-t=^(?!.*random games)'];
    const { code, out } = await this.run(process.execPath, [vitest, 'run', ...options], 900);
    if (code === undefined) return 'does not end';
    if (code === 0) return '';
    if (!existsSync(report)) throw new Error(`expected a report of vitest, found ${out.slice(-2000)}`);
    const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
      testResults: { assertionResults: { status: string; fullName: string }[] }[];
    };
    const failed = testResults.flatMap(({ assertionResults }) =>
      assertionResults.filter(({ status }) => status === 'failed'),
    );
    return failed[0]?.fullName.replace(/^memory as a ledger /, '').trim() ?? 'does not load';
  }

  /** Runs a command in the copy; no code where it had to be stopped after so many seconds. */
  private run(
    command: string,
    args: readonly string[],
    seconds: number,
  ): Promise<{ readonly code: number | undefined; readonly out: string }> {
    const child: ChildProcess = spawn(command, args, {
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 1000 * seconds,
      killSignal: 'SIGKILL',
    });
    let out = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream!.on('data', (data) => {
        out += data;
      });
    }
    return new Promise((resolve) => {
      child.on('close', (code) => resolve({ code: code ?? undefined, out }));
    });
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The short scenarios whole, and the beginnings of longer ones, among them one of masked updates. */
const explorerScript = `
import { explore, scenarios } from './packages/federation/src/explore/index.ts';
for (const scenario of scenarios) {
  if (!/^(all honest|watcher|creator|bystander|participant|first aggregator|masked|masked, participant)$/.test(scenario.name)) continue;
  if (!new RegExp(process.argv[2]).test(scenario.name)) continue;
  const { violation } = await explore({ ...scenario, maximumStates: 6000 });
  if (violation === undefined) continue;
  console.log(\`broken: \${violation.property} (\${scenario.name})\`);
  process.exit(1);
}
`;

const vitestConfig = `
export default {
  cacheDir: 'cache',
  test: { include: ['${rulesFolder}/*.test.ts'], testTimeout: 120_000, maxWorkers: 1, fileParallelism: false },
};
`;

/** Tries the tasks, in as many copies at a time as there are cores. */
async function tryAll(tasks: readonly Task[], onNotice: (task: Task, notice: Notice) => void): Promise<void> {
  const left = [...tasks];
  const work = async () => {
    const copy = new Copy();
    try {
      const right = (await copy.explore()) || (await copy.test());
      if (right !== '') throw new Error(`expected rules of which nothing is noticed, found ${right}`);
      for (let task = left.shift(); task !== undefined; task = left.shift()) {
        const notice = await copy.try(task);
        onNotice(task, notice);
        const missed = isMissed(notice) ? 'MISSED ' : '';
        console.log(
          `${missed}${task.key} (line ${task.line}): ${notice.explorer || '-'}; ${notice.test || '-'}`,
        );
      }
    } finally {
      copy.close();
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), tasks.length) }, work));
}

function chooseTasks(tasks: readonly Task[], known: Notices, names: readonly string[]): readonly Task[] {
  if (names.length === 0) return tasks;
  return tasks.filter(({ file, line, key }) => {
    const notice = known.get(key);
    const changed = notice === undefined || isMissed(notice);
    return (
      names.includes(file) || names.includes(`${file}:${line}`) || (names.includes('changed') && changed)
    );
  });
}

const table = join(root, tableFile);
const tasks = findTasks(root);
const known = existsSync(table) ? readTable(readFileSync(table, 'utf8')) : new Map<string, Notice>();
const chosen = chooseTasks(tasks, known, process.argv.slice(2));
if (chosen.length === 0) {
  console.error(
    `expected changed rules, or names of files or FILE:LINE with checks: ${mutatedFiles.join(', ')}`,
  );
  process.exit(2);
}
const found = new Map(known);
// After each, so that a run which is cut off goes on with `changed`.
await tryAll(chosen, ({ key }, notice) => {
  found.set(key, notice);
  writeFileSync(table, writeTable(tasks, found));
});
const missed = tasks.filter(({ key }) => found.has(key) && isMissed(found.get(key)!));
console.log(`${chosen.length} of ${tasks.length} conditions tried; ${missed.length} missed`);
process.exitCode = missed.length === 0 ? 0 : 1;
