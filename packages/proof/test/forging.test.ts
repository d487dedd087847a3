/**
 * Provers that cheat (docs/specs/zk.md). Each is refused for the right reason, and its proof passes
 * once the check that refuses it is taken away: either the refusal with that code, or an equation
 * or a look-up of the relations, on both sides.
 */
import {
  add,
  evaluateMultilinear,
  fromBase,
  fromInteger,
  invertBase,
  mul,
  mulBase,
  type Quartic,
  sub,
  zero,
} from '@nonet/algebra';
import type { Canonical } from '@nonet/core/codec';
import { afterEach, expect, test, vi } from 'vitest';
import {
  type SampleModel,
  type SampleOptions,
  sampleImageModel,
  sampleModel,
} from '../src/testing/sampleModels.ts';
import { commitColumns } from '../src/zk/commitment/proveCommitment.ts';
import { createWorkspace } from '../src/zk/hash/hashKernels.ts';
import { analyseProgram, readProgram } from '../src/zk/model/program.ts';
import { createProver, proveStatement } from '../src/zk/model/proveModel.ts';
import { proveRelations } from '../src/zk/model/proveRelations.ts';
import {
  countLookups,
  deriveColumns,
  largestPositions,
  runProgram,
  weightValues,
} from '../src/zk/model/proveWitness.ts';
import {
  type Component,
  inferenceRelations,
  pairCount,
  type Relations,
  registrationRelations,
} from '../src/zk/model/relations.ts';
import { relationLayouts } from '../src/zk/model/shape.ts';
import {
  inferenceTranscript,
  modelIdOf,
  registrationTranscript,
  type Statement,
} from '../src/zk/model/statement.ts';
import {
  proofLimit,
  type RegisteredModel,
  verifyInference,
  verifyRegistration,
} from '../src/zk/model/verifyModel.ts';
import { verifyRelations } from '../src/zk/model/verifyRelations.ts';
import { ProofReader, ProofWriter } from '../src/zk/proofBytes.ts';
import { Rejected } from '../src/zk/rejection.ts';
import { interpolate } from '../src/zk/sumcheck/roundPolynomial.ts';
import { Transcript } from '../src/zk/transcript.ts';
import { runPlainly } from './randomPrograms.ts';

/** Codes of refusals that are taken away, and by how much provers read images too high. */
const { ignored, prover: cheating } = vi.hoisted(() => ({
  ignored: new Set<string>(),
  prover: { raised: 0 },
}));

// Only provers scatter; verifiers evaluate.
vi.mock('../src/zk/model/windows.ts', async (importOriginal) => {
  const original = await importOriginal<typeof import('../src/zk/model/windows.ts')>();
  const scatterAxis: typeof original.scatterAxis = (axis, point) => {
    const isVertical = axis.before === 1 && cheating.raised !== 0 && axis.kernel === 3;
    return original.scatterAxis(
      isVertical ? { ...axis, before: axis.before + cheating.raised } : axis,
      point,
    );
  };
  return { ...original, scatterAxis };
});

vi.mock('../src/zk/rejection.ts', async (importOriginal) => {
  const original = await importOriginal<typeof import('../src/zk/rejection.ts')>();
  return {
    ...original,
    reject: (code: string, expected: string, found: string) => {
      if (!ignored.has(code)) original.reject(code, expected, found);
    },
  };
});

afterEach(() => {
  ignored.clear();
  vi.restoreAllMocks();
});

/** What `body` gives without the refusals of these codes. */
function without<T>(codes: readonly string[], body: () => T): T {
  for (const code of codes) ignored.add(code);
  const result = body();
  ignored.clear();
  return result;
}

const workspace = createWorkspace();

/** A sample with everything that a dishonest prover would have. */
function setUp(
  options: SampleOptions | SampleModel,
  change?: (sample: ReturnType<typeof sampleModel>) => void,
) {
  const sample = 'program' in options ? options : sampleModel(options);
  change?.(sample);
  const { program, weights } = sample;
  const ranges = analyseProgram(program);
  const prover = createProver(sample);
  const verdict = verifyRegistration(prover.register());
  if (!verdict.accepted) throw new Error(verdict.code);
  const registration = registrationRelations(program, ranges);
  const columns = weightValues(program, ranges, weights);
  const commit = (values: readonly Int32Array[]) =>
    commitColumns(
      workspace,
      relationLayouts(registration)[0],
      values.map((own) => ({ kind: 'integers', values: own })),
    );
  return {
    ...sample,
    ranges,
    prover,
    model: verdict.model,
    registration,
    columns,
    commit,
    committed: commit(columns),
  };
}

