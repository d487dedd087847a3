/** `nonet infer` with files of other tools, and what it says of a file without running it. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import type { InferOptions } from './definition.ts';
import { inferRows } from './infer.ts';

const folder = mkdtempSync(join(tmpdir(), 'nonet-foreign-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

interface Report {
  readonly name: string;
  readonly model: string;
  readonly files: Readonly<Record<string, string>>;
  readonly inputs: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly data: readonly unknown[] }>
  >;
  readonly outputs: Readonly<Record<string, { readonly data: readonly unknown[] }>>;
}
const packed = new URL('../../../../../vectors/onnx/reports.json.gz', import.meta.url);
const reports = JSON.parse(gunzipSync(readFileSync(packed)).toString()) as readonly Report[];

/** A report's files in a folder of their own, and its first input as the text of a CSV. */
function unpack(name: string) {
  const { model, files, inputs, outputs } = reports.find((report) => report.name === name)!;
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  const file = join(path, 'model.onnx');
  writeFileSync(file, Buffer.from(model, 'base64'));
  for (const [other, text] of Object.entries(files))
    writeFileSync(join(path, other), Buffer.from(text, 'base64'));
  const [{ shape, data }] = Object.values(inputs) as [Report['inputs'][string]];
  const width = shape.slice(1).reduce((a, b) => a * b, 1);
  const rows = Array.from({ length: data.length / width }, (_, i) => data.slice(i * width, (i + 1) * width));
  const cells = rows.map((row) => row.map((value) => (value === 'NaN' ? '' : String(value))).join(','));
  const names = Array.from({ length: width }, (_, i) => `c${i}`);
  return { file, path, text: `${[names.join(','), ...cells].join('\n')}\n`, outputs };
}

async function infer(model: string, rows: string | undefined, options: InferOptions = {}) {
  const file = join(folder, 'rows.csv');
  if (rows !== undefined) writeFileSync(file, rows);
  const [out, notes]: [string[], string[]] = [[], []];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => notes.push(String(text)) > 0);
  await inferRows(model, rows === undefined ? undefined : file, options);
  return { out: out.join(''), lines: out.join('').trimEnd().split('\n'), notes: notes.join('') };
}

