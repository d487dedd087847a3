/**
 * Texts that others wrote, as each command shows them: they begin no line, leave no gap that would
 * push words to where lines begin, and move no cursor.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toJson } from '@nonet/core/records';
import { createSampleReceipt, sampleEvidence } from '@nonet/core/testing/receipt';
import { projects } from '@nonet/matrix/projects';
import { afterAll, expect, test } from 'vitest';
import { createFolder, nonet, root } from './nonet.ts';

const { path: cwd, remove } = createFolder();
afterAll(remove);

/** As far as files that must hold one line of text let it in. */
const line = `well${' '.repeat(90)}✓ forged`;
/** As files without that rule let it in. */
const lines = `well\u001b[2J\u202e\u009b\n${' '.repeat(40)}✓ forged`;

const write = (name: string, content: string) => {
  mkdirSync(join(cwd, name, '..'), { recursive: true });
  writeFileSync(join(cwd, name), content);
};
const json = (name: string, value: unknown) => write(name, JSON.stringify(value));

const hash = `0x${'1'.repeat(64)}`;
const measured = {
  kind: 'measurement',
  sentence: line,
  cells: ['privacy-security'],
  origin: { type: 'run', run: 'bench example', machine: 'm', commit: 'c' },
  figures: {},
  check: { how: 'none', because: 'an example' },
  date: '2026-01-01T00:00:00Z',
  grade: 4,
};

function writeTable(): void {
  const [head, ...rows] = readFileSync(join(root, 'examples/cancer.csv'), 'utf8').trim().split('\n');
  write('table.csv', [head, ...rows.map((row) => row.replace(/malignant|\bM\b/, line))].join('\n'));
}

/** The command, and what it is given to show. */
const cases: Readonly<Record<string, { give: () => unknown; args: readonly string[] }>> = {
  verify: {
    give: async () => {
      const [first, ...rest] = sampleEvidence;
      const evidence = [{ ...first!, sentence: line }, ...rest];
      write('receipt.json', toJson(await createSampleReceipt({ evidence })));
    },
    args: ['receipt.json'],
  },
  status: {
    give: () => {
      json('runs/a-run/run.json', {
        version: 1,
        id: 'a-run',
        name: lines,
        draft: hash,
        created: '2026-01-01T00:00:00Z',
        status: 'complete',
        ledger: lines,
        sites: 1,
        secondsBefore: 1,
      });
      json('runs/a-run/keys.json', { creator: hash, aggregators: [hash], watcher: hash });
    },
    args: ['a-run'],
  },
  evaluate: {
    give: () => {
      const project = projects.find(({ id }) => id === 'dstack')!;
      json('project.json', { ...project, about: line });
    },
    args: ['project.json'],
  },
  probe: {
    give: () => {
      write('clone/README.md', `This software is unaudited, ${line}\n`);
      const git = (...args: string[]) =>
        execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.example', ...args], {
          cwd: join(cwd, 'clone'),
          env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null' },
        });
      git('init', '-q');
      git('add', '.');
      git('commit', '-q', '-m', 'First');
    },
    args: ['clone'],
  },
  limits: {
    give: () => write('mine.yaml', `title: ${JSON.stringify(line)}\nsource: us\nparameters: {}\n`),
    args: ['--scenario', 'mine.yaml', '--draws', '500'],
  },
  matrix: { give: () => json('runs/bench/example.json', [measured]), args: ['privacy-security'] },
  init: {
    give: writeTable,
    args: ['table.csv', '--target', 'diagnosis', '--sites', '2'],
  },
  advise: {
    give: async () => {
      writeTable();
      const { stdout } = await nonet(cwd, 'advise', '--template');
      write('needs.yaml', `${stdout}\ntable: { file: table.csv, target: diagnosis }\n`);
    },
    args: ['needs.yaml', '--write', 'advised'],
  },
  export: {
    give: () => {},
    args: [lines],
  },
};

test.each(Object.entries(cases))('%s', async (command, { give, args }) => {
  await give();
  const { stdout, stderr } = await nonet(cwd, command, ...args);
  const shown = stdout + stderr;
  expect(shown).toContain('✓ forged');
  expect(shown).not.toMatch(/[^\n\P{Cc}]|[\u2028\u2029\p{Bidi_Control}]/u);
  expect(shown).not.toMatch(/^\s*✓ forged/m);
  expect(shown).not.toMatch(/ {2,}✓ forged/);
});

test('an error quotes a name that way, too', async () => {
  json('bad.json', { [lines]: 1 });
  const { code, stderr } = await nonet(cwd, 'evaluate', 'bad.json');
  expect(code).toBe(2);
  expect(stderr).not.toMatch(/[^\n\P{Cc}]|\p{Bidi_Control}|^\s*✓ forged| {2,}✓ forged/mu);
});
