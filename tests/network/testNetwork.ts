/**
 * `npm run test:network`: a job over three geth nodes that seal blocks in turn, one of which is
 * killed in the middle. Prints what it found, one line each; ends with 1 when something is wrong,
 * and with 0 and a line that says so when geth cannot be had here.
 */
import { strict as assert } from 'node:assert';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connectLedger, deployContracts } from '@nonet/chain';
import { addressOf, utf8 } from '@nonet/core';
import { createPrivateKey, createSigner, type Signer } from '@nonet/core/identity';
import { isRefusal, jobIdOf, type Ledger, type LedgerEvent } from '@nonet/core/ports';
import {
  createFolder,
  jobFile,
  modelOf,
  nonet,
  runFolder,
  startNonet,
  untilGone,
  untilTraining,
} from '../nonet.ts';
import { type CliqueNetwork, type CliqueNode, startCliqueNetwork } from './cliqueNetwork.ts';
import { installGeth } from './geth.ts';

const ether = 10n ** 18n;
/** The round, from 0, in whose middle a signer dies. */
const fatalRound = 1;

interface Header {
  readonly number: string;
  readonly hash: string;
  readonly parentHash: string;
}

async function main(): Promise<void> {
  const found = await installGeth();
  if ('missing' in found) {
    console.log(`skipped: ${found.missing}`);
    return;
  }
  const key = createPrivateKey();
  const payer = createSigner(key);
  const network = await startCliqueNetwork({
    ...{ geth: found.geth, signers: 3 },
    balances: { [payer.account]: 1000n * ether },
  });
  const folder = createFolder();
  try {
    await testSealing(network);
    const watch = watchHead(network.nodes[0]!);
    await testClient(network, payer);
    const keyFile = join(folder.path, 'payer.key');
    writeFileSync(keyFile, key, { mode: 0o600 });
    await testJob(network, folder.path, keyFile);
    console.log(`✓ the first node took back ${await watch.stop()} blocks on the way`);
  } finally {
    folder.remove();
    await network.stop();
  }
}

/** All signers seal, and all agree. */
async function testSealing({ nodes }: CliqueNetwork): Promise<void> {
  const [first] = nodes as [CliqueNode];
  for (let tries = 0; ; tries++) {
    const activity = await readActivity(first);
    const active = nodes.filter(({ signer }) => (activity[signer] ?? 0) > 0);
    if (active.length === nodes.length) break;
    assert(tries < 60, `only ${active.length} of ${nodes.length} signers have sealed blocks`);
    await pause(1000);
  }
  const height = Number(await first.request<string>('eth_blockNumber')) - 2;
  const hashes = await Promise.all(nodes.map((node) => hashAt(node, height)));
  assert.equal(new Set(hashes).size, 1, `nodes disagree about block ${height}`);
  console.log(`✓ ${nodes.length} signers seal in turn and agree about block ${height}`);
}

/** How many of the last blocks each signer has sealed. */
async function readActivity(node: CliqueNode): Promise<Record<string, number>> {
  // After fewer blocks geth's answer would hold a division by zero.
  if (Number(await node.request('eth_blockNumber')) < 3) return {};
  const status = await node.request<{ sealerActivity: Record<string, number> }>('clique_status');
  return status.sealerActivity;
}

async function hashAt(node: CliqueNode, height: number): Promise<string | undefined> {
  const block = await node.request<Header | null>('eth_getBlockByNumber', `0x${height.toString(16)}`, false);
  return block?.hash;
}

