/**
 * Compiles contracts/*.sol with the pinned solc and writes src/artefacts/. The metadata hash is
 * left out and the settings are fixed, so the same sources give the same bytes anywhere;
 * test/artefacts.test.ts compares them. `node packages/chain/scripts/compileContracts.ts`.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Hex, NonetError } from '@nonet/core';
import type { AbiEvent, AbiFunction } from 'viem';
import { keccak256, toEventSelector, toFunctionSelector } from 'viem/utils';

// solc has no types.
const solc: { compile(input: string): string; version(): string } = createRequire(import.meta.url)('solc');
const root = join(import.meta.dirname, '..');

/** What is deployed, in this order: the modules in the order of Nonet's constructor, then Nonet. */
const deployed = ['Membership', 'Judgement', 'Masks', 'Proofs', 'Views', 'Nonet'] as const;

/**
 * A variable in a contract's storage, or a member of a struct: bytes from `offset` on in slot
 * `slot`.
 */
interface StoredVariable {
  readonly label: string;
  readonly slot: string;
  readonly offset: number;
  readonly type: string;
}

/** Where the compiler keeps what: solc's `storageLayout`, types by name. */
export interface StorageLayout {
  readonly storage: readonly StoredVariable[];
  readonly types: Readonly<
    Record<string, { readonly value?: string; readonly members?: readonly StoredVariable[] }>
  >;
}

interface AbiEntry {
  readonly type: string;
  readonly name?: string;
}

export interface CompiledContract {
  readonly abi: readonly AbiEntry[];
  /** What a deployment runs. */
  readonly bytecode: Hex;
  /** What stays on the chain. */
  readonly deployedBytecode: Hex;
  readonly storageLayout: StorageLayout;
}

interface SolcOutput {
  errors?: { severity: string; formattedMessage: string }[];
  contracts: Record<
    string,
    Record<
      string,
      {
        abi: CompiledContract['abi'];
        evm: Record<'bytecode' | 'deployedBytecode', { object: string }>;
        storageLayout: StorageLayout;
      }
    >
  >;
}

/**
 * The contracts of these folders by name. Throws `contracts.compile` on any compiler message,
 * warnings included.
 */
export function compileContracts(...folders: readonly string[]): Map<string, CompiledContract> {
  const sources = Object.fromEntries(
    folders.flatMap((folder) =>
      readdirSync(folder)
        .filter((file) => file.endsWith('.sol'))
        .sort()
        .map((file) => [file, { content: readFileSync(join(folder, file), 'utf8') }]),
    ),
  );
  const settings = {
    // Few runs: code well below the limit of EIP-170, at 1 % more gas for a move.
    optimizer: { enabled: true, runs: 200 },
    // What every chain runs: no PUSH0 of Shanghai, no opcode of Cancun.
    evmVersion: 'london',
    metadata: { bytecodeHash: 'none', appendCBOR: false },
    outputSelection: {
      '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object', 'storageLayout'] },
    },
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
  const compiled = Object.values(output.contracts).flatMap((file) => Object.entries(file));
  return new Map(
    compiled.map(([name, { abi, evm, storageLayout }]) => [
      name,
      {
        abi,
        bytecode: `0x${evm.bytecode.object}`,
        deployedBytecode: `0x${evm.deployedBytecode.object}`,
        storageLayout,
      },
    ]),
  );
}

/** The artefacts: file name -> text. One ABI for all that the contract's address answers. */
export function writeArtefacts(compiled: ReadonlyMap<string, CompiledContract>): Map<string, string> {
  const header = `// Generated from contracts/*.sol by scripts/compileContracts.ts with solc ${solc.version()}; do not edit.\n`;
  const contracts = deployed.map((name) => [nameOf(name), compiled.get(name)!] as const);
  const entries = contracts
    .flatMap(([, { abi }]) => abi)
    .filter(({ type }) => ['function', 'error', 'event'].includes(type))
    .map((entry) => `  ${JSON.stringify({ ...entry, selector: selectorOf(entry) })},\n`);
  const table = (value: (contract: CompiledContract) => Hex) =>
    contracts.map(([name, contract]) => `  ${name}: '${value(contract)}',\n`).join('');
  return new Map([
    ['nonetAbi.ts', `${header}export const nonetAbi = [\n${[...new Set(entries)].join('')}] as const;\n`],
    [
      'codeHashes.ts',
      `${header}export const codeHashes = {\n${table(({ deployedBytecode }) => keccak256(deployedBytecode))}} as const;\n`,
    ],
    // A file of its own: only a deployment loads it.
    [
      'bytecodes.ts',
      `${header}export const bytecodes = {\n${table(({ bytecode }) => bytecode)}} as const;\n`,
    ],
  ]);
}

/**
 * What names an entry on the chain: 4 bytes of calldata and revert data, 32 in the first topic of
 * an event.
 */
function selectorOf(entry: AbiEntry): Hex {
  // An error's signature is written as a function's.
  return entry.type === 'event'
    ? toEventSelector(entry as AbiEvent)
    : toFunctionSelector({ ...entry, type: 'function' } as AbiFunction);
}

const nameOf = (contract: string) => `${contract[0]!.toLowerCase()}${contract.slice(1)}`;

if (import.meta.main) {
  mkdirSync(join(root, 'src/artefacts'), { recursive: true });
  const compiled = compileContracts(join(root, 'contracts'));
  for (const [file, text] of writeArtefacts(compiled)) {
    writeFileSync(join(root, 'src/artefacts', file), text);
    console.log(`${file}: ${text.length} characters`);
  }
  for (const name of deployed) {
    console.log(`${name}: ${compiled.get(name)!.deployedBytecode.length / 2 - 1} bytes`);
  }
}
