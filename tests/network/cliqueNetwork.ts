/**
 * A network of geth nodes that seal blocks in turn (Clique, EIP-225), one block a second, with the
 * rules of London: what consortia run. Its nodes find each other by RPC, on this machine only.
 * Blocks are taken back in passing whenever two signers seal at once.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Account, createPrivateKey, createSigner } from '@nonet/core/identity';
import { run } from './geth.ts';

export interface CliqueNode {
  readonly url: string;
  readonly signer: Account;
  request<Result>(method: string, ...parameters: readonly unknown[]): Promise<Result>;
  /** As a machine that loses its power. */
  kill(): Promise<void>;
}

export interface CliqueNetwork {
  readonly chainId: number;
  readonly nodes: readonly CliqueNode[];
  stop(): Promise<void>;
}

export interface CliqueNetworkParameters {
  /** Path of the binary. */
  readonly geth: string;
  readonly signers: number;
  /** Wei by account at the beginning. */
  readonly balances: Readonly<Record<Account, bigint>>;
}

const chainId = 424_242;
const secondsPerBlock = 1;

/** Resolves when all nodes know one another. */
export async function startCliqueNetwork({
  geth,
  signers,
  balances,
}: CliqueNetworkParameters): Promise<CliqueNetwork> {
  const folder = mkdtempSync(join(tmpdir(), 'nonet-network-'));
  const keys = Array.from({ length: signers }, () => createPrivateKey());
  const genesisFile = join(folder, 'genesis.json');
  const accounts = keys.map((key) => createSigner(key).account);
  writeFileSync(genesisFile, JSON.stringify(genesisOf(accounts, balances)));
  const nodes: CliqueNode[] = [];
  const stop = async () => {
    for (const node of nodes) await node.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    for (const [i, key] of keys.entries()) {
      const directory = join(folder, `node${i}`);
      nodes.push(await startNode({ geth, directory, genesisFile, privateKey: key }));
    }
    for (const node of nodes) await meet(node, nodes);
    return { chainId, nodes, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function genesisOf(signers: readonly Account[], balances: Readonly<Record<Account, bigint>>) {
  const forks =
    'homestead eip150 eip155 eip158 byzantium constantinople petersburg istanbul berlin london'.split(' ');
  return {
    config: {
      chainId,
      ...Object.fromEntries(forks.map((fork) => [`${fork}Block`, 0])),
      clique: { period: secondsPerBlock, epoch: 30_000 },
    },
    difficulty: '0x1',
    gasLimit: '0x1c9c380',
    // 32 bytes of choice, the signers in ascending order, 65 bytes for a signature.
    extraData: `0x${'00'.repeat(32)}${[...signers]
      .sort()
      .map((account) => account.slice(2))
      .join('')}${'00'.repeat(65)}`,
    alloc: Object.fromEntries(
      Object.entries(balances).map(([account, wei]) => [account, { balance: `0x${wei.toString(16)}` }]),
    ),
  };
}

interface NodeParameters {
  readonly geth: string;
  readonly directory: string;
  readonly genesisFile: string;
  readonly privateKey: string;
}

async function startNode({ geth, directory, genesisFile, privateKey }: NodeParameters): Promise<CliqueNode> {
  mkdirSync(directory, { recursive: true });
  const [keyFile, passwordFile] = [join(directory, 'key'), join(directory, 'password')];
  writeFileSync(keyFile, privateKey.slice(2), { mode: 0o600 });
  writeFileSync(passwordFile, 'a password for tests\n');
  const at = ['--datadir', directory];
  await mustRun(geth, ['init', ...at, genesisFile]);
  await mustRun(geth, ['account', 'import', ...at, '--lightkdf', '--password', passwordFile, keyFile]);
  const { account } = createSigner(privateKey as `0x${string}`);
  const [http, peers, engine] = [await freePort(), await freePort(), await freePort()];
  const options = {
    '--networkid': chainId,
    '--syncmode': 'full',
    '--gcmode': 'archive',
    '--port': peers,
    '--http.port': http,
    '--http.api': 'eth,net,web3,admin,clique',
    '--authrpc.port': engine,
    '--unlock': account,
    '--password': passwordFile,
    '--miner.etherbase': account,
    '--verbosity': 2,
  };
  const flags = ['--http', '--mine', '--nodiscover', '--ipcdisable', '--allow-insecure-unlock', '--lightkdf'];
  const child = spawn(geth, [...at, ...flags, ...Object.entries(options).flat().map(String)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const endWithUs = () => child.kill('SIGKILL');
  process.once('exit', endWithUs);
  let output = '';
  child.stderr.on('data', (chunk) => {
    output = (output + chunk).slice(-20_000);
  });
  const url = `http://127.0.0.1:${http}`;
  const node: CliqueNode = {
    url,
    signer: account,
    request: (method, ...parameters) => requestNode(url, method, parameters),
    async kill() {
      process.removeListener('exit', endWithUs);
      if (isRunning(child)) {
        child.kill('SIGKILL');
        await once(child, 'close');
      }
    },
  };
  for (let tries = 0; ; tries++) {
    try {
      await node.request('eth_chainId');
      return node;
    } catch (error) {
      if (!isRunning(child) || tries > 300)
        throw new Error(`geth did not start: ${output}`, { cause: error });
      await pause(100);
    }
  }
}

const isRunning = ({ exitCode, signalCode }: ChildProcess) => exitCode === null && signalCode === null;

async function mustRun(command: string, parameters: readonly string[]): Promise<void> {
  const { code, output } = await run(command, parameters);
  if (code !== 0) throw new Error(`${command} ${parameters[0]} ended with ${code}: ${output}`);
}

async function requestNode<Result>(url: string, method: string, params: readonly unknown[]): Promise<Result> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  const { result, error } = (await response.json()) as { result: Result; error?: { message: string } };
  if (error !== undefined) throw new Error(`${method}: ${error.message}`);
  return result;
}

async function meet(node: CliqueNode, all: readonly CliqueNode[]): Promise<void> {
  for (const other of all) {
    if (other === node) continue;
    const { enode } = await other.request<{ enode: string }>('admin_nodeInfo');
    // The address that it found for itself may be another machine's view of it.
    await node.request('admin_addPeer', enode.replace(/@[^:]+(?=:)/, '@127.0.0.1'));
  }
  for (let tries = 0; Number(await node.request('net_peerCount')) < all.length - 1; tries++) {
    if (tries > 300) throw new Error(`${node.url} has not found its peers`);
    await pause(100);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
