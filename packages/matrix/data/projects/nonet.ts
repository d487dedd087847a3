/**
 * Nonet itself, by the same rubric: what its own files claim, and what they show. It has an
 * interest, so nothing here weighs more than an inspectable artefact.
 */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readRepository } from '../source.ts';

const { source, quoted, documents, shows } = readRepository({
  repository: 'nonet',
  commit: '1456f34314e7497b933750914968ef2371faa112',
  committed: '2026-11-30',
  read: '2026-12-01',
  checked: '2026-12-01',
});

export const nonet: Project = {
  version: 1,
  id: 'nonet',
  name: 'Nonet',
  about: 'Federated training on a ledger, every average of which can be recomputed; this repository.',
  kind: 'project',
  repositories: ['nonet'],
  state: { is: 'in development', quote: 'Nonet is young and unaudited.', source: 'nonet SECURITY.md' },
  sources: [source],
  claims: [
    {
      id: 'recomputable-aggregates',
      quote:
        "Anyone who has the blobs can recompute every step, bit for bit, and who was refused and why. A wrong step is shown to the contract by a few leaves of blobs; it judges them, takes the aggregator's bond, and voids the step and what was built on it.",
      ...quoted('SECURITY.md'),
      cell: 'verifiability-decentralisation',
      ledger: true,
      mechanism: 'exact averages that anyone can recompute, and proofs of a wrong one that a contract judges',
      trust: [
        'that one watcher or participant has the blobs and is awake',
        'that fewer stores than must sign for a blob are dishonest',
        'the operator of the embedded ledger, who could rewrite it',
        'the creator, who may end the job',
      ],
      scope: { in: ['aggregation of updates'], out: ["participants' own training", 'inference'] },
      withoutLedger:
        'The aggregator could tell each participant of another set or model; what was included would be its word.',
      findings: findings(
        {
          specification: ['v1.documented', 'd1.operators'],
          watcher: ['v1.inspectable', 'v2.detectable'],
          rounds: ['coupling'],
        },
        { creator: ['d2.unstoppable'] },
      ),
    },
    {
      id: 'one-model-one-set',
      quote:
        'For every round the ledger fixes the model it starts from and the participants it includes; neither can change after the round is closed. There is no admin key and no upgrade.',
      ...quoted('SECURITY.md'),
      cell: 'verifiability-security',
      ledger: true,
      mechanism: 'contract without administrator, receipts that show any change',
      trust: ['unaudited contracts and verifiers', 'the operator of the embedded ledger'],
      scope: { in: ['the record of a job'], out: ['what participants trained'] },
      withoutLedger: 'The record of a job would be its runner’s.',
      findings: findings(
        {
          specification: ['v1.documented'],
          watcher: ['v1.inspectable', 'v2.detectable'],
          rounds: ['coupling'],
          tests: ['s1.tests', 's1.disclosure'],
        },
        { unaudited: ['s2.audited'] },
      ),
    },
    {
      id: 'one-set-for-all',
      quote:
        'the ledger fixes one model and one set of participants for every round, and anyone can recompute every average, bit for bit',
      ...quoted('README.md'),
      cell: 'verifiability-decentralisation',
      ledger: true,
      mechanism: 'exact averages over the set that the ledger fixed',
      trust: ['that a party who has the blobs recomputes', 'the operator of the embedded ledger'],
      scope: { in: ['aggregation of updates'], out: ["participants' own training"] },
      withoutLedger: 'There would be no one set to recompute the average of.',
      findings: findings(
        {
          specification: ['v1.documented', 'd1.operators'],
          watcher: ['v1.inspectable', 'v2.detectable'],
          rounds: ['coupling'],
        },
        { creator: ['d2.unstoppable'] },
      ),
    },
    {
      id: 'data-stay',
      quote:
        'data stay with their owners, no server has to be trusted, and anybody can check afterwards what was done.',
      ...quoted('README.md'),
      cell: 'privacy-decentralisation',
      ledger: false,
      mechanism: 'federated averaging; masks and noise where a job asks for them',
      trust: ['the aggregators, the watchers and the stores, who see each update of a job without masks'],
      scope: { in: ['raw data'], out: ['updates in the clear, which leak'] },
      withoutLedger: 'Raw data would stay at their sites all the same.',
      findings: findings(
        { specification: ['p1.kept', 'd1.operators'] },
        { updates: ['p2.unreadable'], creator: ['d2.unstoppable'] },
      ),
    },
    {
      id: 'anybody-checks',
      quote:
        'data stay with their owners, no server has to be trusted, and anybody can check afterwards what was done.',
      ...quoted('README.md'),
      cell: 'verifiability-decentralisation',
      ledger: false,
      mechanism: 'receipts and blobs from which steps are recomputed',
      trust: ['that the blobs are still kept where the receipt says'],
      scope: { in: ['aggregation of updates'], out: ["participants' own training"] },
      withoutLedger: 'A server could keep the record; a reader would have to believe it.',
      findings: findings(
        {
          specification: ['v1.documented', 'd1.operators'],
          watcher: ['v1.inspectable', 'v2.detectable'],
        },
        { creator: ['d2.unstoppable'] },
      ),
    },
    {
      id: 'only-sums',
      quote:
        "Only sums can be read, in a job of masked updates: of all that are included in a round, unless more than the job's threshold (66 %) of its sites work together, or the ledger shows them different sets",
      ...quoted('SECURITY.md'),
      cell: 'privacy-decentralisation',
      ledger: false,
      mechanism: 'pairwise masks with shared secrets (Bonawitz et al., CCS 2017), one set per step',
      trust: [
        'that no more sites than the threshold work together',
        'whoever runs the ledger, who could show sites different sets',
        'an unaudited implementation',
      ],
      scope: {
        in: ['updates of jobs with masks'],
        out: ['sums and models', 'jobs without masks', 'poisoned updates'],
      },
      withoutLedger:
        'Sites would have to agree among themselves on one set for each sum, or believe a server about it.',
      findings: findings(
        { specification: ['p1.kept', 'd1.operators'], masks: ['p2.unreadable'] },
        { defaults: ['p2.default'], creator: ['d2.unstoppable'] },
      ),
    },
    {
      id: 'bounded-disclosure',
      quote:
        'what anyone learns of one record, or of one participant, from all sums and models of the job is within the printed epsilon and delta.',
      ...quoted('SECURITY.md'),
      cell: 'privacy-decentralisation',
      ledger: false,
      mechanism:
        'clipping and discrete noise, shared among sites under masks or each site’s own, accounted for from what the ledger shows',
      trust: [
        'that as many sites as the job assumes add their share of the noise, which nothing proves',
        'the random numbers of each site’s operating system',
        'an unaudited implementation',
      ],
      scope: {
        in: ['sums and models of jobs that promise differential privacy'],
        out: ['what a site spent in other jobs', 'what is common to many records'],
      },
      withoutLedger:
        'A site would know its own releases; what all others spent would be the word of whoever ran the rounds.',
      findings: findings(
        { specification: ['d1.operators'], noise: ['p1.kept'] },
        { defaults: ['p2.default'], creator: ['d2.unstoppable'] },
      ),
    },
    {
      id: 'proven-answers',
      quote:
        'A proof shows that this model, and no other, gave the answer, with at least 100 provable bits and without a trusted setup',
      ...quoted('README.md'),
      cell: 'verifiability-security',
      ledger: false,
      mechanism: 'GKR, lookup arguments and hash-based commitments; nothing is hidden',
      trust: [
        'unaudited provers and verifiers',
        'that Keccak-256 behaves as a random oracle',
        'that the model of integers stands for the original one',
      ],
      scope: {
        in: ['inference of models that can be made into integers'],
        out: ['training', 'hiding of inputs or weights', 'whether a model is a good one'],
      },
      withoutLedger:
        'Proofs verify all the same; lost is the date and the account of a model’s registration.',
      findings: findings(
        {
          proofs: ['v1.documented', 'v1.inspectable'],
          verifier: ['v2.detectable'],
          tests: ['s1.tests', 's1.disclosure'],
        },
        { unaudited: ['s2.audited'] },
      ),
    },
  ],
  evidence: [
    documents(
      'specification',
      'docs/specs',
      'Rounds, updates and receipts are specified in numbered steps; joining needs an invitation and outbound requests only.',
    ),
    shows(
      'watcher',
      'packages/federation/src/roles/watcher.ts',
      'A watcher recomputes each step from the blobs and proves another result to the contract; tests let aggregators lie (tests/scenes.slow.test.ts).',
    ),
    shows(
      'rounds',
      'packages/chain/contracts/Nonet.sol',
      'The contract fixes start model and included set of each round; there is no owner and no proxy.',
    ),
    shows(
      'tests',
      '.ci/run',
      'One command runs format, types and all tests on every change; SECURITY.md says how to report a weakness.',
    ),
    shows('unaudited', 'SECURITY.md', 'SECURITY.md says that Nonet is unaudited.', {
      kind: 'quote',
      quote: 'Nonet is young and unaudited.',
    }),
    shows(
      'creator',
      'docs/specs/round.md',
      'No participant, watcher, store or aggregator stops a job, but its creator may end it, and the operator of the embedded ledger could rewrite it.',
    ),
    shows(
      'updates',
      'SECURITY.md',
      "In a job without masks aggregators, watchers and stores see each site's update.",
      {
        kind: 'quote',
        quote:
          "Where they are not masked, aggregators, watchers and stores see each site's update, and updates leak.",
      },
    ),
    shows(
      'masks',
      'packages/privacy/src/secagg',
      'Updates leave a site masked; `nonet attack differencing` asks for a second set of one step and reads 0 of 6,502 numbers of an update, all of them from sites that answer any set; `nonet attack sybils` reads one from as many sites as the threshold, and none from one fewer.',
    ),
    shows(
      'noise',
      'packages/privacy/src/dp',
      'Records stay at their site, which clips what it adds up of them, adds discrete noise and derives epsilon from the job again; at a claim of epsilon 2, `nonet attack audit` contradicts 0 of 100 runs, and 100 of 100 where the noise is left out or divided by 4, or nothing is clipped.',
    ),
    shows(
      'defaults',
      'packages/core/src/records/job.ts',
      'The kinds of job have updates in the clear as well as masked ones, and noise only where a job promises it; the main job asks for neither, jobs that `nonet init` writes for three sites or more ask for masks.',
    ),
    documents(
      'proofs',
      'docs/proofs.md',
      'How `nonet prove` and `nonet verify` work, what was measured (102.8 bits and 415 kB with the registration for a perceptron of 101,770 parameters), and what a proof does not show.',
    ),
    shows(
      'verifier',
      'packages/proof/src/zk',
      'A verifier that needs no prover runs in Node and in the browser of a receipt’s reader; its tests change proofs and expect each rejection.',
    ),
  ],
  incidents: [],
  review: {},
  timestamps: { published: '2026-11-27', edited: '2026-12-01', dataAsOf: '2026-12-01' },
};
