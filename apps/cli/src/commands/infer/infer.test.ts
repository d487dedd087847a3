/** `nonet infer` with models of tables, which are trained here. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { initialParameters, mlp, sgdMomentum, train } from '@nonet/tensor';
import { type PlanOptions, planTable, readCsv, readTable, standardisationOf } from '@nonet/tensor/datasets';
import { exportOnnx } from '@nonet/tensor/onnx';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { InferOptions } from './definition.ts';
import { inferRows } from './infer.ts';

const folder = mkdtempSync(join(tmpdir(), 'nonet-infer-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());
let models = 0;

/** A model of the rows of a table, in a file. */
async function modelOf(text: string, options: PlanOptions): Promise<string> {
  const table = readCsv(text);
  const { schema } = planTable(table, options);
  const graph = mlp({
    features: schema.shape,
    standardise: standardisationOf(schema),
    hidden: [16],
    classes: schema.labels.length,
  });
  const trained = await train({ graph, labels: schema.labels }, readTable(table, schema), {
    optimiser: sgdMomentum,
    rates: { learningRate: 0.05, momentum: 0.9 },
    epochs: 40,
    batch: 16,
    seed: '0x2a',
  });
  const file = join(folder, `${++models}.onnx`);
  writeFileSync(file, exportOnnx({ graph, parameters: trained.parameters, schema }));
  return file;
}

/** What the command prints: its lines, and what it says beside. */
async function infer(model: string, rows: string, options: InferOptions = {}) {
  const file = join(folder, 'rows.csv');
  writeFileSync(file, rows);
  const [out, notes]: [string[], string[]] = [[], []];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => notes.push(String(text)) > 0);
  await inferRows(model, file, options);
  return { lines: out.join('').trimEnd().split('\n'), out: out.join(''), notes: notes.join('') };
}

describe('labels that look like numbers', () => {
  // Twelve classes on a grid, so that 10 and 11 come before 2 by code unit.
  const place = (label: number) => `${4 * (label % 4)},${4 * Math.floor(label / 4)}`;
  const text = `a,b,y\n${Array.from({ length: 240 }, (_, i) => `${place(i % 12)}.${i % 3},${i % 12}`).join('\n')}\n`;
  let model: string;
  beforeAll(async () => {
    model = await modelOf(text, { target: 'y' });
  });

  test('each stands over its own probability', async () => {
    const { lines, notes } = await infer(model, text);
    expect(lines[0]).toBe(`row,y,${Array.from({ length: 12 }, (_, i) => `p(${i})`).join(',')}`);
    for (const line of lines.slice(1)) {
      const [, label, ...probabilities] = line.split(',').map(Number);
      expect(probabilities.indexOf(Math.max(...probabilities))).toBe(label);
    }
    expect(notes).toContain('240 of 240 rows agree');
  });

  test('in a document as well, and 1.0 agrees with 1', async () => {
    const { out } = await infer(model, 'a,b,y\n4,0.1,1.0\n0,8.1,8\n', { json: true });
    const document = JSON.parse(out);
    expect(document.accuracy).toBe(1);
    for (const { label, probabilities } of document.rows) {
      const [first] = Object.entries<number>(probabilities).sort(([, a], [, b]) => b - a);
      expect(first![0]).toBe(label);
    }
  });
});

test('labels with commas, quotes and formulas make no other fields and no formulas', async () => {
  const labels = ['no, never', 'yes "certain"', '=HYPERLINK("http://x","y")', '-1'];
  const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const text = `age,@dx\n${Array.from({ length: 80 }, (_, i) => `${10 * (i % 4)},${quote(labels[i % 4]!)}`).join('\n')}\n`;
  const { out } = await infer(await modelOf(text, { target: '@dx' }), text);
  const table = readCsv(out);
  expect(table.columns).toEqual([
    'row',
    "'@dx",
    'p(-1)',
    'p(=HYPERLINK("http://x","y"))',
    'p(no, never)',
    'p(yes "certain")',
  ]);
  const shown = table.rows.slice(0, 4).map(({ cells }) => cells[1]);
  expect(shown).toEqual(['no, never', 'yes "certain"', `'=HYPERLINK("http://x","y")`, '-1']);
});

