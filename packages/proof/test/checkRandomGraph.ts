/** A random model, quantised and compiled: the program gives what the graph of integers gives. */
import { leavesOf, type Parameters } from '@nonet/tensor';
import { quantise } from '@nonet/tensor/quantise';
import { checkProgram } from '../src/zk/model/checkProgram.ts';
import { compileProgram } from '../src/zk/model/compileProgram.ts';
import { createProver } from '../src/zk/model/proveModel.ts';
import { verifyInference, verifyRegistration } from '../src/zk/verify.ts';
import { randomGraph } from './randomGraphs.ts';
import { createSource } from './randomPrograms.ts';

/** Throws where they differ, or where a proof is refused; returns the steps of the model. */
export async function checkRandomGraph(seed: number, isProven: boolean): Promise<readonly string[]> {
  const source = createSource(seed);
  const { graph, size, names } = randomGraph(source);
  const noise = () => source.next(2001) / 1000 - 1;
  const parameters: Parameters = leavesOf(graph, 'parameter').map(({ name, shape }) => ({
    name,
    shape,
    data: Float32Array.from(
      { length: shape.reduce<number>((product, extent) => product * Number(extent), 1) },
      () => (name.endsWith('variance') || name.endsWith('scale') ? 1 + noise() / 2 : noise() / 2),
    ),
  }));
  const rows = { x: Float32Array.from({ length: 16 * size }, noise) };
  const { graph: integers } = await quantise({ graph, parameters, rows });
  const compiled = compileProgram({ graph: integers, maximumBatch: 3 });
  await checkProgram({ compiled, graph: integers, rows: 3, seed });
  if (!isProven) return names;
  const prover = createProver(compiled);
  const verdict = verifyRegistration(prover.register());
  if (!verdict.accepted) throw new Error(`${verdict.code}, ${verdict.found}`);
  const { low, high } = compiled.program.input;
  const inputs = Int32Array.from({ length: 2 * size }, () => source.from(low, high));
  const { statement, proof } = prover.prove({ inputs, rows: 2, context: new Uint8Array() });
  const found = verifyInference(verdict.model, statement, proof);
  if (!found.accepted) throw new Error(`${found.code}, ${found.found}`);
  return names;
}
