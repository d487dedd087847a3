/**
 * The embedded ledger as a round of strangers uses it: a chain of its own in a temporary folder,
 * with journal and snapshots, the real contract, participants who commit all at once, then one
 * after the other. Everything is on this machine, so no network is in these times. A decision is
 * one commitment.
 *
 * Then what it costs to prove a step wrong: an aggregator posts a model with one wrong entry, of
 * updates as large as those of the main job, and anyone shows the ledger that entry. Last, what the
 * explorer of the rules has seen.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectLedger, deployContracts, fund } from '@nonet/chain';
import { startEmbeddedChain } from '@nonet/chain/embedded';
import { addressOf, NonetError, utf8 } from '@nonet/core';
import { createPrivateKey, createSigner, type Signer } from '@nonet/core/identity';
import { isRefusal, type JobTerms, jobIdOf, type Ledger, type Move, type Posted } from '@nonet/core/ports';
import { createFigures } from '@nonet/core/records';
import {
  createJobState,
  domainOf,
  encodeModel,
  encodeUpdate,
  findLie,
  foldMoves,
  layoutOf,
  type Model,
  signStoreReceipt,
} from '@nonet/federation';
import { explore, scenarios } from '@nonet/federation/explore';
import { cellFigures } from '@nonet/matrix';
import { benchFigure, type Figure, type Suite } from './suite.ts';

const participants = 64;
const samples = 16;
/** Numbers in the model of the main job. */
const entries = 101_770;
const judged = [20, 128];

