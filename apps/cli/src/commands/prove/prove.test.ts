/** `nonet prove`, `nonet infer --prove`, and `nonet verify` of what they write, right and spoilt. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeCanonical, encodeCanonical } from '@nonet/core/codec';
import { createBuilder, dense, initialParameters, mlp, relu, softmax } from '@nonet/tensor';
import { planTable, readCsv, standardisationOf } from '@nonet/tensor/datasets';
import { exportOnnx } from '@nonet/tensor/onnx';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { withoutColour } from '../../terminal/terminal.ts';
import type { InferOptions } from '../infer/definition.ts';
import { inferRows } from '../infer/infer.ts';
import type { VerifyOptions } from '../verify/definition.ts';
import { verifyFile } from '../verify/verify.ts';
import type { ProveOptions } from './definition.ts';
import { proveAnswers } from './prove.ts';

const folder = mkdtempSync(join(tmpdir(), 'nonet-prove-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

const at = (name: string) => join(folder, name);
function write(name: string, content: string | Uint8Array): string {
  writeFileSync(at(name), content);
  return at(name);
}

/** What is printed and said while `work` runs. */
async function listen<T>(work: () => Promise<T>) {
  const [out, notes]: [string[], string[]] = [[], []];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => notes.push(String(text)) > 0);
  try {
    const value = await work();
    return { value, out: withoutColour(out.join('')), notes: withoutColour(notes.join('')) };
  } finally {
    vi.restoreAllMocks();
  }
}

const prove = (model: string, options: Partial<ProveOptions>) =>
  listen(() => proveAnswers(model, { context: '', out: at('answer.proof'), ...options }));
const verify = (file: string, options: VerifyOptions = {}) => listen(() => verifyFile(file, options));
const infer = (model: string, rows: string, options: InferOptions) =>
  listen(() => inferRows(model, rows, options));

const lines = Array.from(
  { length: 40 },
  (_, i) => `${i % 7},${(i * i) % 11},${i % 3 === 0 ? 'ill' : 'well'}`,
);
const table = `a,b,state\n${lines.join('\n')}\n`;
let model: string;
let another: string;
let rows: string;
let one: string;
let proof: string;

/** A model of the table, untrained. */
function tableModel(name: string, seed: string): string {
  const { schema } = planTable(readCsv(table), { target: 'state' });
  const graph = mlp({
    features: schema.shape,
    standardise: standardisationOf(schema),
    hidden: [6],
    classes: schema.labels.length,
  });
  const parameters = initialParameters(graph, `0x${seed.repeat(32)}`);
  return write(name, exportOnnx({ graph, parameters, schema }));
}

beforeAll(async () => {
  model = tableModel('model.onnx', '01');
  another = tableModel('another.onnx', '02');
  rows = write('rows.csv', table);
  one = write('one.json', '{"a": 3, "b": 5}');
  proof = at('one.proof');
  await prove(model, { input: one, calibration: rows, label: true, context: 'nonce 7', out: proof });
});

