import {
  add,
  eqValues,
  evaluateEq,
  evaluateMultilinear,
  fromBase,
  fromInteger,
  fromMontgomery,
  invert,
  modulus,
  mul,
  type Quartic,
  sub,
  toMontgomery,
} from '@nonet/algebra';
import { expect, test } from 'vitest';
import { createWorkspace, type Workspace } from '../hash/hashKernels.ts';
import { ProofReader, ProofWriter } from '../proofBytes.ts';
import { Rejected } from '../rejection.ts';
import { interpolate } from '../sumcheck/roundPolynomial.ts';
import { Transcript } from '../transcript.ts';
import type { Claim } from './claims.ts';
import { type Column, layOut, placeOf } from './layout.ts';
import { commitColumns } from './proveCommitment.ts';
import { proveOpening } from './proveOpening.ts';
import { verifyOpening } from './verifyOpening.ts';

/** A repeatable stream of elements. */
function createSource(seed: number) {
  let state = seed;
  const base = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % modulus;
  };
  return { base, quartic: (): Quartic => [base(), base(), base(), base()] };
}

const shapes: readonly (readonly Column[])[] = [
  [
    { variables: 8, live: 200 },
    { variables: 3, live: 8 },
    { variables: 10, live: 300 },
    { variables: 0, live: 1 },
    { variables: 3, live: 5 },
  ],
  [{ variables: 2, live: 4 }],
  [
    { variables: 5, live: 32 },
    { variables: 5, live: 1 },
  ],
];

function createCase(seed: number) {
  const workspace = createWorkspace();
  const source = createSource(seed);
  const layouts = shapes.map(layOut);
  const values = shapes.map((columns) =>
    columns.map(({ live }) => Array.from({ length: live }, () => source.base() - (modulus - 1) / 2)),
  );
  const commitments = layouts.map((layout, i) =>
    commitColumns(
      workspace,
      layout,
      values[i].map((column) => ({ kind: 'integers', values: column })),
    ),
  );
  const claims: Claim[] = [];
  for (const [commitment, columns] of shapes.entries()) {
    for (const [column, { variables }] of columns.entries()) {
      const point = Array.from({ length: variables }, source.quartic);
      const coefficient = source.quartic();
      const value = evaluateMultilinear(values[commitment][column].map(fromInteger), point);
      claims.push({ commitment, terms: [{ coefficient, column }], point, value: mul(coefficient, value) });
    }
  }
  const point = Array.from({ length: 3 }, source.quartic);
  const [a, b] = [1, 4].map((column) => evaluateMultilinear(values[0][column].map(fromInteger), point));
  const terms = [
    { coefficient: fromBase(1), column: 1 },
    { coefficient: fromBase(7), column: 4 },
  ];
  claims.push({ commitment: 0, terms, point, value: add(a, mul(b, fromBase(7))) });
  const writer = new ProofWriter();
  proveOpening(workspace, new Transcript(workspace, 'test'), writer, commitments, claims);
  return { workspace, commitments, claims, proof: writer.finish(), layouts };
}

const sample = createCase(1);

/** undefined if accepted, otherwise the code of the rejection. */
function check(
  proof: Uint8Array,
  claims: readonly Claim[] = sample.claims,
  roots: readonly Uint8Array[] = sample.commitments.map(({ root }) => root),
): string | undefined {
  const { workspace } = sample;
  const mark = workspace.field.mark();
  try {
    const reader = new ProofReader(proof, 2 ** 24);
    const known = sample.layouts.map((layout, i) => ({ layout, root: roots[i] }));
    verifyOpening(workspace, new Transcript(workspace, 'test'), reader, known, claims);
    reader.end();
    return undefined;
  } catch (error) {
    if (error instanceof Rejected) return error.rejection.code;
    throw error;
  } finally {
    workspace.field.release(mark);
  }
}

test('a layout is aligned, leaves out rows without live values, and costs least', () => {
  const layout = layOut(shapes[0]);
  for (const [i, { variables }] of layout.columns.entries())
    expect(layout.offsets[i] % 2 ** variables).toBe(0);
  const used = new Set(
    layout.offsets.flatMap((offset, i) =>
      Array.from({ length: 2 ** layout.columns[i].variables }, (_, j) => offset + j),
    ),
  );
  expect(used.size).toBe(shapes[0].reduce((sum, { variables }) => sum + 2 ** variables, 0));
  expect(placeOf(layout, 2)).toBe(0);
  // 784 x 128 weights and their like: 1024 rows of 128, of which 784 are live.
  const weights = layOut([
    { variables: 17, live: 784 * 128 },
    { variables: 7, live: 128 },
    { variables: 11, live: 128 * 16 },
    { variables: 4, live: 16 },
  ]);
  expect(weights.columnLog).toBe(11);
  expect(weights.rows).toEqual([...Array(49).keys(), 64, 65]);
  expect(weights.rowLog).toBe(7);
});

test('claims that hold are accepted, on several commitments with columns of any size', () => {
  for (const seed of [1, 2, 3]) {
    const { workspace, commitments, claims, proof } = createCase(seed);
    const reader = new ProofReader(proof, 2 ** 24);
    expect(() => {
      verifyOpening(workspace, new Transcript(workspace, 'test'), reader, commitments, claims);
      reader.end();
    }).not.toThrow();
  }
});

