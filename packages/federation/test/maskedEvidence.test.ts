/** Evidence of a job of masked updates: what it says, and that no part of it can be changed. */
import { type Address, contentOf } from '@nonet/core';
import type { BlobStore } from '@nonet/core/ports';
import { createReceipt, receiptView, type Verdict, verifyReceipt } from '@nonet/core/receipt';
import { type Evidence, idOfJob } from '@nonet/core/records';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  createRunEvidence,
  federationVerifiers,
  keptUntil,
  narrateTraining,
  type RunEvidence,
} from '../src/index.ts';
import { recomputeMaskedStep } from '../src/verify/recompute.ts';
import { createMasked, joinAll, key, range, runAll, type Simulation } from './simulation.ts';

const origin = {
  type: 'run',
  run: 'test',
  by: key('creator').account,
  machine: 'a test',
  commit: 'none',
} as const;
/** Of nothing. */
const nowhere = `0x${'ff'.repeat(32)}` as Address;

const failuresIn = (verdicts: readonly Verdict[]) =>
  verdicts.flatMap((verdict) => (verdict.status === 'failed' ? [verdict.code] : []));

let simulation: Simulation;
let gathered: RunEvidence;
/** What all stores have together; some of it may be hidden, or changed. */
function blobsOf(change: (address: Address, bytes: Uint8Array) => Uint8Array | undefined): BlobStore {
  const store = simulation.connect();
  return {
    ...store,
    async get(address, options) {
      const { bytes } = await store.get(address, options);
      const changed = change(address, bytes);
      // A store that does not have it: the reader is told the same of all.
      return changed === undefined ? store.get(nowhere, options) : contentOf(changed);
    },
  };
}
const all = (_: Address, bytes: Uint8Array) => bytes;

beforeAll(async () => {
  simulation = await createMasked(5, { rounds: 2 });
  await joinAll(simulation);
  await runAll(simulation, range(5), (i) => (i === 4 ? { absences: [1] } : {}));
  const { job, ledger } = simulation;
  const events = await ledger.rounds.moves(idOfJob(job));
  const seconds = { training: 1, collecting: 1, stepping: 1, checking: 1 };
  gathered = await createRunEvidence({
    job,
    ledger,
    events,
    blobs: simulation.connect(),
    origin,
    costs: { bytesMoved: 1, transactions: 1, gas: 1, seconds, masking: { seconds: 2, bytes: 3 } },
  });
});

const receiptOf = (evidence: readonly Evidence[]) =>
  createReceipt('test', simulation.job, evidence, gathered.artefacts);

async function verdictsOf(evidence: readonly Evidence[], blobs = blobsOf(all)) {
  return verifyReceipt(receiptOf(evidence), federationVerifiers, { blobs });
}