type SetUp = ReturnType<typeof setUp>;

/** The honest run of one row, with what the relations make of it. */
function runHonestly(own: SetUp, inputs: Int32Array) {
  const { program, ranges, weights } = own;
  const run = runProgram(program, ranges, weights, inputs, 1);
  const last = ranges.tensors[ranges.tensors.length - 1];
  const result = run.tensors[run.tensors.length - 1];
  const positions = [...largestPositions(result, 1, last.size, last.variables)];
  const outputs = program.output === 'position' ? Int32Array.from(positions) : result.slice(0, last.size);
  return { run, positions, outputs, input: run.tensors[0] };
}

const codeOf = (body: () => void): string | undefined => {
  try {
    body();
    return undefined;
  } catch (error) {
    if (error instanceof Rejected) return error.rejection.code;
    throw error;
  }
};

interface Forgery {
  readonly statement: Statement;
  readonly relations: Relations;
  /** All but the multiplicities. */
  readonly columns: readonly ArrayLike<number>[];
  readonly input: Int32Array;
}

/** Proves the forgery with these relations and verifies it with the same. */
function attempt(own: SetUp, { statement, relations, columns, input }: Forgery): string | undefined {
  const whole = columns.map((column) => Int32Array.from(column));
  const counts = countLookups(own.program, relations, whole, input, own.columns);
  const proof = proveStatement(workspace, statement, relations, own.committed, input, [...whole, counts]);
  const at = workspace.field.placeBase(input.map(fromInteger));
  return codeOf(() => {
    const reader = new ProofReader(proof, proofLimit(relations));
    verifyRelations(
      workspace,
      inferenceTranscript(workspace, statement),
      reader,
      relations,
      own.model.commitment,
      {
        input: { at, rows: 1, variables: own.ranges.tensors[0].variables },
        outputAt: (point) => evaluate(statement.outputs, point),
      },
    );
    reader.end();
  });
}

/** The outputs' polynomial at a point. */
const evaluate = (values: Int32Array, point: readonly Quartic[]): Quartic =>
  evaluateMultilinear(Array.from(values, fromInteger), point);

/** The relations without some equations or look-ups of components. */
function weaken(relations: Relations, change: (component: Component) => Partial<Component>): Relations {
  const components = relations.components.map((component) => ({ ...component, ...change(component) }));
  const shared = [...components.map((c) => ({ variables: c.variables, pairs: pairCount(c) }))];
  const inverses = [...shared, { variables: relations.table.variables, pairs: 1 }].flatMap(
    ({ variables, pairs }) => Array.from({ length: 4 * pairs }, () => ({ variables, live: 2 ** variables })),
  );
  return { ...relations, components, inverses };
}

/** One layer that clamps to 0..127, of one input and four outputs, and what it computes. */
function oneLayer() {
  const requantise = { shift: [4, 4, 4, 4], zero: [0, 0, 0, 0], low: 0, high: 127 };
  const own = setUp({ sizes: [1, 4], output: 'values', requantiseLast: true }, (sample) => {
    const layer = { kind: 'dense', source: 0, size: 4, biasBits: 10, requantise } as const;
    Object.assign(sample.program, { layers: [layer] });
    Object.assign(sample.weights[0], { weights: [100, 20, 10, -50], bias: [0, 1, 1000, 3] });
  });
  // Sums 10000, 2001, 2000, -4997; rounded 625, 125, 125, -312.
  const honest = runHonestly(own, Int32Array.of(100));
  const relations = inferenceRelations(own.program, own.ranges, 1, []);
  const columns = deriveColumns(own.program, own.ranges, relations, honest.run, own.weights, []);
  const columnOf = (kind: string, limb = 0) =>
    relations.roles.findIndex((role) => role.kind === kind && ('limb' in role ? role.limb : 0) === limb);
  return { own, honest, relations, columns, columnOf };
}

/** The forgery with other values in some columns; outputs are those of the output column. */
function alter(
  { own, honest, relations, columns, columnOf }: ReturnType<typeof oneLayer>,
  position: number,
  values: Readonly<Record<string, number>>,
): Forgery {
  const altered = columns.map((column) => Array.from(column));
  for (const [name, value] of Object.entries(values)) {
    const [kind, limb] = name.split('.');
    altered[columnOf(kind, Number(limb ?? 0))][position] = value;
  }
  const outputs = Int32Array.from(altered[columnOf('output')]);
  const { modelId } = own.model;
  const statement = { modelId, context: new Uint8Array(), rows: 1, inputs: Int32Array.of(100), outputs };
  return { statement, relations, columns: altered, input: honest.input };
}

