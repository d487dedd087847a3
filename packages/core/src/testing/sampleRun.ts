/**
 * A realistic run for tests, built by code: twenty participants, ten rounds, handwritten digits,
 * two absences, an embedded ledger. The numbers are made up; the keys are the well-known private
 * keys 1 and 2. Its receipt is in sampleReceipt.ts, because signing is asynchronous and a page
 * cannot wait while it loads. Nothing outside tests imports this.
 */
import { utf8 } from '../bytes.ts';
import { contentOf } from '../content.ts';
import { addressOf } from '../contentTree.ts';
import { NonetError } from '../errors.ts';
import type { Address } from '../hash.ts';
import { createSigner } from '../identity.ts';
import { type BlobStore, blobMissing } from '../ports/blobStore.ts';
import { quantityText } from '../receipt/figureText.ts';
import type { Narrator } from '../receipt/narrator.ts';
import type { Verifiers } from '../receipt/verifyReceipt.ts';
import type { CellId, Evidence } from '../records/evidence.ts';
import { createFigures, declareFigures, readFigure } from '../records/figures.ts';
import { parseJob, requireTrainJob, type TrainJob } from '../records/job.ts';

/** The account that created the sample job and signs its receipt; its key is public. */
export const sampleRunner = createSigner(`0x${'1'.padStart(64, '0')}`);
/** An account that has nothing to do with the sample job; its key is public. */
export const sampleStranger = createSigner(`0x${'2'.padStart(64, '0')}`);

/** The name of the run. */
export const sampleRunName = '2026-03-14-digits-7f3a';
const origin = {
  type: 'run',
  run: sampleRunName,
  by: sampleRunner.account,
  machine: 'Linux x64, 2 cores, 8 GiB, Node 24.21.0',
  commit: '98b09fe',
} as const;
/** The content address of a name, for what the sample only refers to. */
export const sampleAddress = (name: string): Address => addressOf(utf8(name));

/** The figures of the sample's records. */
export const sampleFigures = declareFigures({
  round: { unit: '', meaning: 'the round that a record tells of', better: 'neither' },
  participants: { unit: 'participants', meaning: 'whose updates were averaged', better: 'higher' },
  accuracy: { unit: 'fraction', meaning: 'share of test examples that were right', better: 'higher' },
  examples: { unit: 'examples', meaning: 'examples in the test set', better: 'neither' },
  duration: { unit: 'seconds', meaning: 'from opening a round to its step', better: 'lower' },
  sent: { unit: 'bytes', meaning: 'what one participant sent', better: 'lower' },
  gas: { unit: 'gas', meaning: 'gas of all moves of a round', better: 'lower' },
  absences: { unit: 'absences', meaning: 'participants missing in a round', better: 'lower' },
});

