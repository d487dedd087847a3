import { type Address, type Content, contentOf } from '@nonet/core';
import type { BlobStore, Lie, Move } from '@nonet/core/ports';
import { expect, test } from 'vitest';
import { createSimulation, key } from '../../test/simulation.ts';
import { isShown } from '../rules/judge.ts';
import { createMemoryStore } from '../stores/memoryStore.ts';
import { createSampleRound, postStep, type SampleRound } from '../testing/sampleRound.ts';
import { encodeModel } from '../update/modelBlob.ts';
import type { Step } from '../update/step.ts';
import type { JobView } from './jobView.ts';
import { oppose } from './opposition.ts';

const long = contentOf(new Uint8Array(2 ** 21).fill(3));

/** What a watcher shows of a posted step; what it reads whole is noted. */
async function findShown(
  sample: SampleRound,
  posted: Pick<Step, 'refused'> & { readonly model: Address; readonly partials?: Address },
  blobs: readonly (Uint8Array | Content)[],
  committed: Readonly<Record<number, Address>> = {},
) {
  const memory = createMemoryStore();
  const all = [...sample.updates.values(), encodeModel(sample.start), ...blobs];
  for (const blob of all) await memory.put(blob);
  const { model, refused, partials } = posted;
  const before = postStep(sample, { model, refused, ...(partials === undefined ? {} : { partials }) });
  const [round] = before.rounds;
  const commitments = { ...round!.commitments };
  for (const [i, blob] of Object.entries(committed)) commitments[Number(i)] = { blob, weight: 1 + Number(i) };
  const state = { ...before, rounds: [{ ...round!, commitments }] };
  const whole: Address[] = [];
  const store: BlobStore = {
    ...memory,
    async get(address, options = {}) {
      // What is read in part is not read whole.
      if (options.partial === undefined) whole.push(address);
      return memory.get(address, options);
    },
  };
  const { job, ledger } = await createSimulation();
  const moves: Move[] = [];
  const view: JobView = {
    state,
    events: [],
    change: async () => {},
    async submit(move) {
      moves.push(move);
      return { transaction: '0x', block: 1, at: 1000, gas: 1 };
    },
  };
  const parameters = {
    job: { ...job, arithmetic: sample.arithmetic },
    ledger,
    store,
    signer: key('watcher'),
    signal: new AbortController().signal,
  };
  const wrong = { number: 0, round: state.rounds[0]!, right: sample.step, because: 'it is wrong' };
  await oppose(parameters, view, state, wrong, Date.now() + 60_000);
  const [move] = moves;
  const lie: Lie | undefined = move?.type === 'prove' ? move.lie : undefined;
  return { lie, isTrue: lie !== undefined && isShown(state, 0, lie, 1000), whole };
}

const createSample = (participants = 3) => createSampleRound({ participants, entries: 70 });

test('a model that is too long is shown by its length, whatever else cannot be read', async () => {
  const sample = await createSample();
  const posted = { model: long.address, refused: [] };
  const missing = { 0: contentOf(new Uint8Array([1])).address };
  const { lie, isTrue } = await findShown(sample, posted, [long], missing);
  expect(lie).toMatchObject({ kind: 'header', index: 0, next: { length: long.length } });
  expect(isTrue).toBe(true);
});

test('an update that is too long and accepted is shown by its length', async () => {
  const sample = await createSample();
  const { address, bytes } = sample.step!;
  const { lie, isTrue } = await findShown(sample, { model: address, refused: [] }, [bytes, long], {
    1: long.address,
  });
  expect(lie).toMatchObject({ kind: 'accepted', participant: 1, reason: 'WrongLength' });
  expect(isTrue).toBe(true);
});

test('one that is refused hides no other lie', async () => {
  const sample = await createSample();
  const refused = [{ participant: 1, reason: 'WrongLength', entry: 0 }] as const;
  const model = encodeModel({ ...sample.start, flat: sample.start.flat.map((number) => number + 1) });
  const posted = { model: contentOf(model).address, refused };
  const { lie, isTrue, whole } = await findShown(sample, posted, [model, long], { 1: long.address });
  expect(lie).toMatchObject({ kind: 'average', entry: 0 });
  expect(isTrue).toBe(true);
  expect(whole).toHaveLength(5);
});

test('partial sums that are too long are shown by their length, others by a sum that is wrong', async () => {
  const sample = await createSample(129);
  const { address: model, bytes, partials } = sample.step!;
  const tooLong = await findShown(sample, { model, refused: [], partials: long.address }, [bytes, long]);
  expect(tooLong.lie).toMatchObject({ kind: 'group', group: 0, entry: 0, terms: [] });
  expect(tooLong.isTrue).toBe(true);
  const changed = partials!.bytes.map((byte, i) => (i === 16 ? byte ^ 1 : byte));
  const posted = { model, refused: [], partials: contentOf(changed).address };
  const wrong = await findShown(sample, posted, [bytes, changed]);
  expect(wrong.lie).toMatchObject({ kind: 'group', group: 0, entry: 1 });
  expect(wrong.isTrue).toBe(true);
});

test('of a right step nothing is shown', async () => {
  const sample = await createSample();
  const { address, bytes } = sample.step!;
  const { lie } = await findShown(sample, { model: address, refused: [] }, [bytes]);
  expect(lie).toBeUndefined();
});