/** Expects a refusal in the first round, and acceptance under the weaker relations. */
function expectCaught(own: SetUp, forgery: Forgery, weaker: Relations) {
  expect(attempt(own, forgery)).toBe('sumcheck.round');
  expect(attempt(own, { ...forgery, relations: weaker })).toBeUndefined();
}

/** Without the look-ups of these columns, by their number among all look-ups of the component. */
const dropLookups = (relations: Relations, which: (index: number) => boolean) =>
  weaken(relations, ({ lookups }) => ({ lookups: lookups.filter((_, i) => !which(i)) }));
const dropEquation = (relations: Relations, index: number) =>
  weaken(relations, ({ equations }) => ({ equations: equations.filter((_, i) => i !== index) }));

test('the honest case of these forgeries is accepted, and its look-ups are in the expected order', () => {
  const layer = oneLayer();
  expect([...layer.honest.outputs]).toEqual([127, 125, 125, 0]);
  expect(attempt(layer.own, alter(layer, 0, {}))).toBeUndefined();
  expect(layer.relations.roles.map(({ kind }) => kind)).toEqual([
    'output',
    'remainder',
    'sign',
    'excess',
    'excess',
    'multiplicity',
  ]);
  expect(layer.relations.components[0].lookups.length).toBe(4);
});

test('an answer one too high, with a remainder below zero', () => {
  const layer = oneLayer();
  const remainder = layer.columns[layer.columnOf('remainder')][1];
  const forgery = alter(layer, 1, { output: 126, remainder: remainder - 16 });
  expectCaught(
    layer.own,
    forgery,
    dropLookups(layer.relations, (i) => i === 1),
  );
});

test('an answer outside of its range', () => {
  const layer = oneLayer();
  const forgery = alter(layer, 0, { output: 625, sign: 0, excess: 0, 'excess.1': 0 });
  expectCaught(
    layer.own,
    forgery,
    dropLookups(layer.relations, (i) => i === 0),
  );
});

test('an answer inside of the range where the sum lies outside', () => {
  const layer = oneLayer();
  // 100 + 525 = 625.
  const forgery = alter(layer, 0, { output: 100, sign: 1, excess: 525 % 256, 'excess.1': 525 >> 8 });
  expectCaught(layer.own, forgery, dropEquation(layer.relations, 1));
});

test('the wrong end of the range, with an excess that is not a number of its bits', () => {
  const layer = oneLayer();
  const forgery = alter(layer, 0, { output: 0, sign: 0, excess: -625, 'excess.1': 0 });
  expectCaught(
    layer.own,
    forgery,
    dropLookups(layer.relations, (i) => i >= 2),
  );
});

test('a sign that is neither 0 nor 1 makes any answer an end of the range', () => {
  const layer = oneLayer();
  // sign = y / 127 and excess = (v - y) 127 / (2 y - 127): with y = 64 and v = 125 7747, 16 bits.
  const sign = mulBase(64, invertBase(127));
  const excess = (125 - 64) * 127;
  const forgery = alter(layer, 1, { output: 64, sign, excess: excess % 256, 'excess.1': excess >> 8 });
  const free = dropLookups(layer.relations, (i) => i >= 2);
  expect(attempt(layer.own, forgery)).toBe('sumcheck.round');
  // Its excess has fewer bits here: only the sign is in question.
  expect(attempt(layer.own, { ...forgery, relations: free })).toBe('sumcheck.round');
  expect(attempt(layer.own, { ...forgery, relations: dropEquation(free, 0) })).toBeUndefined();
});

test('a position that is not the largest, and a later one among equals', () => {
  for (const [input, cheat] of [
    [3, 0],
    [3, 2],
  ]) {
    const own = setUp({ sizes: [1, 4], output: 'position' }, ({ program, weights }) => {
      Object.assign(program, {
        layers: [{ kind: 'dense', source: 0, size: 4, biasBits: 3, requantise: null }],
      });
      Object.assign(weights[0], { weights: [0, 1, 1, 0], bias: [1, 0, 0, 1] });
    });
    const { run, input: padded } = runHonestly(own, Int32Array.of(input));
    const relations = inferenceRelations(own.program, own.ranges, 1, [cheat]);
    const columns = deriveColumns(own.program, own.ranges, relations, run, own.weights, [cheat]).map((c) => [
      ...c,
    ]);
    const gapOf = (limb: number) =>
      relations.roles.findIndex((role) => role.kind === 'gap' && role.limb === limb);
    const values = run.tensors[1];
    for (let j = 0; j < 4; j++) {
      columns[gapOf(0)][j] = values[cheat] - values[j] - (j < cheat ? 1 : 0);
      for (let limb = 1; gapOf(limb) >= 0; limb++) columns[gapOf(limb)][j] = 0;
    }
    const { modelId } = own.model;
    const outputs = Int32Array.of(cheat);
    const statement = { modelId, context: new Uint8Array(), rows: 1, inputs: Int32Array.of(input), outputs };
    expectCaught(
      own,
      { statement, relations, columns, input: padded },
      dropLookups(relations, () => true),
    );
  }
});