describe('evidence of masked rounds', () => {
  test('is checked from published bytes, and says what could be read by whom', async () => {
    const verdicts = await verdictsOf(gathered.evidence);
    expect(failuresIn(verdicts)).toEqual([]);
    const sentences = gathered.evidence.map(({ sentence }) => sentence);
    expect(sentences.filter((sentence) => sentence.startsWith('Round '))).toEqual([
      expect.stringContaining(
        'Round 1: the updates of 5 of 5 participants were averaged into the next model; each was masked, ' +
          'so that only their sum could be read, unless 3 of 5 participants worked together; they commit to 5 datasets',
      ),
      expect.stringContaining('Round 2: the updates of 4 of 5 participants were averaged'),
    ]);
    expect(sentences).toContain(
      'In each of 2 rounds the ledger fixed one set of masked updates, and only then did participants reveal ' +
        'what takes the masks from its sum: one sum was opened in a round. The update of one participant ' +
        'could be unmasked by 3 others together, of 5 with masks or more.',
    );
    const view = receiptView(receiptOf(gathered.evidence), verdicts, { train: narrateTraining });
    expect(view.exposure?.sentence).toContain('no update could be read by itself');
    expect(view.exposure?.rows.map(({ what, until }) => [what, until])).toContainEqual([
      'What the update of one site says, and its number of examples',
      'the secrets of the round are erased, when it is over',
    ]);
    const kept = new Date(1000 * keptUntil(simulation.job)).toISOString().slice(0, 16).replace('T', ' ');
    expect(view.exposure?.sentence).toContain(`Stores keep what they hold of it until ${kept} UTC`);
    expect(view.exposure?.rows.map(({ what, until }) => [what, until])).toContainEqual([
      'The sum of all updates of a round',
      `a store deletes it: not before ${kept} UTC`,
    ]);
    expect(sentences.join()).not.toContain('Updates were not hidden');
  });

  test('names no date where the job’s expiry is none', () => {
    const job = { ...simulation.job, expiry: Number.MAX_SAFE_INTEGER };
    const { exposure } = narrateTraining({ ...receiptOf(gathered.evidence), job });
    expect(exposure?.rows.map(({ until }) => until)).toContain('a store deletes it');
    expect(exposure?.summary.text).not.toContain('Stores keep');
  });

  test('cannot be left out, as far as the ledger shows it', async () => {
    for (const [i, { kind, check, sentence }] of gathered.evidence.entries()) {
      if (check.how !== 'here' && kind !== 'assumption') continue;
      const failures = failuresIn(await verdictsOf(gathered.evidence.toSpliced(i, 1)));
      expect(new Set(failures), sentence).toEqual(
        new Set([sentence.startsWith('The ledger accepted') ? 'claim.artefact' : 'receipt.omission']),
      );
    }
  });

  test('fails where a round is told of with other inputs, or another threshold', async () => {
    const told = gathered.evidence.findIndex(({ sentence }) => sentence.startsWith('Round 2: '));
    const record = gathered.evidence[told]!;
    const { registrations, reveals } = simulation.state().rounds[1]!.masking!;
    const without = (address: Address): Evidence => ({
      ...record,
      check: {
        ...(record.check as Extract<Evidence['check'], { how: 'here' }>),
        inputs: (record.check as { inputs: Address[] }).inputs.filter((input) => input !== address),
      },
    });
    const failuresOf = async (changed: Evidence) =>
      failuresIn(await verdictsOf(gathered.evidence.with(told, changed)));
    expect(await failuresOf(without(registrations[4]!))).toContain('claim.inputs');
    expect(await failuresOf(without(reveals[0]!))).toContain('claim.inputs');
    const threshold = record.figures.threshold!;
    const fewer = { ...threshold, value: 5, min: 5, max: 5 };
    expect(await failuresOf({ ...record, figures: { ...record.figures, threshold: fewer } })).toContain(
      'claim.figures',
    );
    const sentence = record.sentence.replace('unless 3 of 5', 'unless 5 of 5');
    expect(await failuresOf({ ...record, sentence })).toContain('claim.sentence');
  });

  test('is undecided without a registration or a message, and as right with one reveal fewer than all', async () => {
    const { masking, commitments } = simulation.state().rounds[0]!;
    const hiding = (hidden: readonly Address[]) =>
      verdictsOf(
        gathered.evidence,
        blobsOf((address, bytes) => (hidden.includes(address) ? undefined : bytes)),
      );
    for (const hidden of [masking!.registrations[3]!, commitments[2]!.blob]) {
      const verdicts = await hiding([hidden]);
      expect(failuresIn(verdicts)).toEqual([]);
      expect(verdicts.some(({ status }) => status === 'undecided')).toBe(true);
    }
    // Three of five shares are enough, and any right ones give the same secrets.
    const [first, second, third] = masking!.revealed.map((one) => masking!.reveals[one]!);
    expect((await hiding([first!])).some(({ status }) => status === 'undecided')).toBe(false);
    const few = await hiding([first!, second!, third!]);
    expect([failuresIn(few), few.some(({ status }) => status === 'undecided')]).toEqual([[], true]);
  });

  test('rests on every byte of messages, registrations and shares', async () => {
    const state = simulation.state();
    const { masking, commitments, posted } = state.rounds[0]!;
    const { job } = simulation;
    const recompute = async (address?: Address, offset = 0) => {
      const record = { state, events: [], lostBonds: new Map() };
      const blobs = blobsOf((found, bytes) => {
        const changed = new Uint8Array(bytes);
        if (found === address) changed[offset]! ^= 1;
        return changed;
      });
      return recomputeMaskedStep(job, record, blobs, 0).then(
        ({ step }) => step?.address ?? 'none',
        ({ code }: { code: string }) => code,
      );
    };
    expect(await recompute()).toBe(posted!.model);
    expect(await recompute(commitments[2]!.blob, 5)).not.toBe(posted!.model);
    expect(await recompute(masking!.registrations[3]!, 0)).toBe('aggregate.masks');
    // Three of five shares are enough: a wrong one is left out.
    expect(await recompute(masking!.reveals[1]!, 300)).toBe(posted!.model);
  });
});
