/**
 * The embedded ledger as a round of strangers uses it: a chain of its own in a temporary folder, with journal and snapshots, the real contract, and participants who commit all at once, then one
 * after the other. Everybody is on this machine, so no network is in these times. A decision is one commitment.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectLedger, deployContracts, fund } from '@nonet/chain';
import { startEmbeddedChain } from '@nonet/chain/embedded';
import { addressOf, NonetError, utf8 } from '@nonet/core';
import { createPrivateKey, createSigner, type Signer } from '@nonet/core/identity';
import { isRefusal, type JobTerms, type Ledger, type Move, type Posted } from '@nonet/core/ports';
import { createFigures } from '@nonet/core/records';
import { cellFigures } from '@nonet/matrix';
import { benchFigure, type Figure, type Suite } from './suite.ts';

const participants = 64;
const samples = 16;

export const suite: Suite = {
  name: 'ledger',
  about: `the embedded ledger with ${participants} participants of a round: commitments per second, time to inclusion, gas per decision`,
  cells: ['performance-decentralisation'],
  async run({ note }) {
    const folder = mkdtempSync(join(tmpdir(), 'nonet-bench-ledger-'));
    const chain = await startEmbeddedChain({ directory: join(folder, 'chain') });
    try {
      note(`${participants} participants join`);
      const signers = Array.from({ length: participants + 1 }, () => createSigner(createPrivateKey()));
      const [creator, ...sites] = signers as [Signer, ...Signer[]];
      const { contract } = await deployContracts({ url: chain.url, signer: chain.faucet });
      const accounts = signers.map(({ account }) => account);
      await fund({ url: chain.url, signer: chain.faucet }, accounts, 10n ** 18n);
      const ledger = await connectLedger({
        url: chain.url,
        contract,
        operator: 'self',
        pollMilliseconds: 10,
      });
      return await measure(ledger, creator, sites);
    } finally {
      await chain.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function measure(
  ledger: Ledger,
  creator: Signer,
  sites: readonly Signer[],
): Promise<Record<string, Figure>> {
  const terms: JobTerms = {
    job: addressOf(utf8('bench ledger')),
    creator: creator.account,
    model: addressOf(utf8('a model')),
    rounds: 2,
    minimum: 1,
    maximum: sites.length,
    invited: false,
    phases: { open: 0, collecting: 3600, appealing: 0, complaining: 0, opening: 0, stepping: 0 },
    aggregators: [creator.account],
    watchers: [],
    stores: [],
    escrow: 0n,
    bond: 0n,
  };
  const submit = async (move: Move, by: Signer): Promise<Posted> => {
    const posted = await ledger.rounds.submit(terms.job, move, by);
    if (!isRefusal(posted)) return posted;
    throw new NonetError({
      code: 'bench.refused',
      expected: `${move.type} to be taken`,
      found: posted.refused,
    });
  };
  const commitment = (round: number, site: number) => addressOf(utf8(`update ${round} ${site}`));
  await ledger.jobs.create(terms, creator);
  const joins: Posted[] = [];
  for (const site of sites) joins.push(await submit({ type: 'join' }, site));

  const opened = await submit({ type: 'open', round: 0, model: terms.model }, creator);
  const started = performance.now();
  const commits = await Promise.all(
    sites.map((site, i) => submit({ type: 'commit', round: 0, commitment: commitment(0, i) }, site)),
  );
  const together = (performance.now() - started) / 1000;
  const closed = await submit({ type: 'close', round: 0, unavailable: [] }, creator);
  const stepped = await submit(
    { type: 'step', round: 0, model: addressOf(utf8('the next model')), refused: [] },
    creator,
  );
  await submit({ type: 'open', round: 1, model: addressOf(utf8('the next model')) }, creator);
  const waits: number[] = [];
  for (const [i, site] of sites.slice(0, samples).entries()) {
    const sent = performance.now();
    await submit({ type: 'commit', round: 1, commitment: commitment(1, i) }, site);
    waits.push((performance.now() - sent) / 1000);
  }
  const anchor = await ledger.anchors.post(terms.job, addressOf(utf8('a root')), creator);
  const gas = (posted: readonly { readonly gas: number }[]) =>
    benchFigure(
      posted.map((each) => each.gas),
      'gas',
    );
  return {
    ...createFigures([
      [cellFigures['commits.perSecond'], sites.length / together],
      [cellFigures.inclusion, waits],
      [cellFigures['gas.commit'], commits.map((each) => each.gas)],
    ]),
    'gas.join': gas(joins),
    'gas.open': gas([opened]),
    'gas.close': gas([closed]),
    'gas.step': gas([stepped]),
    'gas.anchor': gas([anchor]),
  };
}
