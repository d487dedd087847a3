/**
 * Runs a graph on the kernels and on the scalar twin from the same parameters and demands the same
 * bits everywhere.
 */
import { expect } from 'vitest';
import { createProgram, type Graph, type InputValue, type Parameters } from '../src/index.ts';
import type { Threads } from '../src/threads/index.ts';
import { createTwinProgram } from '../src/twins/index.ts';

/** Bit patterns, all NaN as one: their bits are outside the definition. */
export function bitsOf(values: Float32Array | Int32Array): number[] {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return Array.from(words, (word, i) => (Number.isNaN(values[i]) ? 0x7fc00000 : word));
}

export async function runBoth(
  graph: Graph,
  inputs: Readonly<Record<string, InputValue>>,
  options: { parameters?: Parameters; steps?: number; threads?: Threads } = {},
) {
  const { threads } = options;
  const onKernels = await createProgram(graph, threads === undefined ? {} : { threads });
  const programs = [onKernels, createTwinProgram(graph)];
  const [kernel, twin] = programs.map((program) => {
    if (options.parameters !== undefined) program.setParameters(options.parameters);
    let outputs = program.run(inputs);
    for (let step = 1; step < (options.steps ?? 1); step++) outputs = program.run(inputs);
    return { outputs, parameters: program.parameters(), states: program.states() };
  });
  onKernels.close();
  for (const [name, values] of Object.entries(twin.outputs)) {
    expect(bitsOf(kernel.outputs[name]), name).toEqual(bitsOf(values));
  }
  for (const kind of ['parameters', 'states'] as const) {
    for (const [i, { name, data }] of twin[kind].entries()) {
      expect(bitsOf(kernel[kind][i].data), name).toEqual(bitsOf(data));
    }
  }
  return twin;
}
