/** Records about a proven prediction of a small job, right ones and each way of being wrong. */
import { type Address, addressOf, contentOf } from '@nonet/core';
import { encodeCanonical } from '@nonet/core/codec';
import { type BlobStore, blobMissing, type Ledger, type ModelRegistration } from '@nonet/core/ports';
import { createReceipt, type Receipt, verifyReceipt } from '@nonet/core/receipt';
import { type Evidence, idOfJob } from '@nonet/core/records';
import { sampleEvidence, sampleJob, sampleReceipt, sampleStranger } from '@nonet/core/testing/receipt';
import { initialParameters, mlp } from '@nonet/tensor';
import { describe, expect, test } from 'vitest';
import { encodeInputs, type IntegerModel, identifyModel, makeIntegerModel } from '../model/integerModel.ts';
import { encodeProofFile, type ProofFile, provenRows } from '../model/proofFile.ts';
import { createProver } from '../model/proveModel.ts';
import { remakeModel } from '../model/remakeModel.ts';
import { verifyProofFile } from '../model/verifyProofFile.ts';
import { answerClaim, contextOfJob, modelClaim, type ProofClaim } from './claims.ts';
import { createProofVerifiers } from './verifyEvidence.ts';

const width = 6;
const { labels } = sampleJob.data;
const job = { ...sampleJob, data: { ...sampleJob.data, shape: [width] } };
const graph = mlp({ features: [width], hidden: [5], classes: labels.length });
const addressOfText = (text: string) => addressOf(new TextEncoder().encode(text));
const seeded = (seed: string) => initialParameters(graph, addressOfText(seed));
const count = 400;
const testSet = {
  features: Float32Array.from({ length: count * width }, (_, i) => Math.sin(i * i)),
  shape: [width],
  labels: Int32Array.from({ length: count }, (_, i) => (i * i) % labels.length),
  vocabulary: labels,
};
const final = {
  address: addressOfText('the final model'),
  graph,
  parameters: seeded('final'),
  testSet,
  inputs: [addressOfText('the final model'), addressOfText('the test set')],
};
const record = addressOfText('the ledger record');
const context = contextOfJob(idOfJob(job), final.address);

const remade = await remakeModel(final);

interface Proving {
  readonly model?: IntegerModel;
  readonly inputs?: Int32Array;
  readonly context?: Uint8Array;
}

/** A proof file of the answer to one row. */
function prove({
  model = remade,
  inputs = remade.inputs,
  context: bound = context,
}: Proving = {}): ProofFile {
  const prover = createProver(model);
  const { statement, proof } = prover.prove({ inputs, rows: 1, context: bound });
  return {
    registration: prover.register(),
    context: bound,
    stated: { labels, scale: null },
    answers: [provenRows(statement, proof)],
  };
}

const file = prove();
const bytes = encodeProofFile(file);
const [position] = file.answers[0]!.outputs as unknown as [number];
const verdict = verifyProofFile(bytes);
if (!verdict.accepted) throw new Error(verdict.code);
const { modelId } = verdict.model;

const { origin, date } = sampleEvidence[0]!;
function recordOf(claim: ProofClaim, verifier: string, inputs: readonly Address[], about: Address): Evidence {
  const check = { how: 'here' as const, verifier, inputs: [...inputs] };
  return { ...claim, cells: [...claim.cells], grade: 4, artefact: about, check, origin, date };
}

/** Both records about a file, which say what they should of one that is right. */
function recordsOf(bytes: Uint8Array): readonly [Evidence, Evidence] {
  const about = addressOf(bytes);
  const read = verifyProofFile(bytes);
  const [bits, id] = read.accepted
    ? [read.bits, read.model.modelId]
    : [verdict.accepted ? verdict.bits : 0, modelId];
  const said = read.accepted ? read.statements[0]!.outputs[0]! : position;
  const label = labels[said] ?? 'none';
  const answer = answerClaim({ modelId: id, position: said, label, bits, bytes: bytes.length });
  return [
    recordOf(answer, 'proof.answer', [about], about),
    recordOf(modelClaim({ modelId: id, ...remade }), 'proof.model', [record, ...final.inputs, about], about),
  ];
}

