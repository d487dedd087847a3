/** Jobs whose sites evaluate on held-out examples inside their masked messages: secagg.md §10. */
import { createReceipt, verifyReceipt } from '@nonet/core/receipt';
import { type Evidence, idOfJob } from '@nonet/core/records';
import { beforeAll, expect, test } from 'vitest';
import { createRunEvidence, federationVerifiers, type RunEvidence } from '../src/index.ts';
import { encodeTrained } from '../src/masked/maskedRound.ts';
import type { Trainer } from '../src/trainers/trainer.ts';
import type { HeldOut } from '../src/update/heldOut.ts';
import {
  createMasked,
  createTestTrainer,
  joinAll,
  key,
  maskedArithmetic,
  range,
  runAll,
  type Simulation,
} from './simulation.ts';

const arithmetic = { ...maskedArithmetic, heldOut: { fraction: 0.5, mostExamples: 50 } };
/** The third site holds nothing out. */
const ofSite: readonly (HeldOut | undefined)[] = [
  { examples: 4, correct: 3, loss: 0.5 },
  { examples: 6, correct: 1, loss: 1 },
  undefined,
];

function createEvaluatingTrainer(heldOut: HeldOut | undefined): Trainer {
  const trainer = createTestTrainer();
  return {
    train: async (request) => ({
      ...(await trainer.train(request)),
      ...(heldOut === undefined ? {} : { heldOut }),
    }),
  };
}

async function runWith(heldOut: readonly (HeldOut | undefined)[]): Promise<Simulation> {
  const simulation = await createMasked(3, { rounds: 1, arithmetic });
  await joinAll(simulation);
  const roles = await runAll(simulation, range(3), (i) => ({ trainer: createEvaluatingTrainer(heldOut[i]) }));
  expect(roles[0].outcome).toBe('complete');
  return simulation;
}

async function evidenceOf({ job, ledger, connect }: Simulation): Promise<RunEvidence> {
  return createRunEvidence({
    job,
    ledger,
    events: await ledger.rounds.moves(idOfJob(job)),
    blobs: connect(),
    origin: { type: 'run', run: 'test', by: key('creator').account, machine: 'a test', commit: 'none' },
  });
}

const roundOf = ({ evidence }: RunEvidence) =>
  evidence.find(({ sentence }) => sentence.startsWith('Round 1:'))!;

let simulation: Simulation;
let gathered: RunEvidence;

beforeAll(async () => {
  simulation = await runWith(ofSite);
  gathered = await evidenceOf(simulation);
});

async function failuresOf(evidence: readonly Evidence[]): Promise<string[]> {
  const receipt = createReceipt('test', simulation.job, evidence, gathered.artefacts);
  const verdicts = await verifyReceipt(receipt, federationVerifiers, { blobs: simulation.connect() });
  return verdicts.flatMap((verdict) => (verdict.status === 'failed' ? [verdict.code] : []));
}

test('the aggregator tells how the model before does on all held-out examples', () => {
  const stepped = simulation.events.find(({ type }) => type === 'stepped');
  expect(stepped).toMatchObject({ heldOut: { examples: 10, correct: 4, loss: 0.8 } });
});

test('the receipt says so, and whoever reads the stores checks it', async () => {
  const { sentence, figures } = roundOf(gathered);
  expect(sentence).toContain(
    'the model before is right on 4 of 10 examples that their sites say they hold out',
  );
  expect(figures).toMatchObject({
    heldOutExamples: { value: 10 },
    heldOutAccuracy: { value: 0.4 },
    heldOutLoss: { value: 0.8 },
  });
  expect(await failuresOf(gathered.evidence)).toEqual([]);
});

test.each([
  ['the sentence', ({ sentence }: Evidence) => ({ sentence: sentence.replace('4 of 10', '9 of 10') })],
  [
    'the accuracy',
    ({ figures }: Evidence) => ({
      figures: {
        ...figures,
        heldOutAccuracy: { ...figures.heldOutAccuracy!, value: 0.9, min: 0.9, max: 0.9 },
      },
    }),
  ],
  [
    'nothing of it',
    ({
      sentence,
      figures: { heldOutExamples: _e, heldOutAccuracy: _a, heldOutLoss: _l, ...figures },
    }: Evidence) => ({
      sentence: sentence.replace(/; the model before is right on [^;.]*/, ''),
      figures,
    }),
  ],
])('a receipt that says %s otherwise is refused', async (_, change) => {
  const round = roundOf(gathered);
  const changed = gathered.evidence.map((one) => (one === round ? { ...one, ...change(one) } : one));
  expect(await failuresOf(changed as Evidence[])).toEqual([expect.stringMatching(/^claim\./)]);
});

/** What an attacker reads off the last three words of a message. */
function readOff(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return range(3).map((i) => view.getInt32(bytes.length - 12 + 4 * i, true));
}

test('attack: the figures of one site are read off its message without masks, and not with them', () => {
  const expected = [4, 3, 512];
  const moved = new Float32Array(arithmetic.entries);
  const clear = encodeTrained(arithmetic, { moved, examples: 10, heldOut: ofSite[0]! });
  expect(readOff(new Uint8Array(clear.buffer))).toEqual(expected);
  const { blob } = simulation.state().rounds[0]!.commitments[0]!;
  const masked = simulation.stores.map(({ blobs }) => blobs.get(blob)).find(Boolean)!;
  expect(masked).toHaveLength(4 * clear.length);
  // Each word is uniform: one in 2^32 that it shows what is behind it.
  for (const [i, word] of readOff(masked).entries()) expect(word).not.toBe(expected[i]);
});

test('counts that no sites add up to stop no round, and nothing is said of them', async () => {
  const lying = await runWith([{ examples: 1, correct: 100, loss: 0 }, undefined, undefined]);
  expect(lying.events.find(({ type }) => type === 'stepped')).not.toHaveProperty('heldOut');
  const { sentence } = roundOf(await evidenceOf(lying));
  expect(sentence).not.toContain('hold out');
});