describe('rows through a model of another tool', () => {
  test('scikit-learn: labels that are texts, and the probability of each', async () => {
    const { file, text, outputs } = unpack('sklearn_forest_texts');
    const { lines } = await infer(file, text);
    expect(lines[0]).toBe('row,label,probabilities.0,probabilities.1,probabilities.2');
    const [labels, chances] = Object.values(outputs).map(({ data }) => data);
    for (const [i, line] of lines.slice(1).entries()) {
      const [row, label, ...found] = line.split(',');
      expect([row, label]).toEqual([`${i + 2}`, labels![i]]);
      for (const [k, value] of found.entries())
        expect(Number(value)).toBeCloseTo(chances![3 * i + k] as number, 5);
    }
  });

  describe('scikit-learn: columns of texts', () => {
    /** The rows of a report as a table with a column for each of its inputs. */
    function tableOf(name: string) {
      const { file } = unpack(name);
      const { inputs, outputs } = reports.find((report) => report.name === name)!;
      const columns = Object.entries(inputs);
      const rows = columns[0]![1].data.map((_, row) => columns.map(([, { data }]) => String(data[row])));
      const [labels, chances] = Object.values(outputs).map(({ data }) => data);
      return { file, names: columns.map(([column]) => column), rows, labels: labels!, chances: chances! };
    }
    const lines = (names: readonly string[], rows: readonly (readonly string[])[]) =>
      `${[names, ...rows].map((cells) => cells.join(',')).join('\n')}\n`;

    test.each(['sklearn_texts_one_hot', 'sklearn_texts_ordinal', 'sklearn_texts_strict'])(
      '%s',
      async (name) => {
        const { file, names, rows, labels, chances } = tableOf(name);
        const { lines: found } = await infer(file, lines(names, rows));
        for (const [i, line] of found.slice(1).entries()) {
          const [, label, ...values] = line.split(',');
          expect(label).toBe(labels[i]);
          for (const [k, value] of values.entries())
            expect(Number(value)).toBeCloseTo(chances[3 * i + k] as number, 5);
        }
        expect(found).toHaveLength(rows.length + 1);
      },
    );

    test('a text that the model does not know is said, with its column and row', async () => {
      const { file, names, rows } = tableOf('sklearn_texts_one_hot');
      const { notes } = await infer(file, lines(names, rows));
      expect(notes).toContain('column city: 1 text that the model does not know, the first in row 5');
      expect(notes).toContain('column home: 1 text that the model does not know, the first in row 7');
    });

    test('is read without the blanks around it', async () => {
      const { file, names, rows, labels } = tableOf('sklearn_texts_strict');
      const [age, city, home] = rows[0]!;
      const { lines: found, notes } = await infer(file, lines(names, [[age!, `" ${city} "`, home!]]));
      expect(found[1]).toMatch(new RegExp(`^2,${labels[0]},`));
      expect(notes).not.toContain('does not know');
    });

    test('and refused where the model would fail', async () => {
      const { file, names, rows } = tableOf('sklearn_texts_strict');
      const changed = [rows[0]!, [rows[1]![0]!, 'Lima', rows[1]![2]!], ...rows.slice(2, 70)];
      await expect(infer(file, lines(names, changed))).rejects.toThrow(/row 3: it has a category that node/);
      // A label is no category.
      const swapped = [rows[0]!, [rows[1]![0]!, rows[1]![1]!, 'yes']];
      vi.restoreAllMocks();
      await expect(infer(file, lines(names, swapped))).rejects.toThrow('row 3');
    });
  });

  test('scikit-learn: a fraction where categories are whole numbers', async () => {
    const { file, text } = unpack('sklearn_one_hot');
    await expect(infer(file, text.replace(/\n\d+,/, '\n1.5,'))).rejects.toThrow('a whole number in row 2');
  });

  test('PyTorch: weights in a file beside it, and a batch of one that is run row by row', async () => {
    const { file, text, outputs } = unpack('torch_default_export');
    const [header, row] = text.trimEnd().split('\n');
    const { lines } = await infer(file, `${header}\n${row}\n${row}\n`);
    const expected = Object.values(outputs)[0]!.data;
    for (const line of lines.slice(1)) {
      const found = line.split(',').slice(1).map(Number);
      for (const [i, value] of found.entries()) expect(value).toBeCloseTo(expected[i] as number, 5);
    }
    expect(lines).toHaveLength(3);
  });

  test('an empty cell is missing, which an Imputer fills', async () => {
    const { file, text, outputs } = unpack('sklearn_imputer');
    const { out } = await infer(file, text, { json: true });
    const found = (JSON.parse(out).outputs.variable as number[][]).flat();
    for (const [i, value] of (Object.values(outputs)[0]!.data as number[]).entries())
      expect(found[i]).toBeCloseTo(value, 4);
  });

  test('inputs of one number each take the columns with their names, in any order', async () => {
    const { file } = unpack('two_unnamed_batches');
    expect((await infer(file, 'note,B,a\n7,2,1\n8,4,3\n')).lines).toEqual(['row,y.0,y.1', '2,1,2', '3,3,4']);
  });

  test('numbers are read as in every table: what separates fractions is found out, or asked for', async () => {
    const { file } = unpack('two_unnamed_batches');
    const linesOf = async (rows: string, options?: InferOptions) => {
      vi.restoreAllMocks();
      return (await infer(file, rows, options)).lines.slice(1);
    };
    expect(await linesOf('a,b\n"1,234", 5 \n')).toEqual(['2,1234,5']);
    expect(await linesOf('a;b\n1.234,5;2\n')).toEqual(['2,1234.5,2']);
    const rows = 'a;b\n1.250;2\n';
    expect(await linesOf(rows, { decimal: ',' })).toEqual(['2,1250,2']);
    expect(await linesOf(rows, { decimal: '.' })).toEqual(['2,1.25,2']);
    await expect(linesOf(rows)).rejects.toThrow('--decimal');
    expect(await linesOf('a,b\n\u22123,1\u2019000\n')).toEqual(['2,-3,1000']);
  });

  test.each([' ', 'NA', 'null', '?', '-'])('%j is a missing value', async (cell) => {
    const { file } = unpack('two_unnamed_batches');
    expect((await infer(file, `a,b\n1,${cell}\n`)).lines[1]).toBe('2,1,NaN');
  });

  test.each(['0x10', '0b1', '1_000', '1,2,3', 'Infinity', '1e99'])('%j is not a number', async (cell) => {
    const { file } = unpack('two_unnamed_batches');
    await expect(infer(file, `a,b\n1,"${cell}"\n`)).rejects.toThrow('a number in row 2, column b');
  });

  test('columns in the wrong number are refused, and named with --columns taken', async () => {
    const { file } = unpack('softmax_opset11_2d');
    const rows = 'id,p,q,r\n1,0,0,0\n2,0,0,0\n';
    await expect(infer(file, rows)).rejects.toThrow('--columns');
    vi.restoreAllMocks();
    expect((await infer(file, rows, { columns: 'r, P,q' })).lines[1]).toMatch(/^2,0.333/);
  });

  test.each([
    ['a text', 'p,q,r\n1,2,three\n1,2,3\n', 'row 2, column r'],
    [
      'more rows than whole batches',
      'p,q,r\n1,2,3\n',
      'a multiple of 2 rows, the batch of the model, found 1 row in',
    ],
  ])('%s is refused', async (_, rows, mention) => {
    await expect(infer(unpack('softmax_opset11_2d').file, rows)).rejects.toThrow(mention);
  });

  test('nothing is run beyond the budget, which an option raises', async () => {
    const { file, text } = unpack('sklearn_forest_texts');
    await expect(infer(file, text, { budget: 1e-9 })).rejects.toThrow(
      expect.objectContaining({ code: 'run.budget' }),
    );
    await expect(infer(file, undefined)).rejects.toThrow('--describe');
  });
});