test('a claim whose value, point, column or weight is another one is refused', () => {
  const replace = (k: number, change: Partial<Claim>) =>
    sample.claims.with(k, { ...sample.claims[k], ...change });
  for (const k of sample.claims.keys()) {
    expect(check(sample.proof, replace(k, { value: add(sample.claims[k].value, fromBase(1)) }))).toBe(
      'sumcheck.round',
    );
  }
  const other = sample.claims[0].point.with(0, fromBase(5));
  expect(check(sample.proof, replace(0, { point: other }))).toBe('opening.sumcheck');
  expect(check(sample.proof, replace(1, { terms: [{ coefficient: fromBase(1), column: 4 }] }))).toBe(
    'opening.sumcheck',
  );
});

test('a root of another commitment is refused', () => {
  for (const i of [0, 1, 2]) {
    const roots = sample.commitments.map(({ root }) => root);
    expect(check(sample.proof, sample.claims, roots.with(i, roots[(i + 1) % 3]))).toBe('opening.path');
  }
});

/** A transcript whose owner adds what is missing to each round, and then to the row that it sends. */
class LyingTranscript extends Transcript {
  #claim: Quartic;
  #values: readonly Quartic[] = [];
  readonly #mendRow: ((claim: Quartic, row: Uint8Array) => void) | undefined;

  constructor(workspace: Workspace, claim: Quartic, mendRow?: (claim: Quartic, row: Uint8Array) => void) {
    super(workspace, 'test');
    this.#claim = claim;
    this.#mendRow = mendRow;
  }

  override absorbElements(label: string, values: Quartic[]): void {
    const missing = sub(this.#claim, add(values[0], values[1]));
    // missing * (1 - x).
    for (const x of values.keys()) values[x] = add(values[x], mul(missing, fromBase(fromInteger(1 - x))));
    this.#values = values;
    super.absorbElements(label, values);
  }

  override elements(label: string, count: number): Quartic[] {
    const drawn = super.elements(label, count);
    if (label === 'round') this.#claim = interpolate(this.#values, drawn[0]);
    return drawn;
  }

  override absorb(label: string, bytes: Uint8Array): void {
    if (label === 'row 0') this.#mendRow?.(this.#claim, bytes);
    super.absorb(label, bytes);
  }
}

test('a wrong value whose rounds add up, and then a row that fits them, are caught by the next check', () => {
  const workspace = createWorkspace();
  const source = createSource(9);
  const layout = layOut([{ variables: 10, live: 1024 }]);
  const values = Array.from({ length: 1024 }, source.base);
  const committed = commitColumns(workspace, layout, [{ kind: 'integers', values }]);
  const point = Array.from({ length: 10 }, source.quartic);
  const wrong = add(evaluateMultilinear(values, point), fromBase(1));
  const claim: Claim = {
    commitment: 0,
    terms: [{ coefficient: fromBase(1), column: 0 }],
    point,
    value: wrong,
  };
  const prove = (transcript: Transcript) => {
    const writer = new ProofWriter();
    proveOpening(workspace, transcript, writer, [committed], [claim]);
    return writer.finish();
  };
  const verify = (proof: Uint8Array) => {
    try {
      const reader = new ProofReader(proof, 2 ** 24);
      verifyOpening(workspace, new Transcript(workspace, 'test'), reader, [committed], [claim]);
      return undefined;
    } catch (error) {
      return (error as Rejected).rejection.code;
    }
  };
  expect(layout.rowLog).toBeGreaterThan(0);
  expect(verify(prove(new Transcript(workspace, 'test')))).toBe('sumcheck.round');
  expect(verify(prove(new LyingTranscript(workspace, wrong)))).toBe('opening.sumcheck');
  // The first entry of the row makes up for what is missing: it counts E(r) eq(column part, 0).
  const challenges: Quartic[] = [];
  const recording = new LyingTranscript(workspace, wrong, (end, row) => {
    const rowPoint = point.slice(0, layout.rowLog);
    const weight = mul(
      evaluateEq(rowPoint, challenges.slice(-layout.rowLog)),
      eqValues(point.slice(layout.rowLog))[0],
    );
    const words = new Uint32Array(row.buffer, row.byteOffset, row.length / 4);
    const entryAt = (i: number) =>
      Array.from(words.subarray(4 * i, 4 * i + 4), fromMontgomery) as unknown as Quartic;
    const columnWeights = eqValues(point.slice(layout.rowLog));
    const found = columnWeights.reduce((sum, own, i) => add(sum, mul(own, entryAt(i))), fromBase(0));
    const total = mul(evaluateEq(rowPoint, challenges.slice(-layout.rowLog)), found);
    const first = add(entryAt(0), mul(sub(end, total), invert(weight)));
    words.set(first.map(toMontgomery), 0);
  });
  const draw = recording.elements.bind(recording);
  recording.elements = (label, count) => {
    const drawn = draw(label, count);
    if (label === 'round') challenges.push(drawn[0]);
    return drawn;
  };
  expect(verify(prove(recording))).toBe('opening.codeword');
});

test('a proof that is changed anywhere, cut or extended is refused', () => {
  const { proof } = sample;
  for (let k = 0; k < 400; k++) {
    const at = Math.floor((k * proof.length) / 400);
    const changed = proof.slice();
    changed[at] ^= 1 << (k % 7);
    expect(check(changed)).toMatch(/^(sumcheck\.round|opening\.(sumcheck|path|codeword)|proof\.element)$/);
  }
  for (const length of [0, 1, proof.length >> 1, proof.length - 1]) {
    expect(check(proof.slice(0, length))).toBe('proof.truncated');
  }
  const longer = new Uint8Array(proof.length + 1);
  longer.set(proof);
  expect(check(longer)).toBe('proof.trailing');
});
