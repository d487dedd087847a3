import { describe, expect, it } from 'vitest';
import {
  attachCrossEntropy,
  createBuilder,
  createProgram,
  flattenParameters,
  graphAddress,
  initialParameters,
  lower,
  mlp,
  relu,
} from '../index.ts';
import { exportOnnx } from './export.ts';
import { importOnnx } from './import.ts';
import { readModel } from './model.ts';

const graph = mlp({
  features: [2, 3],
  standardise: { mean: [1, 2, 3, 4, 5, 6], deviation: 2 },
  hidden: [5],
  classes: 3,
});
const parameters = initialParameters(graph, '0x05');
const file = exportOnnx({ graph, parameters });

describe('exportOnnx', () => {
  it('is read back as the same graph with the same parameters', () => {
    const read = importOnnx(file);
    expect(graphAddress(read.graph)).toBe(graphAddress(graph));
    expect(flattenParameters(read.parameters)).toEqual(flattenParameters(parameters));
    expect(read.inputs).toEqual([{ name: 'x', fileName: 'x', type: 'float32' }]);
    expect(read.extents).toEqual({ B: 'B' });
  });

  it('writes parameters as initialisers and constants as nodes, so that they can be told apart', () => {
    const model = readModel(file);
    expect(model.initialisers.map(({ name }) => name)).toEqual(parameters.map(({ name }) => name));
    expect(model.nodes.filter(({ operator }) => operator === 'Constant')).toHaveLength(2);
    expect(model.opsets).toEqual(new Map([['', 17]]));
  });

  it('carries labels, columns, how parameters start, and the address of the graph', () => {
    const table = { target: 'kind', missing: 'refuse' as const, columns: [] };
    const schema = { shape: [6], labels: ['a', 'b', 'c'], table };
    expect(importOnnx(exportOnnx({ graph, parameters, schema })).metadata).toEqual({
      'nonet.graph': graphAddress(graph),
      'nonet.initialisers':
        '{"dense0.weight":"heUniform","dense0.bias":"zeros","dense1.weight":"glorotUniform","dense1.bias":"zeros"}',
      'nonet.labels': '["a","b","c"]',
      'nonet.table': JSON.stringify(table),
    });
  });

  it('keeps two names of one tensor, and an input that is an output', async () => {
    const g = createBuilder();
    const x = g.input('x', 'f32', [2]);
    const y = relu(g, x);
    g.output('first', y);
    g.output('second', y);
    g.output('same', x);
    const read = importOnnx(exportOnnx({ graph: g.finish(), parameters: [] }));
    const program = await createProgram(read.graph);
    const { first, second, same } = program.run({ x: Float32Array.of(-1, 2) });
    expect([first, second, same]).toEqual([
      Float32Array.of(0, 2),
      Float32Array.of(0, 2),
      Float32Array.of(-1, 2),
    ]);
  });

  it('refuses losses, primitives and parameters of another graph', () => {
    const unsupported = expect.objectContaining({ code: 'onnx.operation' });
    expect(() => exportOnnx({ graph: attachCrossEntropy(graph), parameters })).toThrow(unsupported);
    expect(() => exportOnnx({ graph: lower(graph), parameters })).toThrow(unsupported);
    expect(() => exportOnnx({ graph, parameters: parameters.slice(1) })).toThrow(
      expect.objectContaining({ code: 'parameters.mismatch' }),
    );
  });
});
