/**
 * Sites that drop out by script: one comes back, one does not; and what happens when none is left.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createFolder,
  type Finished,
  jobFile,
  nonet,
  readJson,
  readLog,
  runFolder,
  untilGone,
} from './nonet.ts';

const minute = 60_000;
const [present, vanished] = [createFolder(), createFolder()];
let absent: Finished;
let nobody: Finished;

beforeAll(async () => {
  [absent, nobody] = await Promise.all([
    nonet(present.path, 'run', jobFile('absences'), '--json'),
    nonet(vanished.path, 'run', jobFile('vanishing'), '--json'),
  ]);
}, 3 * minute);

afterAll(() => {
  present.remove();
  vanished.remove();
});

describe('sites that drop out', () => {
  test('do not keep the job from ending', () => {
    expect(absent.code, absent.stderr).toBe(0);
    expect(JSON.parse(absent.stdout)).toMatchObject({
      rounds: 5,
      participants: 3,
      dropped: 2,
      verified: true,
    });
  });

  test('are away from their round on, and one is back in the round that the script says', () => {
    const stepped = readLog(present.path).filter(({ event }) => event.type === 'stepped');
    expect(stepped.map(({ event }) => event.accepted)).toEqual([[0, 1, 2], [0], [0], [0, 1], [0, 1]]);
  });

  test('are named while it happens', () => {
    expect(absent.stderr).toContain('site 2 dropped out while it trained for step 2');
    expect(absent.stderr).toContain('site 3 dropped out while it trained for step 2');
    expect(absent.stderr).toContain('site 2 comes back');
    expect(absent.stderr).not.toContain('site 3 comes back');
    expect(absent.stderr).toContain('round 3 of 5, 1 of 3 took part');
  });

  test('are in the receipt, round by round', async () => {
    const { evidence } = readJson<{
      evidence: { sentence: string; figures: Record<string, { value: number }> }[];
    }>(runFolder(present.path), 'receipt.json');
    const rounds = evidence.filter(({ sentence }) => /^Round \d/.test(sentence));
    expect(rounds.map(({ figures }) => figures.absent?.value)).toEqual([0, 2, 2, 1, 1]);
    const run = runFolder(present.path);
    const { code, stdout } = await nonet(
      present.path,
      'verify',
      join(run, 'receipt.json'),
      '--blobs',
      join(run, 'blobs'),
    );
    expect(code, stdout).toBe(0);
  });
});

describe('when every site has vanished', () => {
  test('the run ends with a reason and a receipt instead of going on for ever', async () => {
    expect(nobody.code).toBe(1);
    expect(JSON.parse(nobody.stdout)).toMatchObject({
      accuracy: null,
      rounds: 0,
      dropped: 3,
      verified: true,
    });
    expect(nobody.stderr).toContain('round 5 of 5, 0 of 3 took part, void');
    expect(nobody.stderr).not.toMatch(/^ {4}at /m);
    const { evidence } = readJson<{ evidence: { sentence: string }[] }>(
      runFolder(vanished.path),
      'receipt.json',
    );
    const voided = evidence.filter(({ sentence }) => sentence.includes('it led to no new model'));
    expect(voided, evidence.map(({ sentence }) => sentence).join('\n')).toHaveLength(5);
  });

  test(
    'it is over: nothing of it goes on',
    async () => {
      const { stdout } = await nonet(vanished.path, 'status');
      expect(stdout).toContain('stopped');
      await untilGone(vanished.path);
    },
    minute,
  );
});
