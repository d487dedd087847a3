/**
 * One anvil process: started, asked, stopped. A caller that reaches its port can rewrite its state,
 * so the port is random, on a random loopback address where the system has more than one (a web
 * page that tries all ports of 127.0.0.1 finds nothing), and known to the supervisor only. anvil
 * keeps nothing on disk here; journal.ts and snapshots.ts do.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { MisuseError, NonetError } from '@nonet/core';
import { createHttpPost, type HttpPost } from '../httpPost.ts';

/** anvil answered with a JSON-RPC error. */
export class AnvilRefusal extends NonetError {
  /** The error as anvil gave it. */
  readonly rpc: { readonly code: number; readonly message: string; readonly data?: unknown };

  constructor(method: string, rpc: AnvilRefusal['rpc']) {
    super({ code: 'chain.refused', expected: `anvil to answer ${method}`, found: rpc.message });
    this.rpc = rpc;
  }
}

/** A running anvil. */
export interface Anvil {
  readonly url: string;
  readonly pid: number;
  /** Resolves when the process is gone. */
  readonly exited: Promise<void>;
  /** Throws AnvilRefusal for an error that anvil answers, `chain.lost` when it does not answer. */
  request<Result>(method: string, ...parameters: readonly unknown[]): Promise<Result>;
  kill(): Promise<void>;
}

/**
 * The native binary of the platform package: the wrapper script would leave the chain running when
 * it is killed. Throws `chain.binary` where it is not installed.
 */
function findAnvil(): string {
  const platform = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
  const name = `@foundry-rs/anvil-${platform}`;
  try {
    const wrapper = createRequire(import.meta.url).resolve('@foundry-rs/anvil/package.json');
    const binary = createRequire(wrapper).resolve(`${name}/package.json`);
    return join(dirname(binary), 'bin', process.platform === 'win32' ? 'anvil.exe' : 'anvil');
  } catch (cause) {
    throw new MisuseError({
      code: 'chain.binary',
      expected: `the package ${name}`,
      found: 'none installed',
      hint: 'Install with optional dependencies, or name a ledger with --ledger URL.',
      cause,
    });
  }
}

export interface StartAnvilParameters {
  /** Path of a genesis in geth's format. */
  readonly genesisFile: string;
  readonly chainId: number;
}

/**
 * Starts anvil at its genesis; blocks are made only when asked for. Throws `chain.binary`, and
 * `chain.start` if it ends before it listens.
 */
export async function startAnvil({ genesisFile, chainId }: StartAnvilParameters): Promise<Anvil> {
  const options = {
    '--host':
      process.platform === 'linux'
        ? ['127', ...randomBytes(3).map((byte) => (byte % 254) + 1)].join('.')
        : '127.0.0.1',
    '--port': '0',
    '--init': genesisFile,
    '--chain-id': String(chainId),
    '--accounts': '0',
    '--order': 'fifo',
    '--hardfork': 'osaka',
    '--prune-history': '64',
  };
  const child = spawn(
    findAnvil(),
    ['--no-mining', '--no-cors', '--no-request-size-limit', ...Object.entries(options).flat()],
    // Its own process group: Ctrl-C reaches the supervisor, which then stops the chain in order.
    { detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  endWithThisProcess(child);
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const url = `http://${await listening(child)}`;
  const post = createHttpPost({ address: url });
  return {
    url,
    pid: child.pid!,
    exited,
    request: (method, ...parameters) => requestAnvil(post, method, parameters),
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/**
 * However this process ends, so does the child, which is in a process group of its own: by the exit
 * handler, and after a SIGKILL by a shell that waits for the end of a pipe from this process.
 */
function endWithThisProcess(child: ChildProcess): void {
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('close', () => process.removeListener('exit', kill));
  if (process.platform === 'win32' || child.pid === undefined) return;
  const script = 'read -r line; kill -KILL "$1"';
  const watch = spawn('sh', ['-c', script, 'sh', String(child.pid)], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without a shell there is one safeguard less.
  watch.once('error', () => undefined);
  watch.unref();
  (watch.stdin as Socket).unref();
  child.once('close', () => watch.kill('SIGKILL'));
}

/** Resolves with the address that anvil prints. */
function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const read = (chunk: Buffer) => {
      output = (output + chunk).slice(-20_000);
      const address = /Listening on (\S+)/.exec(output)?.[1];
      if (address === undefined) return;
      // Keep reading so that the pipe never fills up.
      child.stdout!.removeListener('data', read).resume();
      child.stderr!.removeListener('data', read).resume();
      resolve(address);
    };
    child.stdout!.on('data', read);
    child.stderr!.on('data', read);
    const fail = (cause: unknown) =>
      reject(
        new NonetError({
          code: 'chain.start',
          expected: 'anvil to listen',
          found: output.trim().split('\n').at(-1) || String(cause),
        }),
      );
    child.once('error', fail);
    child.once('close', (code) => fail(`exit code ${code}`));
  });
}

async function requestAnvil<Result>(
  post: HttpPost,
  method: string,
  parameters: readonly unknown[],
): Promise<Result> {
  let answer: { result: Result; error?: AnvilRefusal['rpc'] };
  // Outside: parameters too deep to write down are the caller's failure, not anvil's.
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: parameters });
  try {
    answer = JSON.parse((await post(body)).text) as typeof answer;
  } catch (cause) {
    throw new NonetError({
      code: 'chain.lost',
      expected: `anvil to answer ${method}`,
      found: 'no answer',
      cause,
    });
  }
  if (answer.error !== undefined) throw new AnvilRefusal(method, answer.error);
  return answer.result;
}
