/** The table of who notices when a check of the rules is missing: docs/rules-mutations.md. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findMutants, type Mutant } from './findMutants.ts';

export const rulesFolder = 'packages/federation/src/rules';
export const tableFile = 'docs/rules-mutations.md';
export const mutatedFiles = [
  'round.ts',
  'phases.ts',
  'masking.ts',
  'attendance.ts',
  'judge.ts',
  'keeping.ts',
  'money.ts',
  'state.ts',
  'properties.ts',
  'memoryLedger.ts',
] as const;

/** One mutant, and how the table tells it from others. */
export interface Task extends Mutant {
  readonly file: string;
  readonly key: string;
}

export interface Notice {
  /** The promise that the explorer finds broken; empty where it finds none. */
  readonly explorer: string;
  /** The first test that fails; empty where all pass. */
  readonly test: string;
}

/** What was noticed of each mutant, by its key. */
export type Notices = ReadonlyMap<string, Notice>;

/** Every check of the rules as they are in the repository at `root`. */
export function findTasks(root: string): Task[] {
  const seen = new Map<string, number>();
  return mutatedFiles.flatMap((file) =>
    findMutants(readFileSync(join(root, rulesFolder, file), 'utf8')).map((mutant) => {
      const name = keyOf(file, [mutant.within, `\`${shorten(mutant.check)}\``, mutant.change]);
      return { ...mutant, file, key: countKey(seen, name) };
    }),
  );
}

function keyOf(file: string, cells: readonly string[]): string {
  return [file, ...cells.slice(0, 3)].join(' | ');
}

/** The same condition may stand in one function twice. */
function countKey(seen: Map<string, number>, name: string): string {
  const count = (seen.get(name) ?? 0) + 1;
  seen.set(name, count);
  return count === 1 ? name : `${name} (${count})`;
}

function shorten(text: string): string {
  return text.length <= 90 ? text : `${text.slice(0, 87)}...`;
}

export function isMissed({ explorer, test }: Notice): boolean {
  return explorer === '' && test === '';
}

/** The table of those tasks of which it is known what was noticed. */
export function writeTable(tasks: readonly Task[], notices: Notices): string {
  const tried = tasks.filter(({ key }) => notices.has(key));
  const all = tried.map(({ key }) => notices.get(key)!);
  const count = (noticed: (notice: Notice) => boolean) => all.filter(noticed).length;
  const lines = [
    '# Who notices when a check of the rules is missing',
    '',
    'Made by `npm run mutate`. Each row is one condition of `packages/federation/src/rules`, left out or',
    'turned in a copy. The explorer plays its short scenarios and the first 6,000 states of three longer',
    'ones; it notices what breaks a promise of [the specification](specs/round.md) §0, and the dishonest',
    'role is in brackets. The tests are those beside the rules, the conformance suite of ledgers among',
    'them; the first one that fails is named.',
    '',
    `Of ${all.length} conditions the explorer notices ${count(({ explorer }) => explorer !== '')}, the tests ` +
      `${count(({ test }) => test !== '')}, and none of both misses ${count(isMissed)}.`,
  ];
  for (const file of mutatedFiles) {
    lines.push(
      '',
      `## ${file}`,
      '',
      '| in | condition | change | explorer | test |',
      '| --- | --- | --- | --- | --- |',
    );
    for (const task of tried.filter((one) => one.file === file)) {
      const { explorer, test } = notices.get(task.key)!;
      const cells = [task.within, `\`${shorten(task.check)}\``, task.change, explorer, test];
      lines.push(`| ${cells.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** What a table says. */
export function readTable(text: string): Notices {
  const notices = new Map<string, Notice>();
  const seen = new Map<string, number>();
  let file = '';
  for (const line of text.split('\n')) {
    file = /^## (.*)$/.exec(line)?.[1] ?? file;
    const cells = line
      .slice(2, -2)
      .split(' | ')
      .map((cell) => cell.replaceAll('\\|', '|').trim());
    if (!line.startsWith('| ') || cells.length !== 5 || cells[0] === 'in' || cells[0] === '---') continue;
    notices.set(countKey(seen, keyOf(file, cells)), { explorer: cells[3]!, test: cells[4]! });
  }
  return notices;
}
