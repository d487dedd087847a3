/**
 * A private job by real processes, of which three sites are killed at named points of a round: what
 * leaves a site is charged to its budget once, noise is never drawn twice for one message, and the
 * receipt says what was spent.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createFolder,
  type Finished,
  findProcess,
  hasProcessTable,
  jobFile,
  nonet,
  readLog,
  runFolder,
  startNonet,
  until,
  untilGone,
} from './nonet.ts';

const minutes = 60_000;
const rounds = 4;
/** Who is killed once it has said so, in which round: before its noise is drawn, after, and later. */
const kills = [
  { by: 'site 1', type: 'registered', round: 0 },
  { by: 'site 2', type: 'trained', round: 1 },
  { by: 'site 3', type: 'uploaded', round: 2 },
] as const;

const { path, remove } = createFolder();
let finished: Finished;

beforeAll(async () => {
  const running = startNonet(path, 'run', jobFile('private'));
  if (hasProcessTable) {
    for (const { by, type, round } of kills) {
      await until(running, () =>
        readLog(path).some(
          (line) => line.by === by && line.event.type === type && line.event.round === round,
        ),
      );
      // The oldest process is that of the first site that was not killed yet.
      process.kill(findProcess(path, 'roles/participant'), 'SIGKILL');
    }
  }
  finished = await running.finished;
}, 5 * minutes);

afterAll(remove);

interface Charge {
  readonly charge: { readonly round: number; readonly contribution: string };
}

/** What the budget of a site was charged with. */
function chargesOf(site: number): Charge['charge'][] {
  const budget = join(runFolder(path), 'sites', String(site).padStart(2, '0'), 'budget');
  return readdirSync(budget, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.charge'))
    .map((name) => (JSON.parse(readFileSync(join(budget, name), 'utf8')) as Charge).charge)
    .sort((a, b) => a.round - b.round);
}

describe('a private job of which sites are killed', () => {
  test('ends, with all sites in every round, and says what was spent', async () => {
    expect(finished.code, finished.stderr).toBe(0);
    expect(finished.stderr).toContain('What was spent of whose privacy');
    expect(finished.stderr).toMatch(/Each single record +epsilon \d\.\d+ at delta 0\.00001 spent/);
    const stepped = readLog(path).filter(({ event }) => event.type === 'stepped');
    expect(stepped.map(({ event }) => event.accepted)).toEqual(Array(rounds).fill([0, 1, 2, 3, 4]));
    await untilGone(path);
  });

  test.skipIf(!hasProcessTable)('those that were killed came back', () => {
    for (const { by } of kills) {
      expect(finished.stderr).toContain(`${by} died (SIGKILL) and was started again`);
    }
  });

  test('each site was charged once for each round, with the very message that it committed to', () => {
    const committed = readLog(path).filter(({ event }) => event.type === 'committed');
    for (const site of [1, 2, 3, 4, 5]) {
      const charges = chargesOf(site);
      expect(charges.map(({ round }) => round)).toEqual([0, 1, 2, 3]);
      for (const { round, contribution } of charges) {
        // A process that was killed after its commitment did not say so.
        const told = committed.filter(({ by, event }) => by === `site ${site}` && event.round === round);
        for (const { event } of told) expect(event.blob).toBe(contribution);
      }
    }
  });

  test(
    'the receipt is verified again, and fails where it says that less was spent',
    async () => {
      const run = runFolder(path);
      const verify = (receipt: string) => nonet(path, 'verify', receipt, '--blobs', join(run, 'blobs'));
      const receipt = join(run, 'receipt.json');
      const { code, stdout } = await verify(receipt);
      expect(code, stdout).toBe(0);
      expect(stdout).toContain(`accounting again for ${rounds} rounds that the ledger shows gives epsilon`);
      const text = readFileSync(receipt, 'utf8');
      const other = join(path, 'other.json');
      writeFileSync(other, text.replace(/has spent epsilon \d\.\d+/, 'has spent epsilon 0.1'));
      expect((await verify(other)).code).toBe(1);
    },
    minutes,
  );
});