test('a gap at the claimed position, so that a larger value may be elsewhere', () => {
  const own = setUp({ sizes: [1, 4], output: 'position' }, ({ program, weights }) => {
    Object.assign(program, {
      layers: [{ kind: 'dense', source: 0, size: 4, biasBits: 3, requantise: null }],
    });
    Object.assign(weights[0], { weights: [0, 1, 1, 0], bias: [1, 0, 0, 1] });
  });
  const { run, input } = runHonestly(own, Int32Array.of(3));
  const relations = inferenceRelations(own.program, own.ranges, 1, [0]);
  const columns = deriveColumns(own.program, own.ranges, relations, run, own.weights, [0]).map((c) => [...c]);
  const columnOf = (kind: string) => relations.roles.findIndex((role) => role.kind === kind);
  // Values 1, 3, 3, 1: the top is said to be 3.
  columns[columnOf('top')][0] = 3;
  columns[columnOf('gap')].splice(0, 4, 2, 0, 0, 2);
  columns[columnOf('gap') + 1].fill(0);
  const { modelId } = own.model;
  const statement = {
    modelId,
    context: new Uint8Array(),
    rows: 1,
    inputs: Int32Array.of(3),
    outputs: Int32Array.of(0),
  };
  expectCaught(own, { statement, relations, columns, input }, dropEquation(relations, 0));
});

test('a wrong answer whose rounds all add up ends at values that do not satisfy the relations', () => {
  const own = setUp({ sizes: [6, 4, 3], output: 'values' });
  const inputs = own.inputsOf(1);
  const { run, outputs, input } = runHonestly(own, inputs);
  const relations = inferenceRelations(own.program, own.ranges, 1, []);
  const columns = deriveColumns(own.program, own.ranges, relations, run, own.weights, []);
  const counts = countLookups(own.program, relations, columns, input, []);
  const wrong = outputs.with(0, outputs[0] + 1);
  const { modelId } = own.model;
  const statement = { modelId, context: new Uint8Array(), rows: 1, inputs, outputs: wrong };

  // The sum that the verifier starts from is the honest one minus gamma (what is wrong)(t).
  const prove = (transcript: Transcript): Uint8Array => {
    const writer = new ProofWriter();
    const at = workspace.field.placeBase(input.map(fromInteger));
    proveRelations(workspace, transcript, writer, relations, {
      weights: own.committed,
      columns: [...columns, counts],
      input: at,
    });
    return writer.finish();
  };
  const verify = (proof: Uint8Array) => {
    const at = workspace.field.placeBase(input.map(fromInteger));
    return codeOf(() => {
      const reader = new ProofReader(proof, proofLimit(relations));
      verifyRelations(
        workspace,
        inferenceTranscript(workspace, statement),
        reader,
        relations,
        own.model.commitment,
        {
          input: { at, rows: 1, variables: own.ranges.tensors[0].variables },
          outputAt: (point) => evaluate(wrong, point),
        },
      );
      reader.end();
    });
  };
  expect(verify(prove(inferenceTranscript(workspace, statement)))).toBe('sumcheck.round');

  // Its claim is learnt by running until the first round.
  let point: readonly Quartic[] = [];
  let gamma: Quartic = zero;
  const spy = vi.spyOn(Transcript.prototype, 'elements');
  prove(inferenceTranscript(workspace, statement));
  for (const [i, [label]] of spy.mock.calls.entries()) {
    const drawn = spy.mock.results[i].value as Quartic[];
    if (label === 'point') point = drawn;
    if (label === 'gamma') [gamma] = drawn;
  }
  spy.mockRestore();
  const difference = evaluate(Int32Array.of(1, 0, 0), point.slice(-2));
  const missing = mul(gamma, sub(zero, difference));
  const lying = inferenceTranscript(workspace, statement);
  // The same chain, with rounds that lie.
  let rounds = 0;
  const absorb = lying.absorbElements.bind(lying);
  const draw = lying.elements.bind(lying);
  let claim: Quartic = zero;
  let said: readonly Quartic[] = [];
  lying.absorbElements = (label: string, values: Quartic[]) => {
    if (label === 'round' && values.length === 5) {
      if (rounds++ === 0) claim = add(add(values[0], values[1]), missing);
      const lack = sub(claim, add(values[0], values[1]));
      for (let x = 0; x < 5; x++) values[x] = add(values[x], mul(lack, fromBase(fromInteger(1 - x))));
      said = values;
    }
    absorb(label, values);
  };
  lying.elements = (label, count) => {
    const drawn = draw(label, count);
    if (label === 'round' && said.length === 5) claim = interpolate(said, drawn[0]);
    return drawn;
  };
  const proof = prove(lying);
  expect(verify(proof)).toBe('relations.sum');
  expect(without(['relations.sum'], () => verify(proof))).toBeUndefined();
});

