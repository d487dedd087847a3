import { describe, expect, it } from 'vitest';
import { createTwinProgram } from '../src/index.ts';
import { goldenRuns, hashOf, smallMlp } from './goldenRuns.ts';

describe('golden training runs', () => {
  it.each(goldenRuns)('$name, on the kernels', async (run) => {
    expect(await hashOf(run)).toBe(run.hash);
  });

  it(`${smallMlp.name}, on the twin`, async () => {
    expect(await hashOf(smallMlp, createTwinProgram)).toBe(smallMlp.hash);
  });
});
