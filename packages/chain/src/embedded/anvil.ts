/**
 * One anvil process: started, asked, stopped. Whoever reaches its port can rewrite its state, so the port is random, on a random loopback
 * address where the system has more than one (a web page that tries all ports of 127.0.0.1 finds nothing), and known to the supervisor only. anvil keeps nothing on disk here; journal.ts and snapshots.ts do.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { MisuseError, NonetError } from '@nonet/core';

/** anvil answered with a JSON-RPC error. */
export class AnvilRefusal extends NonetError {
  readonly rpc: { readonly code: number; readonly message: string; readonly data?: unknown };

  constructor(method: string, rpc: AnvilRefusal['rpc']) {
    super({ code: 'chain.refused', expected: `anvil to answer ${method}`, found: rpc.message });
    this.rpc = rpc;
  }
}

export interface Anvil {
  readonly url: string;
  readonly pid: number;
  readonly exited: Promise<void>;
  /** Throws AnvilRefusal for an error that anvil answers, `chain.lost` when it does not answer. */
  request<Result>(method: string, ...parameters: readonly unknown[]): Promise<Result>;
  kill(): Promise<void>;
}

/** The native binary of the platform package: the wrapper script would leave the chain running when it is killed. */
export function findAnvil(): string {
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
  readonly genesisFile: string;
  readonly chainId: number;
}

/** Starts anvil at its genesis; blocks are made only when asked for. */
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
  // However this process ends, short of SIGKILL; after that the next start finds the orphan by its pid file.
  const endWithUs = () => child.kill('SIGKILL');
  process.once('exit', endWithUs);
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  void exited.then(() => process.removeListener('exit', endWithUs));
  const url = `http://${await listening(child)}`;
  return {
    url,
    pid: child.pid!,
    exited,
    request: (method, ...parameters) => requestAnvil(url, method, parameters),
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

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
  url: string,
  method: string,
  parameters: readonly unknown[],
): Promise<Result> {
  let answer: { result: Result; error?: AnvilRefusal['rpc'] };
  // Outside: parameters too deep to write down are the caller's failure, not anvil's.
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: parameters });
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    answer = (await response.json()) as typeof answer;
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

/** Ends the anvil that a killed supervisor left behind; `marker` is part of its command line, so no stranger's process is hit. */
export function killOrphan(pid: number, marker: string): void {
  const commandLine = `/proc/${pid}/cmdline`;
  if (!existsSync(commandLine) || !readFileSync(commandLine, 'utf8').includes(marker)) return;
  process.kill(pid, 'SIGKILL');
}
