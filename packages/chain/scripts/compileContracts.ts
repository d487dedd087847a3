/**
 * Compiles contracts/*.sol with the pinned solc and writes src/artefacts/. The metadata hash is left out and the settings are fixed, so
 * the same sources give the same bytes anywhere; test/artefacts.test.ts compares them. `node packages/chain/scripts/compileContracts.ts`.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Hex, NonetError } from '@nonet/core';
import { keccak256 } from 'viem/utils';

// solc has no types.
const solc: { compile(input: string): string; version(): string } = createRequire(import.meta.url)('solc');
const root = join(import.meta.dirname, '..');

/** What a deployment runs, and what stays on the chain. */
type Code = 'bytecode' | 'deployedBytecode';

interface SolcOutput {
  errors?: { severity: string; formattedMessage: string }[];
  contracts: Record<string, Record<string, { abi: unknown[]; evm: Record<Code, { object: string }> }>>;
}

/** The artefacts of every contract that can be deployed: file name -> text. Throws on any compiler message, warnings included. */
export function compileContracts(folder: string, contracts: readonly string[]): Map<string, string> {
  const sources = Object.fromEntries(
    readdirSync(folder)
      .filter((file) => file.endsWith('.sol'))
      .sort()
      .map((file) => [file, { content: readFileSync(join(folder, file), 'utf8') }]),
  );
  const settings = {
    optimizer: { enabled: true, runs: 10_000 },
    // Everything since Shanghai runs it; the contracts use no later opcode.
    evmVersion: 'shanghai',
    metadata: { bytecodeHash: 'none', appendCBOR: false },
    outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } },
  };
  const output: SolcOutput = JSON.parse(
    solc.compile(JSON.stringify({ language: 'Solidity', sources, settings })),
  );
  if (output.errors?.length) {
    throw new NonetError({
      code: 'contracts.compile',
      expected: 'contracts that compile without a message',
      found: output.errors.map((error) => error.formattedMessage).join('\n'),
    });
  }
  const header = `// Generated from contracts/*.sol by scripts/compileContracts.ts with solc ${solc.version()}; do not edit.\n`;
  const files = new Map<string, string>();
  for (const name of contracts) {
    const { abi, evm } = output.contracts[`${name}.sol`]![name]!;
    const lower = name[0]!.toLowerCase() + name.slice(1);
    const entries = abi.map((entry) => `  ${JSON.stringify(entry)},\n`).join('');
    files.set(`${lower}Abi.ts`, `${header}export const ${lower}Abi = [\n${entries}] as const;\n`);
    const codeHash = keccak256(`0x${evm.deployedBytecode.object}` as Hex);
    files.set(`${lower}CodeHash.ts`, `${header}export const ${lower}CodeHash = '${codeHash}';\n`);
    // A file of its own: only whoever deploys loads it.
    files.set(
      `${lower}Bytecode.ts`,
      `${header}export const ${lower}Bytecode = '0x${evm.bytecode.object}';\n`,
    );
  }
  return files;
}

if (import.meta.main) {
  mkdirSync(join(root, 'src/artefacts'), { recursive: true });
  for (const [file, text] of compileContracts(join(root, 'contracts'), ['Nonet'])) {
    writeFileSync(join(root, 'src/artefacts', file), text);
    console.log(`${file}: ${text.length} characters`);
  }
}
