/**
 * `npm run mutate:contracts`: leaves out or turns each condition of the contracts that rounds of
 * masked updates have (docs/specs/round.md §12), one at a time, and says which test of the
 * conformance suite of ledgers notices. Writes docs/contract-mutations.md and exits 1 where none
 * does.
 *
 *     npm run mutate:contracts                     all of them
 *     npm run mutate:contracts -- changed          those that the table does not have, or says are missed
 *     npm run mutate:contracts -- Masks.sol        one file
 *     npm run mutate:contracts -- announce         one function
 */
import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ContractMutant, findContractMutants } from './findContractMutants.ts';

const root = join(import.meta.dirname, '..');
const contracts = join(root, 'packages/chain/contracts');
const table = join(root, 'docs/contract-mutations.md');
// solc has no types.
const solc: { compile(input: string): string } = createRequire(join(root, 'packages/chain/package.json'))(
  'solc',
);

/** Which conditions rounds of masked updates have: all of this module, elsewhere those that name them. */
function isOfMasks(file: string, check: string): boolean {
  if (/_isReceiptArray|_isArray/.test(check)) return false;
  return (
    file === 'Masks.sol' || /mask|smallestSet|\bready|announced|registered|\bawaited\b|barred/i.test(check)
  );
}

/** The contracts with all mutants in them, by file. */
function writeMutants(): {
  readonly mutants: readonly ContractMutant[];
  readonly sources: ReadonlyMap<string, string>;
} {
  const files = readdirSync(contracts).filter((file) => file.endsWith('.sol'));
  const sources = Object.fromEntries(
    files.map((file) => [file, { content: readFileSync(join(contracts, file), 'utf8') }]),
  );
  const settings = { evmVersion: 'london', outputSelection: { '*': { '': ['ast'] } } };
  const output = JSON.parse(solc.compile(JSON.stringify({ language: 'Solidity', sources, settings })));
  const mutants: ContractMutant[] = [];
  const rewritten = files.map((file) => {
    const source = Buffer.from(sources[file]!.content).toString('latin1');
    const found = findContractMutants(file, source, output.sources[file].ast, 1 + mutants.length, (check) =>
      isOfMasks(file, check),
    );
    mutants.push(...found.mutants);
    // What asks who the miner is only views.
    return [file, Buffer.from(found.source.replace(/\bpure\b/g, 'view'), 'latin1').toString('utf8')] as const;
  });
  return { mutants, sources: new Map(rewritten) };
}

/** The suite waits for the chain more than it computes, so several chains are played on at once. */
const chains = 6;

const writeTests = (chain: number) => `
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, onTestFailed } from 'vitest';
import { ledgerRules } from '@nonet/federation/testing';
import { startGame } from '${join(root, 'packages/core/src/testing/ledger/game.ts')}';
import { testCollecting } from '${join(root, 'packages/core/src/testing/ledger/collecting.ts')}';
import { testMasking } from '${join(root, 'packages/core/src/testing/ledger/masking.ts')}';
import { testMembership } from '${join(root, 'packages/core/src/testing/ledger/membership.ts')}';
import { createContractFixture } from './contractFixture.ts';

let fixture;
beforeAll(async () => {
  fixture = await createContractFixture();
});
afterAll(() => fixture.close());

const noticed = {};
const note = (number, test) => {
  noticed[number] ??= test;
  writeFileSync('noticed.${chain}.json', JSON.stringify(noticed));
};
for (const { number, file } of JSON.parse(readFileSync('chosen.${chain}.json', 'utf8'))) {
  describe(String(number), () => {
    beforeAll(() => fixture.anvil.request('anvil_setCoinbase', '0x' + number.toString(16).padStart(40, '0')));
    beforeEach(({ skip, task }) => {
      if (noticed[number] !== undefined) skip();
      onTestFailed(() => note(number, task.name));
    });
    afterAll(() => note(number, ''));
    const refusedSoFar = new Set();
    const suite = {
      rules: ledgerRules,
      refusedSoFar,
      fixture: () => fixture,
      start: (change = {}) => startGame(fixture, ledgerRules, refusedSoFar, change),
    };
    testMasking(suite);
    // What jobs of clear updates reach, too.
    if (file !== 'Masks.sol') {
      testMembership(suite);
      testCollecting(suite);
    }
  });
}
`;

// No mutant makes a chain wait: a test that takes long on a busy machine has not noticed anything.
const config = `
export default { cacheDir: 'cache', test: { include: ['packages/chain/test/mutants.*.test.ts'], maxWorkers: 6, testTimeout: 900_000, hookTimeout: 900_000 } };
`;

/**
 * Tells the first test that notices each, by number; empty where none does. It tells again and again,
 * so that a run which is cut off goes on with `changed`. The copy is the repository's but for the
 * contracts.
 */