/** A job with all its moves by clients of different nodes; each sees the same. */
async function testClient({ nodes, chainId }: CliqueNetwork, payer: Signer): Promise<void> {
  const urls = nodes.map(({ url }) => url);
  const began = performance.now();
  const { contract, gas } = await deployContracts({ url: urls, signer: payer });
  const ledgers: Ledger[] = [];
  for (const url of urls) ledgers.push(await connectLedger({ url, contract, operator: 'other', chainId }));
  const several = await connectLedger({ url: urls, contract, operator: 'other' });
  const terms = {
    record: addressOf(utf8('a job over three nodes')),
    creator: payer.account,
    model: addressOf(utf8('model')),
    ...{ rounds: 1, minParticipants: 1, maxParticipants: 5, invited: false, grace: 0, attempts: 3 },
    ...{ expiry: 2 ** 33, copies: 1, maximumWeight: 1, escrow: 0n, bond: 0n },
    phases: {
      ...{ open: 0, collecting: 3, closing: 60, appealing: 0, complaining: 0, opening: 0 },
      ...{ stepping: 60, objecting: 60 },
    },
    aggregators: [payer.account],
    watchers: [],
    stores: [payer.account],
  };
  const job = jobIdOf(terms);
  accept(await several.jobs.create(terms, payer));
  accept(await several.rounds.submit(job, { type: 'join' }, payer));
  accept(await several.rounds.submit(job, { type: 'open', round: 0, model: terms.model }, payer));
  // Nobody commits: the deadline passes by the blocks' time.
  const opened = (await several.rounds.moves(job)).at(-1)!;
  while ((await several.now()) <= opened.at + terms.phases.collecting) await pause(200);
  accept(await several.rounds.submit(job, { type: 'advance', round: 0 }, payer));
  const anchored = await several.anchors.post(job, terms.record, payer);
  const expected = ['join', 'open', 'advance'];
  const seen = await Promise.all(ledgers.map((ledger) => followTo(ledger, job, expected.length)));
  for (const events of seen) assert.deepEqual(events, seen[0]);
  assert.deepEqual(
    seen[0]!.map(({ move }) => move.type),
    expected,
  );
  for (const ledger of ledgers)
    assert.deepEqual(await ledger.anchors.find(job, terms.record, payer.account), anchored);
  const seconds = Math.round((performance.now() - began) / 1000);
  console.log(
    `✓ contracts deployed (${gas} gas), a job created, moved and anchored, seen alike by all: ${seconds} s`,
  );
}

function accept(outcome: object): void {
  assert(!isRefusal(outcome), `refused: ${JSON.stringify(outcome)}`);
}

async function followTo(ledger: Ledger, job: `0x${string}`, count: number): Promise<LedgerEvent[]> {
  const events: LedgerEvent[] = [];
  for await (const event of ledger.rounds.follow(job as never, AbortSignal.timeout(60_000))) {
    events.push(event);
    if (events.length === count) break;
  }
  return events;
}

/** A rehearsal over the network, in whose middle the signer dies that all clients prefer. */
async function testJob({ nodes }: CliqueNetwork, folder: string, keyFile: string): Promise<void> {
  const [first, middle, last] = nodes as [CliqueNode, CliqueNode, CliqueNode];
  const began = performance.now();
  const started = startNonet(
    folder,
    'run',
    jobFile('network'),
    // The one that is killed first: everyone has to leave it.
    ...[last, first, middle].flatMap(({ url }) => ['--ledger', url]),
    '--confirmations',
    '2',
    '--key',
    keyFile,
    '--json',
  );
  await untilTraining(started, folder, fatalRound);
  await last.kill();
  console.log(`✓ one of ${nodes.length} signers is killed while round ${fatalRound + 1} trains`);
  const { code, stdout, stderr } = await started.finished;
  assert.equal(code, 0, `the run ended with ${code}:\n${stderr}`);
  const { rounds, participants } = JSON.parse(stdout) as { rounds: number; participants: number };
  const seconds = Math.round((performance.now() - began) / 1000);
  const model = modelOf(folder);
  console.log(
    `✓ the job is complete: ${rounds} rounds of ${participants} sites, model ${model}: ${seconds} s`,
  );
  const receipt = join(runFolder(folder), 'receipt.json');
  const verified = await nonet(folder, 'verify', receipt, '--ledger', first.url);
  assert.equal(verified.code, 0, `its receipt is refused:\n${verified.stdout}${verified.stderr}`);
  await untilGone(folder);
  console.log('✓ its receipt is verified against the ledger, and no process is left');
}

/** Counts the blocks that a node shows as its latest and then takes back. */
function watchHead(node: CliqueNode) {
  let stopped = false;
  const shown = new Map<number, string>();
  const counting = (async () => {
    let takenBack = 0;
    while (!stopped) {
      const { number, hash } = await node.request<Header>('eth_getBlockByNumber', 'latest', false);
      const height = Number(number);
      const parent = shown.get(height - 1);
      const { parentHash } = await node.request<Header>('eth_getBlockByHash', hash, false);
      if (parent !== undefined && parent !== parentHash) takenBack++;
      if (shown.has(height) && shown.get(height) !== hash) takenBack++;
      shown.set(height, hash);
      await pause(100);
    }
    return takenBack;
  })();
  counting.catch(() => undefined);
  return {
    stop() {
      stopped = true;
      return counting;
    },
  };
}

await main();