test('weights of another model, under the identity of this one', () => {
  const own = setUp({ sizes: [6, 4, 3], output: 'values' });
  const other = own.columns.map((column, i) => (i === 0 ? column.with(0, column[0] ^ 1) : column));
  const weights = own.weights.map((layer, i) =>
    i === 0 ? { ...layer, weights: Array.from(layer.weights).with(0, layer.weights[0] ^ 1) } : layer,
  );
  const inputs = own.inputsOf(1);
  const run = runProgram(own.program, own.ranges, weights, inputs, 1);
  const relations = inferenceRelations(own.program, own.ranges, 1, []);
  const columns = deriveColumns(own.program, own.ranges, relations, run, weights, []);
  const counts = countLookups(own.program, relations, columns, run.tensors[0], []);
  const { modelId } = own.model;
  const outputs = run.tensors[2].slice(0, 3);
  const statement = { modelId, context: new Uint8Array(), rows: 1, inputs, outputs };
  const columnsWithCounts = [...columns, counts];
  const proof = proveStatement(
    workspace,
    statement,
    relations,
    own.commit(other),
    run.tensors[0],
    columnsWithCounts,
  );
  expect(verifyInference(own.model, statement, proof)).toMatchObject({
    accepted: false,
    code: 'opening.path',
  });
  expect(without(['opening.path'], () => verifyInference(own.model, statement, proof))).toMatchObject({
    accepted: true,
  });
});

/** Registers columns of weights as they are, under these relations. */
function attemptRegistration(
  own: SetUp,
  columns: readonly Int32Array[],
  relations: Relations,
  limbs?: readonly Int32Array[],
): string | undefined {
  const { program, ranges, weights } = own;
  const committed = own.commit(columns);
  const derived = limbs ?? deriveColumns(program, ranges, own.registration, undefined, weights, []);
  const counts = countLookups(program, relations, derived, undefined, columns);
  const writer = new ProofWriter();
  const modelId = modelIdOf(program, committed.root);
  proveRelations(workspace, registrationTranscript(workspace, modelId), writer, relations, {
    weights: committed,
    columns: [...derived, counts],
  });
  return codeOf(() => {
    const reader = new ProofReader(writer.finish(), proofLimit(relations));
    verifyRelations(
      workspace,
      registrationTranscript(workspace, modelId),
      reader,
      relations,
      committed.root,
      {},
    );
    reader.end();
  });
}

test('registration: a weight of nine bits, a weight on padding, a bias out of range', () => {
  const own = setUp({ sizes: [6, 5], output: 'values' });
  const free = weaken(own.registration, ({ label, lookups }) => ({
    lookups: label.startsWith('weights') ? [] : lookups,
    // Something has to be shown of a component.
    equations: label.startsWith('weights')
      ? [(ring, [w]) => ring.sub(w, w)]
      : own.registration.components[1].equations,
  }));
  expect(attemptRegistration(own, own.columns, own.registration)).toBeUndefined();
  // Position 5 of a row of 8 is padding.
  for (const [at, value] of [
    [0, 200],
    [0, -129],
    [5, 1],
  ]) {
    const columns = own.columns.with(0, own.columns[0].with(at, value));
    expect(attemptRegistration(own, columns, own.registration)).toBe('sumcheck.round');
    expect(attemptRegistration(own, columns, free)).toBeUndefined();
  }
  const biases = own.columns.with(1, own.columns[1].with(0, 1024));
  expect(attemptRegistration(own, biases, own.registration)).toBe('sumcheck.round');
  // 11 bits of 1024 + 1024: the second limb would be 8, in a width of 3.
  const limbs = deriveColumns(own.program, own.ranges, own.registration, undefined, own.weights, []);
  const beyond = [limbs[0].with(0, 0), limbs[1].with(0, 8)];
  expect(attemptRegistration(own, biases, own.registration, beyond)).toBe('sumcheck.round');
  const unbounded = weaken(own.registration, ({ label, lookups }) => ({
    lookups: label.startsWith('biases') ? lookups.slice(0, 1) : lookups,
  }));
  expect(attemptRegistration(own, biases, unbounded, beyond)).toBeUndefined();
});

