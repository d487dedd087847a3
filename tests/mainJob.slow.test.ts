/**
 * `npm start`, as a newcomer calls it: the whole of MNIST, twenty processes, two drop-outs, one
 * return; and what can be checked afterwards.
 */
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createFolder, root, startNonet } from './nonet.ts';

const folder = createFolder();
afterAll(() => folder.remove());

test('the main job reads digits, and its receipt is recomputed from its blobs', {
  timeout: 600_000,
}, async () => {
  const run = await startNonet(folder.path, 'run', join(root, 'examples/digits.job.ts'), '--json').finished;
  expect(run.code, run.stderr).toBe(0);
  const result = JSON.parse(run.stdout) as Record<string, unknown>;
  expect(result).toMatchObject({ rounds: 10, participants: 20, verified: true });
  // Sites 6 and 13 by the script; on a very slow machine, more may miss a deadline.
  expect(result.dropped).toBeGreaterThanOrEqual(2);
  expect(result.accuracy).toBeGreaterThanOrEqual(0.96);
  const receipt = join(folder.path, String(result.receipt));
  const blobs = join(receipt, '..', 'blobs');
  const verify = await startNonet(folder.path, 'verify', receipt, '--blobs', blobs, '--json').finished;
  expect(verify.code, verify.stderr).toBe(0);
  const { verdicts } = JSON.parse(verify.stdout) as {
    verdicts: { piece: { kind: string }; status: string }[];
  };
  const checked = verdicts.filter(
    ({ piece, status }) => piece.kind === 'statement' && status === 'checked here',
  );
  // The accuracy, ten rounds, the ledger's record, a proven prediction, and that its model is this one.
  expect(checked).toHaveLength(14);
});