describe('a proof of one row', () => {
  test('is verified by itself, and says what it shows and what it does not', async () => {
    const { value, out } = await verify(proof);
    expect(value).toBe(0);
    expect(out).toMatch(/✓ Shown by the proof, with 10\d\.\d bits/);
    expect(out).toMatch(
      /row 1: the largest score is at position [01], which the maker of the file calls “(?:ill|well)”/,
    );
    expect(out).toContain('bound to the context nonce 7');
    expect(out).toContain('Not shown');
    expect(out).toContain('nothing is hidden');
    expect(out).not.toMatch(/zero[- ]knowledge/i);
  });

  test('is about the caller’s own model, rows and context, which it is compared with', async () => {
    const own = { model, calibration: rows, input: one, context: 'nonce 7' };
    const { value, out } = await verify(proof, own);
    expect(value).toBe(0);
    expect(out).toContain('it is the model of');
    expect(out).toContain('it is about the rows of');
  });

  test.each([
    ['another context', () => ({ context: 'nonce 8' }), 'proof.context'],
    ['another model', () => ({ model: another, calibration: rows }), 'proof.model'],
    [
      'other calibration',
      () => ({ model, calibration: write('few.csv', table.slice(0, 40)) }),
      'proof.model',
    ],
    [
      'another row',
      () => ({ model, calibration: rows, input: write('other.json', '{"a": 3, "b": 6}') }),
      'proof.input',
    ],
    ['more rows', () => ({ model, calibration: rows, input: rows }), 'proof.input'],
  ])('is not about %s', async (_, options, code) => {
    const { value, out } = await verify(proof, options());
    expect(value).toBe(1);
    expect(out).toContain(`(${code})`);
    expect(out).toContain('The proof holds, but not of what you asked for');
    const document = JSON.parse((await verify(proof, { ...options(), json: true })).out);
    expect(document).toMatchObject({ kind: 'proof', verified: false });
    expect(JSON.stringify(document.findings)).toContain(code);
  });

  test('is the same again', async () => {
    const again = at('again.proof');
    await prove(model, { input: one, calibration: rows, label: true, context: 'nonce 7', out: again });
    expect(readFileSync(again)).toEqual(readFileSync(proof));
  });

  test('needs the rows of calibration to be compared with a model', async () => {
    await expect(verify(proof, { model })).rejects.toMatchObject({ code: 'verify.calibration' });
  });

  test('takes no option of a receipt, and a receipt none of a proof', async () => {
    await expect(verify(proof, { blobs: 'blobs' })).rejects.toMatchObject({ code: 'cli.option' });
    const receipt = join(import.meta.dirname, '../../../../../docs/questions/receipt.json');
    await expect(verify(receipt, { model })).rejects.toMatchObject({ code: 'cli.option' });
  });

  test('asks a ledger only with its contract', async () => {
    const ledger = 'http://127.0.0.1:9/';
    await expect(verify(proof, { ledger })).rejects.toMatchObject({ code: 'verify.ledger' });
    const contract = `0x${'12'.repeat(20)}` as const;
    await expect(verify(proof, { contract })).rejects.toMatchObject({ code: 'verify.ledger' });
  });
});

describe('a spoilt proof is refused, with a reason', () => {
  const record = () => decodeCanonical(readFileSync(proof)) as { readonly [key: string]: unknown };
  const answers = () => (record().answers as readonly { readonly [key: string]: unknown }[])[0]!;
  const whole = (changes: object) => encodeCanonical({ ...record(), ...changes } as never);
  const flipped = (bytes: unknown, place: number) => {
    const copy = Uint8Array.from(bytes as Uint8Array);
    copy[place < 0 ? copy.length + place : place]! ^= 1;
    return copy;
  };

  test.each([
    ['cut short', () => readFileSync(proof).subarray(0, -1), 'the file', /codec\./],
    ['with a byte more', () => Buffer.concat([readFileSync(proof), Buffer.of(0)]), 'the file', /codec\./],
    ['its head alone', () => readFileSync(proof).subarray(0, 12), 'the file', /codec\./],
    [
      'noise behind the head',
      () => Buffer.concat([readFileSync(proof).subarray(0, 8), Buffer.alloc(500, 255)]),
      'the file',
      /codec\./,
    ],
    ['another format', () => whole({ format: 'nonet integrity proof 2' }), 'the file', /file\.malformed/],
    ['a field more', () => whole({ answers: [{ ...answers(), more: 1 }] }), 'the file', /file\.malformed/],
    ['no answers', () => whole({ answers: [] }), 'the file', /file\.malformed/],
    [
      'another answer',
      () => whole({ answers: [{ ...answers(), outputs: flipped(answers().outputs, 0) }] }),
      'proof 1',
      /sumcheck|opening/,
    ],
    [
      'a position beyond',
      () => whole({ answers: [{ ...answers(), outputs: Uint8Array.of(7, 0, 0, 0) }] }),
      'proof 1',
      /statement\./,
    ],
    [
      'another input',
      () => whole({ answers: [{ ...answers(), inputs: flipped(answers().inputs, 0) }] }),
      'proof 1',
      /sumcheck|opening/,
    ],
    [
      'bytes that are no integers',
      () => whole({ answers: [{ ...answers(), inputs: new Uint8Array(7) }] }),
      'the file',
      /file\.malformed/,
    ],
    [
      'more values than are counted',
      () => whole({ stated: { labels: Array(2 ** 20).fill(0), scale: null } }),
      'the file',
      /file\.oversized/,
    ],
    [
      'bytes that are no integers',
      () => whole({ answers: [{ ...answers(), inputs: new Uint8Array(7) }] }),
      'the file',
      /file\.malformed/,
    ],
    [
      'more values than are counted',
      () => whole({ stated: { labels: Array(2 ** 20).fill(0), scale: null } }),
      'the file',
      /file\.oversized/,
    ],
    ['another context', () => whole({ context: Uint8Array.of(1) }), 'proof 1', /sumcheck|opening/],
    [
      'the end of the proof',
      () => whole({ answers: [{ ...answers(), proof: flipped(answers().proof, -1) }] }),
      'proof 1',
      /opening\./,
    ],
    [
      'the end of the registration',
      () => whole({ registration: flipped(record().registration, -1) }),
      'the registration',
      /./,
    ],
    ['no proof', () => whole({ answers: [{ ...answers(), proof: new Uint8Array() }] }), 'proof 1', /proof\./],
  ])('%s', async (_, bytes, part, code) => {
    const file = write('spoilt.proof', bytes());
    const { value, out } = await verify(file);
    expect(value).toBe(1);
    expect(out).toContain(`✗ ${part} is refused`);
    expect(out).toContain('This file shows nothing');
    const { refused, ...document } = JSON.parse((await verify(file, { json: true })).out);
    expect(document).toMatchObject({ verified: false, part });
    expect(refused.code).toMatch(code);
  });

  test('the proof of another model under this registration', async () => {
    const other = at('other.proof');
    await prove(another, { input: one, calibration: rows, label: true, context: 'nonce 7', out: other });
    const { registration } = decodeCanonical(readFileSync(other)) as { registration: Uint8Array };
    const { value, out } = await verify(write('mixed.proof', whole({ registration })));
    expect(value).toBe(1);
    expect(out).toMatch(/✗ proof 1 is refused/);
  });
});