export const suite: Suite = {
  name: 'ledger',
  about: `the embedded ledger with ${participants} participants of a round: commitments per second, time to inclusion, gas per decision; gas of proving a wrong step; states that the explorer of the rules has seen`,
  cells: ['performance-decentralisation'],
  async run({ note }) {
    const folder = mkdtempSync(join(tmpdir(), 'nonet-bench-ledger-'));
    const chain = await startEmbeddedChain({ directory: join(folder, 'chain') });
    try {
      const count = Math.max(participants, ...judged);
      const signers = Array.from({ length: count + 1 }, () => createSigner(createPrivateKey()));
      const [creator, ...sites] = signers as [Signer, ...Signer[]];
      const { contract } = await deployContracts({ url: chain.url, signer: chain.faucet });
      const accounts = signers.map(({ account }) => account);
      await fund({ url: chain.url, signer: chain.faucet }, accounts, 10n ** 18n);
      const { url } = chain;
      const ledger = await connectLedger({ url, contract, operator: 'self', pollMilliseconds: 10 });
      note(`${participants} participants`);
      const figures = await measureMoves(ledger, creator, sites.slice(0, participants));
      for (const n of judged) {
        note(`a wrong step of ${n} updates of ${entries} entries`);
        const gas = await measureProof(ledger, creator, sites.slice(0, n));
        figures[`gas.judgment.n${n}`] = benchFigure(gas, 'gas');
      }
      return { ...figures, ...(await measureExplorer(note)) };
    } finally {
      await chain.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** One account is creator, aggregator and store: what its moves cost is the same. */
function termsOf(creator: Signer, change: Partial<JobTerms>): JobTerms {
  return {
    record: addressOf(utf8('bench ledger')),
    creator: creator.account,
    model: addressOf(utf8('a model')),
    rounds: 2,
    minParticipants: 1,
    maxParticipants: 1000,
    invited: false,
    phases: {
      open: 0,
      collecting: 3600,
      closing: 3600,
      appealing: 0,
      complaining: 0,
      opening: 0,
      stepping: 3600,
      objecting: 3600,
    },
    grace: 0,
    attempts: 2,
    expiry: 2 ** 40 - 1,
    aggregators: [creator.account],
    watchers: [],
    stores: [creator.account],
    copies: 1,
    maximumWeight: 4096,
    escrow: 0n,
    bond: 0n,
    ...change,
  };
}

function submitterOf(ledger: Ledger, terms: JobTerms) {
  return async (move: Move, by: Signer): Promise<Posted> => {
    const posted = await ledger.rounds.submit(jobIdOf(terms), move, by);
    if (!isRefusal(posted)) return posted;
    const { refused, expected, found } = posted;
    throw new NonetError({
      code: 'bench.refused',
      expected: `${move.type} to be taken: ${expected}`,
      found: `${refused}: ${found}`,
    });
  };
}

async function measureMoves(
  ledger: Ledger,
  creator: Signer,
  sites: readonly Signer[],
): Promise<Record<string, Figure>> {
  const terms = termsOf(creator, {});
  const submit = submitterOf(ledger, terms);
  const update = (round: number, site: number) => addressOf(utf8(`update ${round} ${site}`));
  const next = addressOf(utf8('the next model'));
  await ledger.jobs.create(terms, creator);
  const joins: Posted[] = [];
  for (const site of sites) joins.push(await submit({ type: 'join' }, site));

  const opened = await submit({ type: 'open', round: 0, model: terms.model }, creator);
  const started = performance.now();
  const commits = await Promise.all(
    sites.map((site, i) => submit({ type: 'commit', round: 0, blob: update(0, i), weight: 1 }, site)),
  );
  const together = (performance.now() - started) / 1000;
  const closed = await submit({ type: 'close', round: 0, committed: sites.length, unavailable: [] }, creator);
  const receipts = [await signStoreReceipt(next, 1, creator)];
  const stepped = await submit({ type: 'step', round: 0, model: next, refused: [], receipts }, creator);
  await submit({ type: 'open', round: 1, model: next }, creator);
  const waits: number[] = [];
  const later: Posted[] = [];
  for (const [i, site] of sites.slice(0, samples).entries()) {
    const sent = performance.now();
    later.push(await submit({ type: 'commit', round: 1, blob: update(1, i), weight: 1 }, site));
    waits.push((performance.now() - sent) / 1000);
  }
  const anchor = await ledger.anchors.post(jobIdOf(terms), addressOf(utf8('a root')), creator);
  const model = await ledger.models.register(terms.model, addressOf(utf8('a registration')), creator);
  const gas = (posted: readonly { readonly gas: number }[]) =>
    benchFigure(
      posted.map((each) => each.gas),
      'gas',
    );
  return {
    ...createFigures([
      [cellFigures['commits.perSecond'], sites.length / together],
      [cellFigures.inclusion, waits],
      [cellFigures['gas.commit'], [...commits, ...later].map((each) => each.gas)],
    ]),
    'gas.join': gas(joins),
    'gas.open': gas([opened]),
    'gas.close': gas([closed]),
    'gas.step': gas([stepped]),
    'gas.anchor': gas([anchor]),
    'gas.register': gas([model]),
  };
}

/** Gas of showing one wrong entry of a step of real updates. */
async function measureProof(ledger: Ledger, creator: Signer, sites: readonly Signer[]): Promise<number> {
  const start: Model = {
    tensors: [{ name: 'weight', shape: [entries] }],
    flat: Float32Array.from({ length: entries }, (_, i) => Math.sin(i) / 8),
  };
  const rule = layoutOf(start);
  const arithmetic = {
    kind: 'fixedPoint',
    ...rule,
    clamp: 8,
    scaleBits: 20,
    maximumWeight: 4096,
  } as const;
  const first = encodeModel(start);
  const record = addressOf(utf8(`bench judgment of ${sites.length}`));
  const terms = termsOf(creator, { record, model: addressOf(first), rule });
  const submit = submitterOf(ledger, terms);
  await ledger.jobs.create(terms, creator);
  for (const site of sites) await submit({ type: 'join' }, site);
  await submit({ type: 'open', round: 0, model: terms.model }, creator);
  const updates = new Map<number, Uint8Array>();
  for (const [participant, site] of sites.entries()) {
    const message = await encodeUpdate(
      {
        job: jobIdOf(terms),
        step: 0,
        participant,
        model: terms.model,
        dataset: terms.record,
        entries: Int32Array.from({ length: entries }, (_, i) => Math.trunc(1e5 * Math.sin(i + participant))),
      },
      crypto.getRandomValues(new Uint8Array(32)),
      domainOf(ledger),
      site,
    );
    const { address: blob } = message;
    updates.set(participant, message.bytes);
    await submit({ type: 'commit', round: 0, blob, weight: 100 + participant }, site);
  }
  await submit({ type: 'close', round: 0, committed: updates.size, unavailable: [] }, creator);
  // The model before, which no average of these updates is.
  const flat = start.flat.slice();
  flat[entries >> 1]! += 1;
  const next = encodeModel({ ...start, flat });
  const model = addressOf(next);
  const receipts = [await signStoreReceipt(model, next.length, creator)];
  await submit({ type: 'step', round: 0, model, refused: [], receipts }, creator);
  const events = await ledger.rounds.moves(jobIdOf(terms));
  const state = foldMoves(createJobState(terms, ledger), events, ({ refused }) => new Error(refused));
  const lie = findLie({ state, round: 0, arithmetic, start: first, next, updates });
  if (lie === undefined) {
    throw new NonetError({ code: 'bench.lie', expected: 'a lie to be found', found: 'none' });
  }
  return (await submit({ type: 'prove', round: 0, lie }, sites[0]!)).gas;
}

async function measureExplorer(note: (text: string) => void): Promise<Record<string, Figure>> {
  let [states, violations] = [0, 0];
  for (const scenario of scenarios) {
    note(`exploring: ${scenario.name}`);
    const found = await explore(scenario);
    states += found.states;
    violations += found.violation === undefined ? 0 : 1;
  }
  return {
    'explore.states': benchFigure(states, 'states'),
    'explore.violations': benchFigure(violations, 'violations'),
  };
}
