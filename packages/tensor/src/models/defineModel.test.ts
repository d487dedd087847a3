import { describe, expect, expectTypeOf, it } from 'vitest';
import { defineGraph } from '../graph/defineGraph.ts';
import { graphAddress } from '../graph/encode.ts';
import { relu } from '../graph/operations/elementwise.ts';
import { dense } from '../graph/operations/linear.ts';
import { crossEntropy } from '../graph/operations/losses.ts';
import { flatten } from '../graph/operations/shapes.ts';
import { printGraph } from '../graph/print.ts';
import { mlp } from './architectures.ts';
import { defineModel } from './defineModel.ts';

describe('defineModel', () => {
  it('is the graph that mlp gives, when it has its layers', () => {
    const { graph, labels } = defineModel({ shape: [2, 3], labels: ['no', 'yes'] }, (g, x) =>
      dense(g, relu(g, dense(g, flatten(g, x), 4)), 2, 'glorotUniform'),
    );
    expect(graphAddress(graph)).toBe(graphAddress(mlp({ features: [2, 3], hidden: [4], classes: 2 })));
    expect(labels).toEqual(['no', 'yes']);
    expectTypeOf(labels).toEqualTypeOf<readonly ('no' | 'yes')[]>();
  });

  it('is printed as a paper would draw it', () => {
    const { graph } = defineModel({ shape: [4], labels: ['a', 'b', 'c'] }, (g, x) => dense(g, x, 3));
    expect(printGraph(graph)).toBe(
      [
        'graph  arithmetic 1',
        ' input x f32[B,4]',
        ' parameter dense0.weight f32[4,3]  dense0.bias f32[3]',
        ' %0 f32[B,3] = dense x dense0.weight dense0.bias',
        ' %1 f32[B,3] = softmax %0',
        ' %2 i32[B]   = argmax %0',
        ' output logits=%0  output probabilities=%1  output label=%2',
      ].join('\n'),
    );
  });

  it.each([[[]], [['a']], [['a', 'b', 'a']]])('refuses the labels %j', (labels: string[]) => {
    expect(() => defineModel({ shape: [4], labels }, (g, x) => dense(g, x, 3))).toThrow(
      'at least two labels',
    );
  });

  it('refuses logits that are not one for each label, and says so', () => {
    const labels = ['a', 'b'];
    expect(() => defineModel({ shape: [4], labels }, (g, x) => dense(g, x, 3))).toThrow(
      'expected logits f32[B,2], one for each label, found f32[B,3]. The last layer',
    );
    expect(() => defineModel({ shape: [4], labels }, () => 99)).toThrow('found no tensor');
    expect(() => defineModel({ shape: [2], labels, dtype: 'i32' }, (_, x) => x)).toThrow('found i32[B,2]');
  });
});

describe('defineGraph', () => {
  it('knows its inputs and outputs by name', () => {
    const graph = defineGraph({ x: ['f32', 'B', 4], y: ['i32', 'B'], w: ['f32', 'B'] }, (g, { x, y, w }) => {
      const logits = dense(g, x, 3);
      return { loss: crossEntropy(g, logits, y, w), logits };
    });
    expect(graph.outputs.map(({ name }) => name)).toEqual(['loss', 'logits']);
    expectTypeOf(graph.names!).toEqualTypeOf<{
      readonly input: 'x' | 'y' | 'w';
      readonly output: 'loss' | 'logits';
    }>();
  });

  it('has no input but those that were named', () => {
    // @ts-expect-error: there is no input z
    expect(() => defineGraph({ x: ['f32', 'B', 4] }, (g, { z }) => ({ out: dense(g, z, 1) }))).toThrow();
  });
});
