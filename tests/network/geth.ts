/**
 * geth 1.13.15 from Go's registry: the last version that seals blocks of a network of named signers
 * (Clique). Built once into build/, where Go is installed: 2.5 minutes, 61 MB.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../nonet.ts';

const version = '1.13.15';
const folder = join(root, 'build', `geth-${version}`);
const binary = join(folder, process.platform === 'win32' ? 'geth.exe' : 'geth');

/** The path of geth, built if need be; or what is missing to have it. */
export async function installGeth(): Promise<{ readonly geth: string } | { readonly missing: string }> {
  if (existsSync(binary)) return { geth: binary };
  if ((await run('go', ['version'])).code !== 0)
    return { missing: 'Go, which builds geth, is not installed' };
  console.log(`building geth ${version} into ${folder}: some minutes, once`);
  mkdirSync(folder, { recursive: true });
  const source = `github.com/ethereum/go-ethereum/cmd/geth@v${version}`;
  // One of its dependencies reaches into the runtime, which Go refuses since 1.23 unless it is told
  // not to.
  const { code, output } = await run('go', ['install', '-ldflags=-checklinkname=0', source], {
    GOBIN: folder,
  });
  if (code === 0 && existsSync(binary)) return { geth: binary };
  return { missing: `geth ${version} could not be built: ${output.trim().split('\n').at(-1)}` };
}

/** Runs a command to its end; code -1 if there is no such command. */
export async function run(
  command: string,
  parameters: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn(command, parameters, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output = (output + chunk).slice(-20_000);
    });
  }
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, output };
  } catch (error) {
    return { code: -1, output: String(error) };
  }
}
