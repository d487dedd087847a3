/**
 * A compiled program against its graph: both run on one random batch, so that a defect of the
 * compiler is found before a model is registered.
 */
import { NonetError } from '@nonet/core';
import { bind, createProgram, type Graph } from '@nonet/tensor';
import type { CompiledProgram } from './compileProgram.ts';
import { analyseProgram } from './program.ts';
import { largestPositions, runProgram } from './proveWitness.ts';

/** What was compiled, and from what. */
export interface CheckProgramOptions {
  readonly compiled: CompiledProgram;
  readonly graph: Graph;
  /** The output that was compiled; the only one if left out. */
  readonly output?: string;
  /** Rows to compare; 1 if left out. */
  readonly rows?: number;
  /** Of the inputs. */
  readonly seed?: number;
}

/** Throws `proof.miscompiled` where the program gives another answer than the graph. */
export async function checkProgram({
  compiled: { program, weights },
  graph,
  output = graph.outputs[0].name,
  rows = 1,
  seed = 1,
}: CheckProgramOptions): Promise<void> {
  const ranges = analyseProgram(program);
  const [{ size }] = ranges.tensors;
  const { low, high } = program.input;
  let state = seed;
  const inputs = Int32Array.from({ length: rows * size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return low + Math.floor((state / 2 ** 32) * (high - low + 1));
  });
  const { tensors } = runProgram(program, ranges, weights, inputs, rows);
  const last = ranges.tensors[ranges.tensors.length - 1];
  const values = tensors[tensors.length - 1];
  const found =
    program.output === 'position'
      ? largestPositions(values, rows, last.size, last.variables)
      : Int32Array.from(
          { length: rows * last.size },
          (_, i) => values[Math.floor(i / last.size) * 2 ** last.variables + (i % last.size)],
        );
  const [[name, dimension]] = graph.nodes.flatMap((node) =>
    node.kind === 'input' ? [[node.name, String(node.shape[0])] as const] : [],
  );
  const executor = await createProgram(bind(graph, { [dimension]: rows }));
  const expected = executor.run({ [name]: inputs })[output] as Int32Array;
  const wrong = expected.findIndex((value, i) => value !== found[i]);
  if (wrong < 0 && expected.length === found.length) return;
  throw new NonetError({
    code: 'proof.miscompiled',
    expected: `${expected[wrong]} as number ${wrong} of ${output}, as the graph gives`,
    found: `${found[wrong]}`,
    hint: 'This is a defect of Nonet; please report it with the model.',
  });
}