async function tryAll(
  chosen: readonly ContractMutant[],
  sources: ReadonlyMap<string, string>,
  onNoticed: (noticed: Readonly<Record<number, string>>) => void,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'nonet-contract-mutants-'));
  const chain = join(folder, 'packages/chain');
  const edit = (file: string, change: (text: string) => string) =>
    writeFileSync(join(chain, file), change(readFileSync(join(chain, file), 'utf8')));
  const tell = () => {
    const files = readdirSync(folder).filter((file) => file.startsWith('noticed.'));
    onNoticed(
      Object.assign({}, ...files.map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')))),
    );
  };
  let telling: NodeJS.Timeout | undefined;
  try {
    cpSync(join(root, 'packages/chain'), chain, {
      recursive: true,
      filter: (path) => !path.includes('node_modules'),
    });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    for (const [file, text] of sources) writeFileSync(join(chain, 'contracts', file), text);
    // The mutants make the code long, and solc would rather have it pure.
    edit('src/embedded/anvil.ts', (text) =>
      text.replace("'--no-mining',", "'--no-mining', '--disable-code-size-limit',"),
    );
    edit('scripts/compileContracts.ts', (text) =>
      text.replace('output.errors?.length', "output.errors?.some(({ severity }) => severity === 'error')"),
    );
    edit('test/contractFixture.ts', (text) =>
      text.replace('    close: chain.close,', '    anvil: chain.anvil,\n    close: chain.close,'),
    );
    writeFileSync(join(folder, 'vitest.config.mjs'), config);
    const all = [{ number: 0, file: 'Masks.sol' }, ...chosen];
    for (let i = 0; i < chains; i++) {
      writeFileSync(join(chain, `test/mutants.${i}.test.ts`), writeTests(i));
      const part = all.filter((_, position) => position % chains === i);
      writeFileSync(join(folder, `chosen.${i}.json`), JSON.stringify(part));
    }
    await run(process.execPath, [join(chain, 'scripts/compileContracts.ts')], folder);
    telling = setInterval(tell, 10_000);
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    await run(process.execPath, [vitest, 'run', '--reporter=dot'], folder);
    tell();
  } finally {
    clearInterval(telling);
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(command: string, args: readonly string[], cwd: string): Promise<void> {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (data) => {
    out += data;
  });
  return new Promise((resolve) => {
    child.on('close', (code) => {
      // Tests that notice a mutant fail, too.
      if (code !== 0 && !args.includes('run')) console.error(out);
      resolve();
    });
  });
}

/** How the table tells mutants apart, by number: the same condition may stand in one function twice. */
function namesOf(mutants: readonly ContractMutant[]): ReadonlyMap<number, string> {
  const seen = new Map<string, number>();
  return new Map(
    mutants.map(({ number, file, within, check, change }) => {
      const short = check.length <= 90 ? check : `${check.slice(0, 87)}...`;
      const key = [file, within, short, change].join(' | ');
      const count = (seen.get(key) ?? 0) + 1;
      seen.set(key, count);
      const cells = [file, within, `\`${short}\`${count === 1 ? '' : ` (${count})`}`, change];
      return [number, cells.join(' | ').replaceAll('||', '\\|\\|')];
    }),
  );
}

/** By key: the first test that notices, or nothing. */
function readTable(text: string): Map<string, string> {
  const rows = text.split('\n').filter((line) => /^\| \w+\.sol /.test(line));
  return new Map(
    rows.map((row) => {
      const cells = row
        .slice(2, -1)
        .split(' | ')
        .map((cell) => cell.trim());
      return [cells.slice(0, 4).join(' | '), cells[4]!];
    }),
  );
}

function formatTable(mutants: Iterable<string>, known: ReadonlyMap<string, string>): string {
  const rows = [...mutants].filter((name) => known.has(name));
  const missed = rows.filter((name) => known.get(name) === '').length;
  return `${[
    '# Who notices when a check of the contracts is missing',
    '',
    'Made by `npm run mutate:contracts`. Each row is one condition of `packages/chain/contracts` that',
    'rounds of masked updates have ([the specification](specs/round.md) §12), left out or turned. The test',
    'is the first of the conformance suite of ledgers that fails. How calldata is encoded is not among',
    'them: `packages/chain/test/contract.test.ts` asks that of each move.',
    '',
    `Of ${rows.length} conditions ${missed} are missed.`,
    '',
    '| file | in | condition | change | test |',
    '| --- | --- | --- | --- | --- |',
    ...rows.map((name) => `| ${name} | ${known.get(name)} |`),
  ].join('\n')}\n`;
}

const { mutants, sources } = writeMutants();
const names = namesOf(mutants);
const known = existsSync(table) ? readTable(readFileSync(table, 'utf8')) : new Map<string, string>();
const asked = process.argv.slice(2);
const chosen = mutants.filter(({ number, file, within }) => {
  if (asked.length === 0 || asked.includes(file) || asked.includes(within)) return true;
  return asked.includes('changed') && !known.get(names.get(number)!);
});
const missed = new Map<number, string>();
await tryAll(chosen, sources, (noticed) => {
  if (noticed[0]) throw new Error(`expected contracts of which nothing is noticed, found ${noticed[0]}`);
  for (const { number } of chosen) {
    const test = noticed[number];
    if (test === undefined) continue;
    known.set(names.get(number)!, test);
    if (test === '') missed.set(number, names.get(number)!);
  }
  writeFileSync(table, formatTable(names.values(), known));
});
for (const name of missed.values()) console.log(`MISSED ${name}`);
console.log(`${chosen.length} of ${mutants.length} conditions tried; ${missed.size} missed`);
process.exitCode = missed.size === 0 ? 0 : 1;