test('a convolution that reads its image a row too high', () => {
  const shape = [1, 4, 4] as const;
  const layer = { kind: 'convolution', channels: 2, kernel: [3, 2] } as const;
  const layersOf = (top: number) =>
    [
      { ...layer, before: [top, 0], after: [2 - top, 1] },
      { kind: 'dense', size: 3 },
    ] as const;
  const own = setUp(sampleImageModel(shape, layersOf(1), 'values'));
  const raised = sampleImageModel(shape, layersOf(2), 'values');
  const inputs = own.inputsOf(1);
  const raisedRanges = analyseProgram(raised.program);
  const run = runProgram(raised.program, raisedRanges, own.weights, inputs, 1);
  const relations = inferenceRelations(own.program, own.ranges, 1, []);
  const columns = deriveColumns(own.program, own.ranges, relations, run, own.weights, []);
  const counts = countLookups(own.program, relations, columns, run.tensors[0], []);
  const outputs = run.tensors[2].slice(0, 3);
  const statement = { modelId: own.model.modelId, context: new Uint8Array(), rows: 1, inputs, outputs };
  const prove = () =>
    proveStatement(workspace, statement, relations, own.committed, run.tensors[0], [...columns, counts]);
  const verify = (proof: Uint8Array) => {
    const verdict = verifyInference(own.model, statement, proof);
    return verdict.accepted ? undefined : verdict.code;
  };
  expect(own.prover.prove({ inputs, rows: 1, context: new Uint8Array() }).statement.outputs).not.toEqual(
    outputs,
  );
  expect(verify(prove())).toBe('sumcheck.round');
  cheating.raised = 1;
  const proof = prove();
  cheating.raised = 0;
  expect(verify(proof)).toBe('relations.patches');
  expect(without(['relations.patches'], () => verify(proof))).toBeUndefined();
});

test('a maximum that is above all values of its window, and one that is not the largest', () => {
  const description = [
    { kind: 'maximum', kernel: [2, 2], stride: [2, 2] },
    { kind: 'dense', size: 2 },
  ] as const;
  const own = setUp(sampleImageModel([1, 2, 4], description, 'values'));
  const inputs = Int32Array.of(1, 2, 9, 7, 3, 4, 5, 6);
  const honest = runHonestly(own, inputs);
  const relations = inferenceRelations(own.program, own.ranges, 1, []);
  const columns = deriveColumns(own.program, own.ranges, relations, honest.run, own.weights, []);
  const columnOf = (kind: string, place = 0) =>
    relations.roles.findIndex((role) => role.kind === kind && ('place' in role ? role.place : 0) === place);
  // The windows' values are 1, 2, 3, 4 and 9, 7, 5, 6.
  for (const [cheat, weaker] of [
    [5, dropEquation(relations, 1)],
    [3, dropLookups(relations, () => true)],
  ] as const) {
    const altered = columns.map((column) => Array.from(column));
    altered[columnOf('output')][0] = cheat;
    for (const [place, value] of [1, 2, 3, 4].entries()) {
      altered[columnOf('below the maximum', place)][0] = cheat - value;
    }
    altered[columnOf('product of gaps')][0] = (cheat - 1) * (cheat - 2) * (cheat - 3);
    const { weights, bias } = own.weights[0];
    const outputs = Int32Array.from(
      { length: 2 },
      (_, j) => bias[j] + cheat * weights[j] + 9 * weights[2 + j],
    );
    const { modelId } = own.model;
    const statement = { modelId, context: new Uint8Array(), rows: 1, inputs, outputs };
    expectCaught(own, { statement, relations, columns: altered, input: honest.input }, weaker);
  }
});

