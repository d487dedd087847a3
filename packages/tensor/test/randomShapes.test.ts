/**
 * Operations over windows and heads on random shapes, forwards and backwards: kernels against the
 * twin, bit for bit.
 */
import fc from 'fast-check';
import { describe, it } from 'vitest';
import type { Builder, TensorId } from '../src/index.ts';
import * as t from '../src/index.ts';
import { weigh } from './checkGradients.ts';
import { runBoth } from './runBoth.ts';

const seed = Number(process.env.SEED ?? 20261129);
console.log(`randomShapes.test.ts: SEED=${seed}`);
const options = { seed, numRuns: 25 };

/** Gradients of sum(y * pattern) with respect to every parameter. */
async function runGradients(build: (g: Builder) => TensorId) {
  const g = t.createBuilder();
  const y = build(g);
  g.output('y', y);
  g.output('loss', weigh(g, y));
  const graph = t.differentiate(t.lower(g.finish()), 'loss');
  await runBoth(graph, {}, { parameters: t.initialParameters(graph, '0x77') });
}

const small = fc.integer({ min: 1, max: 3 });
const windows = fc.record({
  batch: small,
  groups: small,
  channels: small,
  filters: small,
  kernel: fc.tuple(small, small),
  stride: fc.tuple(small, small),
  padding: fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2), fc.nat(2)),
  dilation: fc.tuple(small, small),
  extra: fc.tuple(fc.nat(6), fc.nat(6)),
});

describe('on random shapes, kernels and twin agree about', () => {
  it('conv2d', async () => {
    await fc.assert(
      fc.asyncProperty(windows, async (w) => {
        // At least as large as the kernel reaches.
        const [height, width] = w.kernel.map((count, i) => w.dilation[i] * (count - 1) + 1 + w.extra[i]);
        await runGradients((g) => {
          const x = g.parameter('x', [w.batch, w.groups * w.channels, height, width], 'heUniform');
          return t.conv2d(g, x, w.groups * w.filters, w);
        });
      }),
      options,
    );
  });

  it('convTranspose2d', async () => {
    await fc.assert(
      fc.asyncProperty(windows, async (w) => {
        const [height, width] = w.extra.map((extra) => extra + 3);
        await runGradients((g) => {
          const x = g.parameter('x', [w.batch, w.groups * w.channels, height, width], 'heUniform');
          const padding = w.padding.map((count) => count % 2) as [number, number, number, number];
          const outputPadding = w.stride.map((step) => step - 1) as [number, number];
          return t.convTranspose2d(g, x, w.groups * w.filters, { ...w, padding, outputPadding });
        });
      }),
      options,
    );
  });

  it('maxPool and averagePool', async () => {
    await fc.assert(
      fc.asyncProperty(windows, fc.boolean(), async (w, countPadding) => {
        const [height, width] = w.kernel.map((count, i) => w.dilation[i] * (count - 1) + 1 + w.extra[i]);
        const padding = w.padding.map((count, i) => Math.min(count, w.kernel[i % 2] - 1)) as [
          number,
          number,
          number,
          number,
        ];
        await runGradients((g) => {
          const x = g.parameter('x', [w.batch, w.channels, height, width], 'heUniform');
          const largest = t.maxPool(g, x, { ...w, padding });
          const mean = t.averagePool(g, t.maxPool(g, x, { kernel: 1 }), { ...w, padding, countPadding });
          return t.concat(
            g,
            [t.reshape(g, largest, [size(g, largest)]), t.reshape(g, mean, [size(g, mean)])],
            0,
          );
        });
      }),
      options,
    );
  });

  it('attention', async () => {
    const cases = fc.record({
      batch: small,
      queries: small,
      more: fc.nat(3),
      heads: small,
      width: small,
      causal: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ batch, queries, more, heads, width, causal }) => {
        await runGradients((g) => {
          const tensor = (name: string, length: number, features: number) =>
            g.parameter(name, [batch, length, heads * features], 'heUniform');
          const query = tensor('q', queries, width);
          const [key, value] = [tensor('k', queries + more, width), tensor('v', queries + more, width + 1)];
          return t.scaledDotProduct(g, query, key, value, { heads, causal });
        });
      }),
      options,
    );
  });
});

const size = (g: Builder, x: TensorId) => (g.nodes[x].shape as readonly number[]).reduce((a, b) => a * b, 1);