test("what a stranger's model calls things begins no line, and leaves no gap that would", async () => {
  const forged = (text: string) => `${text}${' '.repeat(90)}✓ forged`;
  const schema = {
    shape: [1],
    labels: [forged('a'), '＝1+1'],
    table: {
      target: 'dx',
      columns: [
        { kind: 'category' as const, name: forged('ward'), values: [forged('x')], other: true as const },
      ],
      missing: 'refuse' as const,
    },
  };
  const graph = mlp({ features: [1], hidden: [], classes: 2 });
  const file = join(folder, 'forged.onnx');
  writeFileSync(file, exportOnnx({ graph, parameters: initialParameters(graph, '0x2a'), schema }));
  const rows = `${forged('ward')},dx\nnew,＝1+1\n${forged('x')},＝1+1\n?,＝1+1\n`;
  const { out, notes } = await infer(file, rows, { skipBadRows: true });
  expect(out).toMatch(/^row,dx,p\(a ✓ forged\),p\(＝1\+1\)\n2,(?:a ✓ forged|'＝1\+1),/);
  expect(notes).toContain('ward ✓ forged is none of x ✓ forged');
  expect(notes).toContain('1 row left out: expected a value in row 4, column ward ✓ forged');
  expect(notes).toMatch(/^ {2}a ✓ forged/m);
  for (const text of [out, notes]) {
    expect(text).not.toMatch(/^\s*✓/m);
    expect(text).not.toMatch(/ {2,}✓/);
  }
});

test('seconds since 1970 keep their differences', async () => {
  const line = (i: number) => `${1_700_000_000 + i},${i < 30 ? 'early' : 'late'}`;
  const text = `t,dx\n${Array.from({ length: 60 }, (_, i) => line(i)).join('\n')}\n`;
  const { notes } = await infer(await modelOf(text, { target: 'dx' }), text);
  expect(notes).toMatch(/(?:58|59|60) of 60 rows agree/);
});

test('a constant column that varies later changes nothing', async () => {
  const row = (i: number, site: number) => `${i},${site},${i < 30 ? 'young' : 'old'}`;
  const rows = (site: number) =>
    `age,site,dx\n${Array.from({ length: 60 }, (_, i) => row(i, site)).join('\n')}\n`;
  const model = await modelOf(rows(7), { target: 'dx' });
  const before = (await infer(model, rows(7))).lines;
  vi.restoreAllMocks();
  expect((await infer(model, rows(700))).lines).toEqual(before);
});

describe('rows that are not as in training', () => {
  let model: string;
  beforeAll(async () => {
    const row = (i: number) => `${20 + (i % 40)},${'AB'[i % 2]},${i % 40 < 20 ? 'young' : 'old'}`;
    const text = `age,ward,dx\n${Array.from({ length: 120 }, (_, i) => row(i)).join('\n')}\n`;
    model = await modelOf(text, { target: 'dx', other: true });
  });

  test('are warned of: a number out of range, a category that is new', async () => {
    const { lines, notes } = await infer(model, 'ward,AGE\nA,30\nA,-999\nC,50\nb,2000\n');
    expect(lines).toHaveLength(5);
    expect(notes).toContain(
      'age is outside 20 to 59, which training has seen, in 2 rows, first in row 3: -999',
    );
    expect(notes).toContain('ward is none of A, B, and counts as other, in 1 row, first in row 4: C');
  });

  test('stay where they are in the file, if others are left out', async () => {
    const rows = 'ward,age\n\nA,30\nA,old\n,50\nA,40\nA\nA,1,2\n';
    await expect(infer(model, rows)).rejects.toThrow('2 fields in row 7');
    vi.restoreAllMocks();
    await expect(infer(model, rows.split('\n').slice(0, 6).join('\n'))).rejects.toThrow('--skip-bad-rows');
    vi.restoreAllMocks();
    const { lines, notes } = await infer(model, rows, { skipBadRows: true });
    expect(lines.slice(1).map((line) => line.split(',')[0])).toEqual(['3', '6']);
    expect(notes).toContain('4 rows left out: expected a number in row 4, column age, found "old"');
    vi.restoreAllMocks();
    const { out } = await infer(model, rows, { skipBadRows: true, json: true });
    expect(JSON.parse(out).skipped).toMatchObject([{ row: 4 }, { row: 5 }, { row: 7 }, { row: 8 }]);
  });

  test('if none is left, that is refused', async () => {
    const refused = infer(model, 'ward,age\nA,old\n', { skipBadRows: true });
    await expect(refused).rejects.toThrow(expect.objectContaining({ code: 'infer.rows' }));
    vi.restoreAllMocks();
    await expect(infer(model, 'ward,age\n')).rejects.toThrow(expect.objectContaining({ code: 'infer.rows' }));
  });

  test('may be written with semicolons and decimal commas', async () => {
    const plain = (await infer(model, 'ward,age\nA,30.5\nB,41.25\n')).lines;
    vi.restoreAllMocks();
    expect((await infer(model, 'ward;age\r\nA;30,5\r\nB;41,25\r\n')).lines).toEqual(plain);
    vi.restoreAllMocks();
    await expect(infer(model, 'ward;age\nA;30,500\n')).rejects.toThrow('--decimal');
    vi.restoreAllMocks();
    const said = await infer(model, 'ward;age\nA;30,500\nB;41,250\n', { decimal: ',' });
    expect(said.lines).toEqual(plain);
  });
});

test.each([
  [{ labels: ['a'] }, 'the field labels of what the model in FILE names to be a list of at least 2 items'],
  [
    { table: { target: 'y', columns: [], missing: 'refuse' } },
    'the field table.columns of what the model in FILE names to be a list of at least 1 item',
  ],
])('a model whose labels or columns cannot be is refused by the field: %j', async (wrong, expected) => {
  const graph = mlp({ features: [1], hidden: [2], classes: 2 });
  const column = { kind: 'number', name: 'x', mean: 0, deviation: 1 } as const;
  const table = { target: 'y', columns: [column], missing: 'refuse' } as const;
  const schema = { shape: [1], labels: ['a', 'b'], table, ...wrong } as never;
  const file = join(folder, `${++models}.onnx`);
  writeFileSync(file, exportOnnx({ graph, parameters: initialParameters(graph, '0x07'), schema }));
  await expect(infer(file, 'x\n1\n')).rejects.toThrow(
    expect.objectContaining({ code: 'infer.schema', expected: expected.replace('FILE', file) }),
  );
});