test('a model that verifyRegistration has not accepted', () => {
  const { prover, model, inputsOf } = setUp({ sizes: [6, 4, 3], output: 'values' });
  const { statement, proof } = prover.prove({ inputs: inputsOf(1), rows: 1, context: new Uint8Array() });
  const copy = { ...model };
  expect(verifyInference(copy, statement, proof)).toMatchObject({
    accepted: false,
    code: 'registration.unverified',
  });
  expect(without(['registration.unverified'], () => verifyInference(copy, statement, proof))).toMatchObject({
    accepted: true,
  });
});

test('replay: a proof for one context is none for another; without it in the transcript it would be', () => {
  const { prover, model, inputsOf } = setUp({ sizes: [6, 4, 3], output: 'values' });
  const inputs = inputsOf(1);
  const check = () => {
    const { statement, proof } = prover.prove({ inputs, rows: 1, context: Uint8Array.of(1) });
    return verifyInference(model, { ...statement, context: Uint8Array.of(2) }, proof);
  };
  expect(check()).toMatchObject({ accepted: false });
  const absorb = Transcript.prototype.absorb;
  vi.spyOn(Transcript.prototype, 'absorb').mockImplementation(function (this: Transcript, label, bytes) {
    if (label !== 'context') absorb.call(this, label, bytes);
  });
  expect(check()).toMatchObject({ accepted: true });
});

test('another model, input, output, number of rows', () => {
  const { prover, model, inputsOf } = setUp({ sizes: [6, 4, 3], output: 'values' });
  const { statement, proof } = prover.prove({ inputs: inputsOf(2), rows: 2, context: new Uint8Array() });
  const modelId = `0x${'11'.repeat(32)}` as Statement['modelId'];
  const refusal = (change: Partial<Statement>) => {
    const verdict = verifyInference(model, { ...statement, ...change }, proof);
    return verdict.accepted ? undefined : verdict.code;
  };
  expect(refusal({ modelId })).toBe('statement.model');
  expect(without(['statement.model'], () => refusal({ modelId }))).toBe('sumcheck.round');
  for (let i = 0; i < 12; i++) {
    const inputs = statement.inputs.with(i, statement.inputs[i] ^ 1);
    expect(refusal({ inputs })).toBe('sumcheck.round');
  }
  for (let i = 0; i < 6; i++) {
    expect(refusal({ outputs: statement.outputs.with(i, statement.outputs[i] + 1) })).toBe('sumcheck.round');
  }
  const one = { rows: 1, inputs: statement.inputs.slice(0, 6), outputs: statement.outputs.slice(0, 3) };
  expect(refusal(one)).toBeDefined();
});

test('integers that are the same in the field are not the same in a statement', () => {
  const p = 2013265921;
  const { prover, model, inputsOf } = setUp({ sizes: [6, 4, 3], output: 'values' });
  const { statement, proof } = prover.prove({ inputs: inputsOf(1), rows: 1, context: new Uint8Array() });
  const negative = statement.outputs.findIndex((value) => value < 0 && value + p < 2 ** 31);
  expect(negative).toBeGreaterThanOrEqual(0);
  const outputs = statement.outputs.with(negative, statement.outputs[negative] + p);
  expect(verifyInference(model, { ...statement, outputs }, proof)).toMatchObject({
    code: 'statement.malformed',
  });
});

