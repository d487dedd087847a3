import { describe, expect, it } from 'vitest';
import { createProgram } from '../src/index.ts';
import { startThreads } from '../src/threads/index.ts';
import { createTwinProgram } from '../src/twins/index.ts';
import { goldenRuns, hashOf, smallRuns, stepOf } from './goldenRuns.ts';

describe('golden training runs', () => {
  it.each(goldenRuns)('$name, on the kernels', async (run) => {
    expect(await hashOf(run)).toBe(run.hash);
  });

  it.each([2, 3])('all of them on %i threads', async (count) => {
    const threads = startThreads(count);
    for (const run of goldenRuns) {
      const program = await createProgram(stepOf(run), { threads });
      expect(await hashOf(run, () => program)).toBe(run.hash);
      program.close();
    }
    await threads.close();
  });

  it.each(smallRuns)('$name, on the twin', async (run) => {
    expect(await hashOf(run, createTwinProgram)).toBe(run.hash);
  });
});