describe('a registration', () => {
  test('is written once, read again, verified alone, and not that of another model', async () => {
    const registration = at('model.registration');
    const scores = { input: one, calibration: rows, registration };
    const options = { ...scores, label: true } as const;
    const first = await prove(model, options);
    expect(first.notes).toContain('registering model');
    const second = await prove(model, options);
    expect(second.notes).not.toContain('registering model');
    const { value, out } = await verify(registration);
    expect(value).toBe(0);
    expect(out).toContain('✓ The registration holds');
    await expect(prove(another, options)).rejects.toMatchObject({ code: 'prove.registration' });
    // All scores instead of the label are another model's.
    await expect(prove(model, scores)).rejects.toMatchObject({
      code: 'prove.registration',
    });
    write('model.registration', readFileSync(registration).subarray(0, -5));
    await expect(prove(model, options)).rejects.toMatchObject({ code: 'prove.registration' });
    expect((await verify(registration)).value).toBe(1);
  });
});

describe('a table', () => {
  test('is proven in one file, each row in order, with the labels that are printed', async () => {
    const file = at('table.proof');
    const { out, notes } = await infer(model, rows, { prove: file, calibration: rows });
    const printed = out.trimEnd().split('\n');
    expect(printed[0]).toBe('row,label');
    expect(printed).toHaveLength(41);
    expect(notes).toContain('40 answers of model');
    const { value, out: verified } = await verify(file, {
      json: true,
      model,
      calibration: rows,
      input: rows,
    });
    expect(value).toBe(0);
    const { answers } = JSON.parse(verified);
    expect(answers.map(({ statedLabel }: { statedLabel: string }) => statedLabel)).toEqual(
      printed.slice(1).map((line) => line.split(',')[1]),
    );
  });

  test('as one document with --json', async () => {
    const { out } = await infer(model, rows, { prove: at('json.proof'), calibration: rows, json: true });
    const { rows: answers, proof: written } = JSON.parse(out);
    expect(answers).toHaveLength(40);
    expect(answers[0]).toMatchObject({ row: 2, label: expect.stringMatching(/ill|well/) });
    expect(written).toMatchObject({ file: at('json.proof'), modelId: expect.stringMatching(/^0x/) });
  });

  test('takes no options that would leave rows out, and no calibration without a proof', async () => {
    for (const options of [
      { prove: 'f', skipBadRows: true },
      { prove: 'f', budget: 2 },
      { calibration: rows },
    ] as const)
      await expect(infer(model, rows, options)).rejects.toMatchObject({ code: 'cli.option' });
  });
});