/** A model whose `probabilities` are called something else that is as long. */
function renamed(name: string) {
  expect(Buffer.byteLength(name)).toBe('probabilities'.length);
  const { file, text } = unpack('sklearn_forest_texts');
  const bytes = readFileSync(file);
  for (let at = bytes.indexOf('probabilities'); at >= 0; at = bytes.indexOf('probabilities', at)) {
    bytes.write(name, at);
  }
  writeFileSync(file, bytes);
  return { file, text };
}

describe("names that a stranger's file gives to its outputs", () => {
  test.each([
    ['=A\n✓ x\u202e\u001bz', "'=A ✓ x\ufffd\ufffdz"],
    ['p        ✓x', 'p ✓x'],
    ['\t@SUM(A1:B9)z', "' @SUM(A1:B9)z"],
    ['＠SUM(A1:B9)', "'＠SUM(A1:B9)"],
  ])('%j is %j in a table', async (name, shown) => {
    const { file, text } = renamed(name);
    const { lines } = await infer(file, text);
    expect(lines[0]).toBe(`row,label,${shown}.0,${shown}.1,${shown}.2`);
    expect(lines.slice(1).every((line) => /^\d+,/.test(line))).toBe(true);
  });

  test.each([
    ['=A\n✓ x\u202e\u001bz', '=A ✓ x\ufffd\ufffdz'],
    ['p        ✓x', 'p ✓x'],
  ])('%j is %j in a description', async (name, shown) => {
    const { out, lines } = await infer(renamed(name).file, undefined, { describe: true });
    expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^  ${shown}  float32`)));
    expect(out).not.toMatch(/^✓|[^\n\P{Cc}]|\u202e| {3,}✓/mu);
  });
});

describe('weights beside a model', () => {
  test('that are not there are named', async () => {
    const { file, path, text } = unpack('torch_default_export');
    rmSync(join(path, 'torch_default_export.onnx.data'));
    await expect(infer(file, text)).rejects.toThrow('torch_default_export.onnx.data');
  });

  test('behind a link out of the folder are refused', async () => {
    const { file, path, text } = unpack('torch_default_export');
    const data = join(path, 'torch_default_export.onnx.data');
    writeFileSync(join(folder, 'elsewhere'), readFileSync(data));
    rmSync(data);
    symlinkSync(join(folder, 'elsewhere'), data);
    await expect(infer(file, text)).rejects.toThrow('a link out of the folder');
  });
});

describe('--describe', () => {
  test('says what goes in, what comes out, which operators, and what a row takes', async () => {
    const { out } = await infer(unpack('unused_input').file, undefined, { describe: true });
    expect(out).toContain('x  float32[2, 3]');
    expect(out).toMatch(/sr {2}int64\[\].*not used/);
    expect(out).toContain('Relu 1');
    expect(out).toMatch(/multiply-adds/);
  });

  test('also of what is not read, with the reason', async () => {
    const { out } = await infer(unpack('squeeze_without_axes_batch_1').file, undefined, {
      describe: true,
      json: true,
    });
    expect(JSON.parse(out)).toMatchObject({
      reads: false,
      operators: { ReduceSum: 1, Squeeze: 1 },
      inputs: [{ name: 'x', type: 'float32', shape: ['batch', 1, 4] }],
      refused: { found: expect.stringContaining('which would go') },
    });
  });

  test('takes extents that the file leaves open', async () => {
    const { file } = unpack('squeeze_without_axes_batch_1');
    const { out } = await infer(file, undefined, { describe: true, json: true, extent: ['batch=1'] });
    expect(JSON.parse(out).reads).toBe(true);
    await expect(infer(file, undefined, { describe: true, extent: ['batch'] })).rejects.toThrow(
      'NAME=NUMBER',
    );
  });
});
