/**
 * Writes docs/questions.md and docs/needs.md: ten questions that people bring to the matrix, answered by the tool's
 * own output. Everything is fixed, the day, the seeds, the needs and one receipt in
 * docs/questions/, so that the document is the same wherever it is made; a test makes it again and
 * compares. And the needs of docs/needs/, each with the answer that it gets. `npm run questions`
 * writes both.
 *
 * The receipt is of `nonet init examples/cancer.csv --target diagnosis --sites 3 --rounds 3` and
 * `nonet run`; after a change in the format of receipts, make it again.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { renderAdvice } from '../apps/cli/src/commands/advise/adviceText.ts';
import { renderLimits } from '../apps/cli/src/commands/limits/limitsText.ts';
import { parseYaml } from '../apps/cli/src/files/yaml.ts';
import { withoutColour } from '../apps/cli/src/terminal/terminal.ts';
import { NonetError } from '../packages/core/src/index.ts';
import { parseReceipt } from '../packages/core/src/receipt/index.ts';
import { federationMechanisms } from '../packages/federation/src/index.ts';
import {
  computeLimits,
  type LimitsRequest,
  limitsView,
  scenarios,
  uncoupled,
} from '../packages/limits/src/index.ts';
import { advise, needsSchema, parseNeeds } from '../packages/matrix/src/advice/index.ts';

const root = join(import.meta.dirname, '..');
const inputs = join(root, 'docs/questions');
const asOf = '2026-11-30';
const run = promisify(execFile);

interface Question {
  readonly ask: string;
  /** What to look for in the answer. */
  readonly note: string;
  readonly commands: readonly string[];
}

/** Sections of `nonet limits` by the beginning of their titles. */
const limitsSections: Readonly<Record<string, readonly string[]>> = {
  'nonet limits': ['At the start', 'The largest', 'By what was known', 'The trend', 'What decides'],
  'nonet limits --private-data': ['At the start', 'The largest', 'The trend'],
  'nonet limits --target 2e29 --probability 0.8': ['What would'],
};

const questions: readonly Question[] = [
  {
    ask: 'Which mechanisms should I use?',
    note: 'Five hospitals that do not trust an operator get a way that Nonet runs. With personal data it adds noise, and one has to believe more. More needs with their answers: [needs.md](needs.md).',
    commands: ['nonet advise hospitals.yaml', 'nonet advise patients.yaml', 'nonet advise large.yaml'],
  },
  {
    ask: 'Is this project real, or hype?',
    note: 'Claims are judged, not projects, each with its quote; what would change the verdict is the last part.',
    commands: ['nonet evaluate sorachain'],
  },
  {
    ask: 'What does privacy or verifiability cost me?',
    note: 'Measured in one run, whose receipt is beside this document. What was not measured is left open.',
    commands: ['nonet matrix --view triangle --run receipt.json'],
  },
  {
    ask: 'Which limit binds my plan, and when?',
    note: 'The model of Epoch AI (CC BY 4.0), all four constraints together, by its own inputs of 2024 and by two newer sets.',
    commands: ['nonet limits'],
  },
  {
    ask: 'How much does locked-up private data buy?',
    note: 'With private data the stock of text is six times as large, and compute that data allow grows with its square; compare with the question before.',
    commands: ['nonet limits --private-data'],
  },
  {
    ask: 'Can we train this together over our links?',
    note: 'Ten million parameters on thirty-two machines over 20 Mbit/s: time, the share of it that is spent computing, traffic, energy.',
    commands: ['nonet advise links.yaml'],
  },
  {
    ask: 'What has changed since last quarter?',
    note: 'New records, levels of claims that their evidence has moved, and cells whose evidence only got older.',
    commands: ['nonet matrix --since 2026-08-27'],
  },
  {
    ask: 'What would have to be true?',
    note: 'For a training run of 2e29 FLOP at 80 %, and for a cell to become strong: the lines that begin with "surely strong".',
    commands: ['nonet limits --target 2e29 --probability 0.8', 'nonet matrix verifiability-scalability'],
  },
  {
    ask: 'What is proven, measured, assumed?',
    note: 'One receipt, checked piece by piece without its blobs and without its ledger.',
    commands: ['nonet verify receipt.json'],
  },
  {
    ask: 'Who disagrees, and why?',
    note: "One cell: the editor's opinion, what was measured, and what projects claim, side by side and never mixed.",
    commands: ['nonet matrix verifiability-decentralisation'],
  },
];