/** A job that trains a classifier of digits. */
export const sampleJob: TrainJob = requireTrainJob(
  parseJob({
    version: 2,
    kind: 'train',
    name: 'Handwritten digits',
    creator: sampleRunner.account,
    seed: sampleAddress('seed'),
    model: {
      kind: 'graph',
      graph: sampleAddress('graph'),
      step: sampleAddress('step'),
      parameters: sampleAddress('initial parameters'),
    },
    data: { shape: [784], labels: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'] },
    arithmetic: {
      kind: 'fixedPoint',
      entries: 50890,
      headerLeaves: 2,
      clamp: 8,
      scaleBits: 20,
      maximumWeight: 4096,
    },
    training: { kind: 'graph', epochs: 1, batch: 32, learningRate: 0.1, momentum: 0.9 },
    rounds: 10,
    minParticipants: 15,
    maxParticipants: 20,
    participants: 'invitation',
    phases: {
      open: 0,
      collecting: 30,
      closing: 5,
      appealing: 10,
      complaining: 0,
      opening: 0,
      stepping: 5,
      objecting: 30,
    },
    grace: 5,
    attempts: 3,
    expiry: 1_775_000_000,
    aggregators: [sampleRunner.account],
    watchers: [sampleStranger.account],
    stores: [
      { url: 'file:blobs', account: sampleRunner.account },
      { url: 'https://store.example', account: sampleStranger.account },
    ],
    copies: 2,
    testSet: sampleAddress('test set'),
    escrow: '25000000000000000000',
    bond: '1000000000000000',
    guarantees: [{ mechanism: 'federation.average', parameters: { weighting: 'examples' } }],
  }),
);

const accuracies = [0.8794, 0.9182, 0.9347, 0.9431, 0.9528, 0.9586, 0.9627, 0.9668, 0.9701, 0.9721];
const participants = [20, 20, 20, 19, 20, 20, 19, 20, 20, 20];
const seconds = [6.1, 5.8, 5.9, 36.2, 6.0, 5.7, 35.9, 5.8, 6.2, 5.9];
const percent = (fraction: number) => `${(fraction * 100).toFixed(2)} %`;

/** What a round's verifier recomputes from: here a few words, in a run the updates themselves. */
const roundBlobs = accuracies.map((accuracy, i) =>
  utf8(JSON.stringify({ round: i + 1, participants: participants[i], accuracy })),
);
/** What the record of the final accuracy is recomputed from; it travels inside the receipt. */
export const evaluationBlob = utf8(JSON.stringify({ accuracy: 0.9721, correct: 9721, examples: 10000 }));
const check = (verifier: string, bytes: Uint8Array) =>
  ({ how: 'here', verifier, inputs: [addressOf(bytes)] }) satisfies Evidence['check'];
const graded = { cells: [] as CellId[], origin, grade: 4 as const };

/** The records of the sample receipt. */
export const sampleEvidence: readonly Evidence[] = [
  {
    ...graded,
    kind: 'measurement',
    sentence: 'The final model recognises 9,721 of the 10,000 digits of the public test set.',
    cells: ['performance-decentralisation'],
    figures: createFigures([
      [sampleFigures.accuracy, 0.9721],
      [sampleFigures.examples, 10000],
    ]),
    artefact: addressOf(evaluationBlob),
    check: check('federation.accuracy', evaluationBlob),
    date: '2026-03-14T09:32:11Z',
  },
  ...roundBlobs.map(
    (bytes, i): Evidence => ({
      ...graded,
      kind: 'measurement',
      sentence: `Round ${i + 1}: ${participants[i]} of 20 updates were accepted and added up; the new model recognises ${percent(accuracies[i]!)} of the test digits.`,
      cells: ['privacy-decentralisation'],
      figures: createFigures([
        [sampleFigures.round, i + 1],
        [sampleFigures.participants, participants[i]!],
        [sampleFigures.accuracy, accuracies[i]!],
        [sampleFigures.duration, seconds[i]!],
      ]),
      artefact: addressOf(bytes),
      check: check('federation.aggregate', bytes),
      date: `2026-03-14T09:3${Math.floor(i / 5)}:0${i % 10}Z`,
    }),
  ),
  {
    ...graded,
    kind: 'measurement',
    sentence:
      'The same model, trained in one place on all examples pooled, recognises 97.6 % of the test digits.',
    figures: createFigures([[sampleFigures.accuracy, [0.9748, 0.9761, 0.9764, 0.9757, 0.976]]]),
    check: { how: 'command', command: 'nonet run digits.job.ts --compare pooled' },
    date: '2026-03-14T09:41:00Z',
  },
  {
    ...graded,
    kind: 'measurement',
    sentence: 'A round took about six seconds; the two rounds with an absence waited half a minute longer.',
    cells: ['performance-scalability'],
    figures: createFigures([
      [sampleFigures.duration, seconds],
      [sampleFigures.sent, [203776, 203801, 203790]],
      [sampleFigures.gas, [1812043, 1833914, 1820077]],
    ]),
    check: { how: 'none', because: 'time and traffic of a run cannot be measured again afterwards' },
    date: '2026-03-14T09:32:12Z',
  },
  {
    ...graded,
    kind: 'observation',
    sentence: 'Two participants were absent for one round each; both rounds went on without them.',
    figures: createFigures([[sampleFigures.absences, 2]]),
    check: {
      how: 'ledger',
      chainId: 31337,
      transaction: sampleAddress('close of round 4') as `0x${string}`,
    },
    date: '2026-03-14T09:31:40Z',
  },
  {
    kind: 'assumption',
    sentence: 'The ledger of this run was operated by the runner on its own machine.',
    cells: ['verifiability-security'],
    origin,
    figures: {},
    check: { how: 'none', because: 'an embedded ledger has no other witness' },
    date: '2026-03-14T09:32:12Z',
    whom: 'The operator of the ledger',
    breaks: 'Its operator rewrites the order of events, or shows different participants different ledgers.',
  },
  {
    kind: 'assumption',
    sentence: 'The aggregator sees every single update before it adds them up.',
    cells: ['privacy-decentralisation'],
    origin,
    figures: {},
    check: { how: 'none', because: 'this job asked for no masking of updates' },
    date: '2026-03-14T09:32:12Z',
    whom: 'The aggregator',
    breaks: 'It reconstructs training examples from single updates, or passes them on.',
  },
  {
    kind: 'assumption',
    sentence: 'At least one participant or watcher recomputes each step and proves a wrong one in time.',
    cells: ['verifiability-decentralisation'],
    origin,
    figures: {},
    check: { how: 'none', because: 'silence is not evidence' },
    date: '2026-03-14T09:32:12Z',
    whom: 'One honest watcher',
    breaks: 'No watcher is awake, and a wrong sum becomes final.',
  },
];

/** The blobs of the run that are not inside the receipt. */
export const sampleBlobs: readonly Uint8Array<ArrayBuffer>[] = roundBlobs;

/** A store in memory that holds `blobs` and keeps nothing else. */
export function createSampleStore(blobs: readonly Uint8Array<ArrayBuffer>[]): BlobStore {
  const held = new Map(blobs.map(contentOf).map((content) => [content.address, content]));
  return {
    put: async (blob) => ({ address: contentOf(blob).address, receipts: [] }),
    async get(address) {
      const content = held.get(address);
      if (content === undefined) throw blobMissing(address, 'the sample store');
      return content;
    },
    has: async (address) => held.has(address),
    receipts: async () => [],
  };
}

/** Compares a record's figures with those in its one input. */
const verifySample: Verifiers[string] = async (evidence, blobs) => {
  if (evidence.check.how !== 'here') return { found: 'nothing to recompute', confirmed: false };
  const { bytes } = await blobs.get(evidence.check.inputs[0]!);
  const found = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, number>;
  const stated = readFigure(evidence, sampleFigures.accuracy)?.value;
  if (found.accuracy !== stated) {
    throw new NonetError({
      code: 'sample.accuracy',
      expected: `accuracy ${found.accuracy}`,
      found: String(stated),
    });
  }
  return { found: `recomputed: ${percent(found.accuracy!)}`, confirmed: false };
};

/** Verifiers for the checks that the sample's records name. */
export const sampleVerifiers: Verifiers = {
  'federation.accuracy': verifySample,
  'federation.aggregate': verifySample,
};

/** Tells of the first record's accuracy, and of the rounds as a timeline. */
export const narrateSample: Narrator = ({ job, evidence }) => {
  const moments = evidence.flatMap((record, i) => {
    const round = readFigure(record, sampleFigures.round)?.value;
    const level = readFigure(record, sampleFigures.accuracy)?.value;
    if (round === undefined || level === undefined) return [];
    const cells = [quantityText(level, 'fraction')];
    return [{ number: i + 1, position: round, cells, level, figures: [] }];
  });
  const result = evidence[0] && readFigure(evidence[0], sampleFigures.accuracy)?.value;
  return {
    title: { text: `${moments.length} rounds of “${job.name}”`, from: moments.map(({ number }) => number) },
    summary: [
      { text: 'The job trains a model.', from: [] },
      ...(result === undefined
        ? []
        : [{ text: `It was right on ${quantityText(result, 'fraction')} of the examples.`, from: [1] }]),
    ],
    timeline: {
      title: 'Round by round',
      unit: 'Round',
      columns: ['Right answers'],
      level: 'Right answers',
      moments: moments.toSorted((a, b) => a.position - b.position),
    },
  };
};
