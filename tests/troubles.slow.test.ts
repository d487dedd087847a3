/**
 * Runs on machines in trouble: each says what is wrong, stops in order, and goes on once it was
 * mended.
 */
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  createFolder,
  findProcess,
  hasProcessTable,
  jobFile,
  nonet,
  readLog,
  runFolder,
  startNonet,
  until,
  untilGone,
  untilTraining,
} from './nonet.ts';

const job = jobFile('cancer');
const minutes = 60_000;

function createWorkplace(): string {
  const folder = createFolder();
  onTestFinished(() => folder.remove());
  return folder.path;
}

const hasRun = (folder: string) =>
  existsSync(join(folder, 'runs')) &&
  readdirSync(join(folder, 'runs')).some((id) => existsSync(join(folder, 'runs', id, 'run.json')));

test.skipIf(process.platform !== 'linux')(
  'a disk that is full stops the run in order, and the same command goes on when there is room',
  async () => {
    const folder = createWorkplace();
    const running = startNonet(folder, 'run', job, '--json');
    await until(running, () => readLog(folder).length > 0);
    const log = join(runFolder(folder), 'log.jsonl');
    rmSync(log);
    // Each write says ENOSPC.
    symlinkSync('/dev/full', log);
    const stopped = await running.finished;
    expect(stopped.code, stopped.stderr).toBe(2);
    expect(JSON.parse(stopped.stdout)).toMatchObject({ error: { code: 'system.space' } });
    expect(stopped.stderr).not.toMatch(/^ {4}at /m);
    if (hasProcessTable) await untilGone(folder);
    rmSync(log);
    const finished = await nonet(folder, 'run', job, '--json');
    expect(finished.code, finished.stderr).toBe(0);
    expect(JSON.parse(finished.stdout)).toMatchObject({ rounds: 5, verified: true });
  },
  3 * minutes,
);

test(
  'a run whose record was torn is not begun anew without a word',
  async () => {
    const folder = createWorkplace();
    const running = startNonet(folder, 'run', job);
    await until(running, () => hasRun(folder));
    running.child.kill('SIGINT');
    expect((await running.finished).code).toBe(130);
    const path = runFolder(folder);
    writeFileSync(join(path, 'run.json'), '{"version": 1, "id"');
    const refused = await nonet(folder, 'run', job);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('run.damaged');
    expect(refused.stderr).toContain('run.json');
    expect(readdirSync(join(folder, 'runs'))).toHaveLength(1);
    const fresh = startNonet(folder, 'run', job, '--fresh');
    await until(fresh, () => readdirSync(join(folder, 'runs')).length === 2);
    fresh.child.kill('SIGINT');
    expect((await fresh.finished).code).toBe(130);
  },
  2 * minutes,
);

test.skipIf(!hasProcessTable)(
  'a model that one store lost is taken from another; one that all have lost is named at once',
  async () => {
    const folder = createWorkplace();
    const running = startNonet(folder, 'run', job);
    await until(running, () => readLog(folder).some(({ event }) => event.type === 'stepped'));
    running.child.kill('SIGINT');
    expect((await running.finished).code).toBe(130);
    const stepped = readLog(folder).findLast(({ event }) => event.type === 'stepped')!;
    const model = stepped.event.model as string;
    const files = ['blobs', 'blobs-2', 'watcher'].map((store) =>
      join(runFolder(folder), store, model.slice(2, 4), model),
    );
    const [bytes] = files.filter(existsSync).map((file) => readFileSync(file));
    for (const file of files) if (existsSync(file)) writeFileSync(file, 'damaged');
    const refused = await nonet(folder, 'run', job);
    expect(refused.code, refused.stderr).toBe(1);
    expect(refused.stderr).toContain('run.blob');
    expect(refused.stderr).toContain(files[0]!.slice(folder.length + 1));
    writeFileSync(files[2]!, bytes!);
    const finished = await nonet(folder, 'run', job, '--json');
    expect(finished.code, finished.stderr).toBe(0);
    expect(JSON.parse(finished.stdout)).toMatchObject({ rounds: 5, verified: true });
  },
  3 * minutes,
);

test.skipIf(!hasProcessTable)(
  'sites that share a process come back together when it is killed',
  async () => {
    const folder = createWorkplace();
    const running = startNonet(folder, 'run', jobFile('many'), '--json');
    await untilTraining(running, folder, 1);
    process.kill(findProcess(folder, 'roles/participant'), 'SIGKILL');
    const finished = await running.finished;
    expect(finished.code, finished.stderr).toBe(0);
    expect(finished.stderr).toMatch(/site \d+, site \d+ died \(SIGKILL\) and were started again/);
    expect(JSON.parse(finished.stdout)).toMatchObject({ participants: 30, dropped: 0, verified: true });
  },
  3 * minutes,
);