/** The whole document. */
export async function answerQuestions(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'nonet-questions-'));
  try {
    cpSync(inputs, folder, { recursive: true });
    // As if the receipt's run had been measured here.
    const { evidence } = parseReceipt(JSON.parse(readFileSync(join(inputs, 'receipt.json'), 'utf8')));
    mkdirSync(join(folder, 'runs/bench'), { recursive: true });
    writeFileSync(join(folder, 'runs/bench/receipt.json'), JSON.stringify(evidence));
    const sections: string[] = [];
    for (const [i, question] of questions.entries()) sections.push(await answer(i + 1, question, folder));
    return [
      '# Ten questions, answered by the tool',
      '',
      `Made by \`npm run questions\` as of ${asOf}, from the needs and the receipt in [questions/](questions/); a test makes it again and compares.`,
      'What is said to be measured was measured in that receipt: three sites, three rounds, on 2 virtual cores of an AMD EPYC, Linux, Node 24.21.',
      '',
      ...sections,
    ].join('\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function answer(number: number, { ask, note, commands }: Question, folder: string): Promise<string> {
  const outputs: string[] = [];
  for (const command of commands) {
    const shown = limitsSections[command];
    const output = shown === undefined ? await outputOf(command, folder) : limitsOutput(command, shown);
    outputs.push(`\`\`\`\n$ ${command}\n${output.trimEnd()}\n\`\`\`\n`);
  }
  return `## ${number}. ${ask}\n\n${note}\n\n${outputs.join('\n')}`;
}

async function outputOf(command: string, folder: string): Promise<string> {
  const [, name, ...rest] = command.split(' ');
  const dated = name === 'matrix' || name === 'evaluate' ? ['--as-of', asOf] : [];
  // The triangle is of one run and has no day.
  const day = rest.includes('--view') ? [] : dated;
  const program = join(root, 'apps/cli/bin/nonet.js');
  try {
    const { stdout } = await run(process.execPath, [program, name!, ...rest, ...day], {
      cwd: folder,
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
    });
    return stdout;
  } catch (error) {
    // "Nobody can yet" is an answer, with exit code 1.
    const { code, stdout, stderr } = error as { code?: number; stdout?: string; stderr?: string };
    if (code === 1 && stdout !== undefined && stdout !== '') return stdout;
    throw new NonetError({
      code: 'questions.command',
      expected: `${command} to answer`,
      found: stderr ?? String(error),
    });
  }
}

/**
 * The same that the command prints, at a fixed day, without the sections that answer something
 * else.
 */
function limitsOutput(command: string, shown: readonly string[]): string {
  const request: LimitsRequest = {
    scenario: scenarios.epoch2024,
    draws: 100_000,
    seed: 1,
    year: 2030,
    beside: Object.values(scenarios),
    coupling: command.includes('--private-data') ? { ...uncoupled, privateDataShare: 1 } : uncoupled,
    ...(command.includes('--target') ? { target: { flop: 2e29, probability: 0.8 } } : {}),
  };
  const view = limitsView(computeLimits(request), request.scenario, `${asOf}T00:00:00.000Z`);
  return withoutColour(renderLimits(view))
    .split('\n\n')
    .filter((section, i, all) => shown.some((title) => (i === 2 ? all[1]! : section).startsWith(title)))
    .join('\n\n');
}

/** docs/needs.md: each needs file with its answer, without what was rejected. */
export function answerNeeds(): string {
  const folder = join(root, 'docs/needs');
  const available = federationMechanisms.map(({ id }) => id);
  const sections = readdirSync(folder)
    .toSorted()
    .map((file) => {
      const text = readFileSync(join(folder, file), 'utf8');
      const needs = parseNeeds(parseYaml(needsSchema, text, file, 'needs'));
      const told = withoutColour(renderAdvice(advise(needs, { available, runs: [] })));
      const said = text
        .split('\n')
        .filter((line) => line.startsWith('# '))
        .map((line) => line.slice(2))
        .join(' ');
      const [answer] = told.split(/\n\n(?:Why not|What stands against)/);
      return `## ${file.replace('.yaml', '')}\n\n${said} [The needs.](needs/${file})\n\n\`\`\`\n$ nonet advise ${file}\n${answer}\n\`\`\`\n`;
    });
  return [
    '# Needs, and what they are answered',
    '',
    'Made by `npm run questions`; a test makes it again and compares. What was rejected, and why, is left out here; the command prints it. An answer is one of three: what of others can be used today, what Nonet can do at which price, or that nobody can yet and what comes nearest.',
    '',
    ...sections,
  ].join('\n');
}

if (import.meta.main) {
  writeFileSync(join(root, 'docs/questions.md'), await answerQuestions());
  writeFileSync(join(root, 'docs/needs.md'), answerNeeds());
}