interface Reach {
  readonly blobs?: readonly Uint8Array[];
  readonly registered?: readonly Partial<ModelRegistration>[];
  readonly budgetFactor?: number;
  readonly job?: Receipt['job'];
}

/** The statuses or codes of the statements of a receipt with these records. */
async function check(records: readonly Evidence[], reach: Reach = {}): Promise<readonly string[]> {
  const { blobs = [bytes], registered, budgetFactor = 1 } = reach;
  const contents = new Map(blobs.map((blob) => [addressOf(blob), contentOf(blob)]));
  const store = {
    async get(address: Address) {
      const content = contents.get(address);
      if (content === undefined) throw blobMissing(address, 'this test');
      return content;
    },
  } as BlobStore;
  const verifiers = createProofVerifiers({
    readFinalModel: async () => final,
    remakeModel,
    identifyModel,
    budgetFactor,
  });
  const receipt = createReceipt(sampleReceipt.run, reach.job ?? job, records, []);
  const ledger = {
    anchors: { find: async () => undefined },
    jobs: { read: async () => undefined },
    models: {
      find: async (id: Address, by: string) =>
        id === modelId ? registered!.filter((each) => each.by === by) : [],
    },
  } as unknown as Ledger;
  const verdicts = await verifyReceipt(receipt, verifiers, {
    blobs: store,
    ...(registered === undefined ? {} : { ledger: { ledger, url: 'https://ledger.example' } }),
  });
  return verdicts.flatMap((each) =>
    each.piece.kind === 'statement' ? ['code' in each ? each.code : each.status] : [],
  );
}

const right = ['checked here', 'checked here'];

describe('a proven prediction', () => {
  test('is checked from the proof alone, and with the blobs of the job that its model is the final one', async () => {
    expect(await check(recordsOf(bytes))).toEqual(right);
  });

  test('is the answer of the final model to the example that this model picks', () => {
    expect(remade.example).toBe(Number(BigInt(final.address) % BigInt(count)));
    expect(remade.calibrated).toBe(256);
  });

  test('was registered by the account that ran the job, where a ledger can be asked', async () => {
    const registration = addressOf(file.registration);
    const own = { registration, by: job.creator };
    const records = recordsOf(bytes);
    expect(await check(records, { registered: [own] })).toEqual(['checked here', 'checked against']);
    const codes = ['checked here', 'proof.unregistered'];
    expect(await check(records, { registered: [] })).toEqual(codes);
    expect(await check(records, { registered: [{ ...own, by: sampleStranger.account }] })).toEqual(codes);
    expect(await check(records, { registered: [{ ...own, registration: record }] })).toEqual(codes);
  });

  test('is undecided where its model would take too much to make again, or the proof is not there', async () => {
    expect(await check(recordsOf(bytes), { budgetFactor: 1e-9 })).toEqual(['checked here', 'undecided']);
    expect(await check(recordsOf(bytes), { blobs: [] })).toEqual(['undecided', 'undecided']);
  });
});

/** Other files about this job, with records that say of them what they should. */
async function verdictsOf(proving: Proving): Promise<readonly string[]> {
  const other = encodeProofFile(prove(proving));
  return check(recordsOf(other), { blobs: [other] });
}

const quantiseWith = (parameters: typeof final.parameters, rows: number) =>
  makeIntegerModel({
    graph,
    parameters,
    rows: { x: testSet.features.subarray(0, rows * width) },
    output: 'logits',
    answer: 'position',
    maximumBatch: remade.program.maximumBatch,
  });