describe('a model of another tool', () => {
  let foreign: string;
  beforeAll(() => {
    const g = createBuilder();
    const x = g.input('x', 'f32', ['B', 4]);
    g.output('scores', dense(g, relu(g, dense(g, x, 8)), 3));
    const graph = g.finish();
    const parameters = initialParameters(graph, `0x${'03'.repeat(32)}`);
    foreign = write('foreign.onnx', exportOnnx({ graph, parameters }));
  });

  test('proves all scores, in units that the file states', async () => {
    const input = write('four.json', '[[1, 2, 3, 4], [0, -1, 0.5, 2]]');
    const out = at('scores.proof');
    const { notes } = await prove(foreign, { input, calibration: input, out });
    expect(notes).toContain('2 answers of model');
    const { answers } = JSON.parse((await verify(out, { json: true })).out);
    expect(answers).toHaveLength(2);
    expect(answers[0].scores).toHaveLength(3);
    expect((await verify(out)).out).toContain('bound to no context: this proof could have been shown before');
    expect((await verify(out)).out).toMatch(
      /scores -?\d+, -?\d+, -?\d+, in units that the maker of the file says are/,
    );
  });

  test('of several outputs takes the scores before a softmax over them, or the one that is named', async () => {
    const build = (isOver: boolean) => {
      const g = createBuilder();
      const first = dense(g, g.input('x', 'f32', ['B', 4]), 3);
      g.output('logits', first);
      g.output('probabilities', isOver ? softmax(g, first) : relu(g, first));
      const graph = g.finish();
      const parameters = initialParameters(graph, `0x${'04'.repeat(32)}`);
      return write('outputs.onnx', exportOnnx({ graph, parameters }));
    };
    const input = write('four.json', '[[1, 2, 3, 4], [0, -1, 0.5, 2]]');
    const both = await prove(build(true), { input, calibration: input, json: true });
    const named = await prove(build(true), { input, calibration: input, json: true, output: 'logits' });
    expect(JSON.parse(both.out).modelId).toBe(JSON.parse(named.out).modelId);
    await expect(prove(build(false), { input, calibration: input })).rejects.toMatchObject({
      code: 'prove.model',
      found: 'logits, probabilities',
    });
    await expect(prove(build(true), { input, output: 'scores' })).rejects.toMatchObject({
      code: 'prove.model',
    });
  });

  test.each([
    ['[1, 2, 3]', '3 numbers'],
    ['[[1, 2, 3, "4"]]', '"4"'],
    ['{"x": [1, 2, 3, 4]}', 'object'],
    ['[1, 2, 3, 1e39]', '1e\\+39'],
    ['[1, 2', ''],
    ['[]', '0 numbers'],
  ])('refuses the input %s', async (text, found) => {
    const input = write('bad.json', text);
    await expect(prove(foreign, { input })).rejects.toMatchObject({
      code: 'infer.inputs',
      found: expect.stringMatching(new RegExp(found)),
    });
  });
});

describe('misuse', () => {
  test.each([
    ['no rows', {}, 'prove.input'],
    ['an example of a model without a test set', { example: 3 }, 'prove.input'],
    ['rows and an example', { input: 'one.json', example: 3 }, 'prove.input'],
    ['a context of a book', { input: 'one.json', context: 'x'.repeat(1025) }, 'prove.context'],
    ['--register without a ledger', { input: 'one.json', register: true }, 'prove.ledger'],
    ['a ledger without --register', { input: 'one.json', ledger: 'http://127.0.0.1:9/' }, 'prove.ledger'],
    [
      'a key that is none',
      {
        input: 'one.json',
        register: true,
        ledger: 'http://127.0.0.1:9/',
        contract: `0x${'12'.repeat(20)}`,
        key: join(folder, 'rows.csv'),
      },
      'prove.key',
    ],
  ] as const)('%s', async (_, options, code) => {
    await expect(prove(model, options)).rejects.toMatchObject({ code });
  });

  test('a file that is no model, and a run that is not there', async () => {
    const file = write('text.onnx', 'not a model');
    await expect(prove(file, { input: one })).rejects.toThrow();
    await expect(prove(at('nowhere'), { input: one })).rejects.toMatchObject({ code: 'run.missing' });
  });

  test('without rows of calibration a warning says what that means', async () => {
    const { notes } = await prove(model, { input: one, label: true });
    expect(notes).toContain('--calibration');
  });
});