test.each<[string, SampleOptions | SampleModel]>([
  ['dense', { sizes: [6, 4, 3], output: 'values', withTable: true, requantiseLast: true }],
  [
    'images',
    sampleImageModel(
      [2, 4, 3],
      [
        { kind: 'convolution', channels: 2, groups: 2, kernel: [2, 1], dilation: [2, 1], before: [1, 0] },
        { kind: 'maximum', kernel: [2, 2], stride: [2, 1], before: [1, 1] },
        { kind: 'join', others: [2] },
        { kind: 'sum', kernel: [2, 2], before: [1, 0], isUneven: true },
        {
          kind: 'view',
          shape: [2, 1, 2],
          matrix: [
            [1, 0, 0],
            [0, 1, 0],
            [0, 0, 1],
          ],
          offset: [0, 0, 1],
        },
        { kind: 'multiply', other: 5 },
        { kind: 'add', other: 5, factor: -2 },
        { kind: 'dense', size: 2 },
      ],
      'values',
    ),
  ],
])('every constant of the program, changed under the same modelId: %s', (_, options) => {
  const { prover, model, inputsOf, program, weights } = setUp(options);
  const { statement, proof } = prover.prove({ inputs: inputsOf(2), rows: 2, context: new Uint8Array() });
  const impostors: RegisteredModel['program'][] = [];
  // Each number in layers, tables and input, one up and one down.
  const visit = (value: unknown, rebuild: (changed: unknown) => RegisteredModel['program']): void => {
    if (typeof value === 'number') for (const step of [1, -1]) impostors.push(rebuild(value + step));
    else if (Array.isArray(value)) {
      for (const [i, entry] of value.entries()) visit(entry, (changed) => rebuild(value.with(i, changed)));
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, entry] of Object.entries(value))
        visit(entry, (changed) => rebuild({ ...value, [key]: changed }));
    }
  };
  for (const key of ['layers', 'tables', 'input'] as const) {
    visit(program[key], (changed) => ({ ...program, [key]: changed }) as RegisteredModel['program']);
  }
  expect(impostors.length).toBeGreaterThan(200);
  const acceptedWithout = (codes: readonly string[]) =>
    impostors.filter((changed) => {
      let impostor: RegisteredModel;
      try {
        impostor = {
          ...model,
          program: changed,
          ranges: analyseProgram(readProgram(changed as unknown as Canonical)),
        };
      } catch (error) {
        expect(error).toBeInstanceOf(Rejected);
        return false;
      }
      return without(codes, () => verifyInference(impostor, statement, proof)).accepted;
    });
  expect(acceptedWithout(['registration.unverified'])).toEqual([]);
  // Were the identity not computed anew, only programs that give the same answers would pass: with
  // other bounds, or padding that no window reaches.
  const rows = [0, 1].map((row) => {
    const size = statement.inputs.length / 2;
    return [...statement.inputs.subarray(row * size, (row + 1) * size)];
  });
  const isWrong = (changed: RegisteredModel['program']) => {
    const answers = rows.flatMap((row) => runPlainly({ program: changed, weights }, row));
    return String(answers) !== String([...statement.outputs]);
  };
  expect(isWrong(program)).toBe(false);
  const passed = acceptedWithout(['registration.unverified', 'statement.model']);
  expect(passed.length).toBeGreaterThan(0);
  expect(passed.filter(isWrong)).toEqual([]);
});

test('every byte of a proof is in the transcript before the next challenge is drawn', () => {
  const shape = [2, 5, 6] as const;
  const description = [
    { kind: 'convolution', channels: 3, kernel: [2, 2] },
    { kind: 'maximum', kernel: [2, 2], stride: [2, 2] },
    { kind: 'dense', size: 3 },
  ] as const;
  const { prover, model, inputsOf } = setUp(sampleImageModel(shape, description, 'position'));
  const { statement, proof } = prover.prove({ inputs: inputsOf(1), rows: 1, context: Uint8Array.of(1) });
  let pending = 0;
  const events: string[] = [];
  const { absorb, elements, indices } = Transcript.prototype;
  const { bytes } = ProofReader.prototype;
  vi.spyOn(ProofReader.prototype, 'bytes').mockImplementation(function (this: ProofReader, length) {
    pending += length;
    return bytes.call(this, length);
  });
  vi.spyOn(Transcript.prototype, 'absorb').mockImplementation(function (this: Transcript, label, own) {
    const isStatement = ['model', 'context', 'rows', 'inputs', 'outputs'].includes(label);
    if (!isStatement) pending -= own.length;
    events.push(label);
    absorb.call(this, label, own);
  });
  vi.spyOn(Transcript.prototype, 'elements').mockImplementation(function (this: Transcript, label, count) {
    expect(pending, `before ${label}`).toBe(0);
    events.push(`draw ${label}`);
    return elements.call(this, label, count);
  });
  vi.spyOn(Transcript.prototype, 'indices').mockImplementation(function (
    this: Transcript,
    label,
    count,
    log,
  ) {
    // What is opened after the first of them is bound by the roots.
    if (label === 'queries 0') expect(pending).toBe(0);
    events.push(`draw ${label}`);
    return indices.call(this, label, count, log);
  });
  expect(verifyInference(model, statement, proof)).toMatchObject({ accepted: true });
  const steps = events.filter((event, i) => !event.endsWith('round') || !events[i - 2]?.endsWith('round'));
  expect(steps).toEqual([
    'model',
    'context',
    'rows',
    'inputs',
    'outputs',
    'witness',
    'draw lookup',
    'inverses',
    'draw point',
    'draw gamma',
    'biases',
    'round',
    'draw round',
    'values',
    'draw patches',
    'round',
    'draw round',
    'images',
    'draw lambda',
    'round',
    'draw round',
    'row 0',
    'row 1',
    'row 2',
    'draw queries 0',
    'draw queries 1',
    'draw queries 2',
  ]);
});