describe('rejects', () => {
  test('a proof of another model', async () => {
    const model = await quantiseWith(seeded('another'), count);
    expect(await verdictsOf({ model })).toEqual(['checked here', 'proof.model']);
  });

  test('the final model, quantised with other rows than the public rule says', async () => {
    const model = await quantiseWith(final.parameters, 3);
    expect(await verdictsOf({ model })).toEqual(['checked here', 'proof.model']);
  });

  test('an answer to another example than the one that the model picks', async () => {
    const another = testSet.features.subarray(0, width);
    const inputs = await encodeInputs(remade.quantised, another);
    expect(await verdictsOf({ inputs })).toEqual(['checked here', 'proof.input']);
  });

  test('a proof for another job, or another model of this job', async () => {
    const otherJob = contextOfJob(record, final.address);
    expect(await verdictsOf({ context: otherJob })).toEqual(['proof.context', 'proof.context']);
    const otherModel = contextOfJob(idOfJob(job), record);
    expect(await verdictsOf({ context: otherModel })).toEqual(['checked here', 'proof.context']);
  });

  test('a proof of all scores, and of two answers', async () => {
    const scores = { ...remade, program: { ...remade.program, output: 'values' as const } };
    expect(await verdictsOf({ model: scores })).toEqual(['proof.answer', 'proof.answer']);
    const two = encodeProofFile({ ...file, answers: [file.answers[0]!, file.answers[0]!] });
    expect(await check(recordsOf(two), { blobs: [two] })).toEqual(['proof.answer', 'proof.answer']);
  });

  test('an altered answer', async () => {
    const [answer] = file.answers;
    const outputs = Int32Array.of((position + 1) % labels.length);
    const altered = encodeProofFile({ ...file, answers: [{ ...answer!, outputs }] });
    const codes = await check(recordsOf(altered), { blobs: [altered] });
    for (const code of codes) expect(code).toMatch(/^(?:sumcheck|opening)\./);
  });

  test('an altered registration', async () => {
    const registration = file.registration.slice();
    registration[registration.length >> 1]! ^= 1;
    const altered = encodeProofFile({ ...file, registration });
    const codes = await check(recordsOf(altered), { blobs: [altered] });
    for (const code of codes) expect(code).toMatch(/^(?:registration|program|proof|sumcheck|opening)\./);
  });

  test('bytes that are no proof file', async () => {
    const blob = encodeCanonical({ format: 'another' });
    expect(await check(recordsOf(blob), { blobs: [blob] })).toEqual(['file.malformed', 'file.malformed']);
  });

  test('a position that the job has no label for', async () => {
    const short = { ...job, data: { ...job.data, labels: labels.slice(0, position) } };
    const other = encodeProofFile(prove({ context: contextOfJob(idOfJob(short), final.address) }));
    const [code] = await check(recordsOf(other), { blobs: [other], job: short });
    expect(code).toBe('proof.label');
  });

  test('one record more about a proof', async () => {
    const [answer, model] = recordsOf(bytes);
    expect(await check([answer, model, answer])).toEqual([
      'receipt.repetition',
      'checked here',
      'receipt.repetition',
    ]);
    expect(await check([answer, model, model])).toEqual([
      'checked here',
      'receipt.repetition',
      'receipt.repetition',
    ]);
  });

  test.each([
    ['no artefact', ({ artefact: _, ...rest }: Evidence) => rest, 'claim.artefact'],
    ['another kind', (each: Evidence) => ({ ...each, kind: 'observation' }), 'claim.kind'],
    [
      'another sentence',
      (each: Evidence) => ({ ...each, sentence: `${each.sentence} It is a good one.` }),
      'claim.sentence',
    ],
    ['another cell', (each: Evidence) => ({ ...each, cells: ['privacy-security'] }), 'claim.cells'],
    ['another mechanism', (each: Evidence) => ({ ...each, mechanism: 'proof.other' }), 'claim.mechanism'],
    ['other figures', (each: Evidence) => ({ ...each, figures: {} }), 'claim.figures'],
    ['a lower grade', (each: Evidence) => ({ ...each, grade: 3 }), 'claim.grade'],
    [
      'other inputs',
      (each: Evidence) => ({ ...each, check: { ...each.check, inputs: [record, record] } }),
      'claim.inputs',
    ],
  ])('a record with %s', async (_, change, code) => {
    const [answer, model] = recordsOf(bytes);
    expect(await check([change(answer) as Evidence, model])).toEqual([code, 'checked here']);
    expect(await check([answer, change(model) as Evidence])).toEqual(['checked here', code]);
  });
});
