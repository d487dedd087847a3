/**
 * Crashes of whole runs: each process of a run is killed in the middle of a round, the coordinator
 * is killed and interrupted, and the run must end with the model of an undisturbed one. Who is
 * killed comes back before the deadline of its round, so that nobody is missing.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createFolder,
  type Finished,
  findProcess,
  hasProcessTable,
  jobFile,
  modelOf,
  nonet,
  processesIn,
  readLog,
  runFolder,
  type Started,
  startNonet,
  until,
  untilGone,
  untilTraining,
} from './nonet.ts';

const job = jobFile('cancer');
const minutes = 60_000;
const folders = [createFolder(), createFolder(), createFolder()];
const [quiet, killed, path] = folders.map((folder) => folder.path) as [string, string, string];
let undisturbed: string;
let finished: Finished;

beforeAll(async () => {
  const [first, second] = await Promise.all([nonet(quiet, 'run', job), killPartByPart()]);
  expect(first.code, first.stderr).toBe(0);
  undisturbed = modelOf(quiet);
  finished = second;
}, 3 * minutes);

afterAll(() => {
  for (const { remove } of folders) remove();
});

async function killPartByPart(): Promise<Finished> {
  const running = startNonet(killed, 'run', job);
  if (!hasProcessTable) return running.finished;
  for (const [i, part] of ['anvil', 'roles/aggregator', 'roles/participant', 'roles/watcher'].entries()) {
    await untilTraining(running, killed, i + 1);
    process.kill(findProcess(killed, part), 'SIGKILL');
  }
  return running.finished;
}

describe.skipIf(!hasProcessTable)('killed in the middle of a round', () => {
  test('chain, aggregator, participant and watcher come back by themselves', () => {
    expect(finished.code, finished.stderr).toBe(0);
    for (const who of ['aggregator \\d', 'site \\d', 'watcher']) {
      expect(finished.stderr).toMatch(new RegExp(`${who} died \\(SIGKILL\\) and was started again`));
    }
  });

  test('the model is that of an undisturbed run', () => {
    expect(modelOf(killed)).toBe(undisturbed);
  });

  test('nobody was missing in any round', () => {
    const stepped = readLog(killed).filter(({ event }) => event.type === 'stepped');
    expect(stepped.map(({ event }) => event.accepted)).toEqual(Array(5).fill([0, 1, 2]));
  });

  test('nothing is left running', () => untilGone(killed), minutes);
});

describe.skipIf(!hasProcessTable)('the coordinator', () => {
  let resumed: Started;

  test(
    'killed: its children end, and so does the chain; the same command goes on',
    async () => {
      const first = startNonet(path, 'run', job);
      await untilTraining(first, path, 1);
      first.child.kill('SIGKILL');
      expect((await first.finished).signal).toBe('SIGKILL');
      await untilGone(path);
      resumed = startNonet(path, 'run', job);
      await until(resumed, () => resumed.stderr().includes('starting 3 sites'));
      await untilTraining(resumed, path, 2);
    },
    minutes,
  );

  test(
    'a second one for the same run is refused while it works',
    async () => {
      const { code, stderr, stdout } = await nonet(path, 'run', job);
      expect(code).toBe(2);
      expect(stderr).toContain('run.busy');
      expect(stderr).toContain(`process ${resumed.child.pid}`);
      expect(stdout).toBe('');
    },
    minutes,
  );

  test(
    'interrupted: exit code 130, and no process is left',
    async () => {
      await untilTraining(resumed, path, 3);
      resumed.child.kill('SIGINT');
      const { code, stderr } = await resumed.finished;
      expect(code, stderr).toBe(130);
      expect(stderr).toContain('the same command goes on from here');
      expect(processesIn(path)).toEqual([]);
      expect((await nonet(path, 'status')).stdout).toContain('unfinished');
    },
    minutes,
  );

  test(
    'interrupted while it starts: the same',
    async () => {
      const starting = startNonet(path, 'run', job);
      await until(starting, () => starting.stderr().includes('resuming'));
      await pause(100);
      starting.child.kill('SIGTERM');
      expect((await starting.finished).code).toBe(130);
      expect(processesIn(path)).toEqual([]);
    },
    minutes,
  );

  test(
    'the same command goes on, in the same run, to the same model',
    async () => {
      const run = runFolder(path);
      const { code, stderr } = await nonet(path, 'run', job);
      expect(code, stderr).toBe(0);
      expect(runFolder(path)).toBe(run);
      expect(modelOf(path)).toBe(undisturbed);
      // A recap of what was there, and the rounds that were missing.
      for (const round of [1, 2, 3, 4, 5]) expect(stderr).toContain(`round ${round} of 5, 3 of 3 took part`);
      await untilGone(path);
    },
    3 * minutes,
  );
});
