/**
 * Models with the answers of ONNX Runtime (vectors/onnx/reports.json.gz, made by
 * bench/peers/makeOnnxReports.py): what users reported, and operators and operator sets for which
 * ONNX publishes no cases. Bound to the extents of the inputs, each gives the same.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bind, createProgram, type Graph, leavesOf } from '../src/index.ts';
import { importOnnx } from '../src/onnx/index.ts';

interface StoredTensor {
  readonly type: string;
  readonly shape: readonly number[];
  readonly data: readonly (number | string | boolean)[];
}

interface Report {
  readonly name: string;
  readonly tool: string;
  readonly model: string;
  readonly files: Readonly<Record<string, string>>;
  readonly inputs: Readonly<Record<string, StoredTensor>>;
  readonly outputs: Readonly<Record<string, StoredTensor>>;
  readonly extents?: Readonly<Record<string, number>>;
  readonly values?: Readonly<Record<string, number>>;
  /** How far from ONNX Runtime, in units in the last place of the largest entry. */
  readonly ulp: number;
}

const reports = JSON.parse(
  gunzipSync(readFileSync(new URL('../../../vectors/onnx/reports.json.gz', import.meta.url))).toString(),
) as readonly Report[];

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));

/** Numbers for the extents that the graph leaves open, from the shapes of the inputs. */
function extentsOf(graph: Graph, shapes: ReadonlyMap<string, readonly number[]>): Record<string, number> {
  const pairs = leavesOf(graph, 'input').flatMap(({ name, shape }) =>
    shape.flatMap((extent, axis) =>
      typeof extent === 'string' ? [[extent, shapes.get(name)![axis]] as const] : [],
    ),
  );
  return Object.fromEntries(pairs);
}

function reportOf(name: string): Report {
  return reports.find((report) => report.name === name)!;
}

async function runReport(report: Report) {
  const { model, files, inputs, extents, values } = report;
  const externalFiles = new Map(Object.entries(files).map(([path, text]) => [path, bytesOf(text)]));
  const imported = importOnnx(bytesOf(model), {
    externalFiles,
    ...(extents === undefined ? {} : { extents }),
    ...(values === undefined ? {} : { values }),
  });
  const shapes = new Map(imported.inputs.map(({ name, fileName }) => [name, inputs[fileName]!.shape]));
  const program = await createProgram(bind(imported.graph, extentsOf(imported.graph, shapes)));
  program.setParameters(imported.parameters);
  const given = imported.inputs.map(({ name, fileName, type, labels }) => {
    const position = (text: unknown) => labels!.indexOf(text as string);
    const data = inputs[fileName]!.data.map(type === 'string' ? position : Number);
    return [name, /float/.test(type) ? Float32Array.from(data) : Int32Array.from(data)] as const;
  });
  const found = program.run(Object.fromEntries(given));
  return { imported, outputs: imported.outputs.map(({ name }) => found[name]!) };
}

/** The farthest entry, in ulp of the largest finite one; infinite where a NaN or an infinity differs. */
function distance(found: ArrayLike<number>, expected: readonly number[]): number {
  const finite = expected.filter(Number.isFinite).map(Math.abs);
  const ulp = 2 ** (Math.floor(Math.log2(Math.max(2 ** -126, ...finite))) - 23);
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
  return expected.reduce((most, value, i) => {
    if (Object.is(found[i], value) || found[i] === value) return most;
    const apart = Math.abs(found[i]! - value) / ulp;
    return Number.isNaN(apart) ? Number.POSITIVE_INFINITY : Math.max(most, apart);
  }, 0);
}

/** Answered with a refusal, by a test of their own. */
const refused = ['int64_product_wraps'];

describe.each(
  reports.filter(({ name }) => !refused.includes(name)).map((report) => [report.name, report] as const),
)('%s', (_, report) => {
  it('gives the answer of ONNX Runtime', async () => {
    const { outputs } = await runReport(report);
    for (const [i, { data, type }] of Object.values(report.outputs).entries()) {
      // Texts are labels, of which the graph gives the positions.
      if (type === 'object' || /^<U/.test(type)) continue;
      const allowed = /float/.test(type) ? report.ulp : 0;
      const away = distance(outputs[i]!, data.map(Number));
      expect(
        away,
        `output ${i}: ${[...outputs[i]!].slice(0, 12)} for ${data.slice(0, 12)}`,
      ).toBeLessThanOrEqual(allowed);
    }
  });
});

it('stops a run whose int64 product needs more than 32 bits', async () => {
  await expect(runReport(reportOf('int64_product_wraps'))).rejects.toMatchObject({ code: 'program.index' });
});

it('keeps the axis that one index leaves', async () => {
  const { imported } = await runReport(reportOf('array_feature_extractor_one_column'));
  expect(imported.graph.nodes[imported.graph.outputs[0]!.tensor]!.shape).toEqual([3, 3]);
});

it('refuses to squeeze an open batch, which goes if it is 1', () => {
  const { model } = reportOf('squeeze_without_axes_batch_1');
  expect(() => importOnnx(bytesOf(model))).toThrow('Fix the extent');
});

it('leaves out an input that nothing depends on, and says so', async () => {
  const { imported } = await runReport(reportOf('unused_input'));
  expect(imported.inputs.map(({ name }) => name)).toEqual(['x']);
  expect(imported.notes).toContain('input sr is left out: no output depends on it');
});
