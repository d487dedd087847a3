/** `nonet evaluate` and `nonet probe` as a user calls them. */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toJson } from '@nonet/core/records';
import { sampleReceipt } from '@nonet/core/testing/receipt';
import { projects } from '@nonet/matrix/projects';
import { afterAll, describe, expect, test } from 'vitest';
import { bytecodes } from '../packages/chain/src/artefacts/bytecodes.ts';
import { createFolder, nonet, root } from './nonet.ts';

const { path: cwd, remove } = createFolder();
afterAll(remove);

const write = (name: string, text: string) => writeFileSync(join(cwd, name), text);

describe('evaluate', () => {
  test('lists all projects with their verdicts, Nonet first', async () => {
    const { code, stdout } = await nonet(cwd, 'evaluate', '--as-of', '2026-11-30', '--json');
    expect(code).toBe(0);
    const { projects: listed, leads } = JSON.parse(stdout);
    expect(listed.map(({ id }: { id: string }) => id)).toEqual(projects.map(({ id }) => id));
    expect(listed[0]).toMatchObject({ id: 'nonet', verdict: 'under review', rule: 6 });
    expect(listed.length).toBeGreaterThan(30);
    expect(leads.length).toBeGreaterThan(20);
  });

  test('shows quotes, evidence with grade and age, and what would change the verdict', async () => {
    const { code, stdout } = await nonet(cwd, 'evaluate', 'ora', '--as-of', '2026-11-27');
    expect(code).toBe(0);
    for (const part of [
      'under review (rule 6',
      '(or anyone) will be able',
      'E2 for, 716 days old',
      'you trust',
      'What would change',
      'not asked for a reply',
    ]) {
      expect(stdout).toContain(part);
    }
    const constructed = await nonet(cwd, 'evaluate', 'wrapper');
    expect(constructed.stdout).toContain('a harder verdict is withheld: only one reviewer');
  });

  test('judges a file at a date: what expired counts no more', async () => {
    // By the first reading alone: the second contests what the verdict rests on.
    write('ezkl.json', JSON.stringify({ ...projects.find(({ id }) => id === 'ezkl'), second: undefined }));
    const now = JSON.parse(
      (await nonet(cwd, 'evaluate', 'ezkl.json', '--as-of', '2026-11-30', '--json')).stdout,
    );
    const later = JSON.parse(
      (await nonet(cwd, 'evaluate', 'ezkl.json', '--as-of', '2029-06-01', '--json')).stdout,
    );
    expect([now.decision.verdict, later.decision.verdict]).toEqual(['impact', 'under review']);
  });

  test('compares a project with a newer copy, and says what is quoted no more', async () => {
    const ora = projects.find(({ id }) => id === 'ora')!;
    write('README.md', `# OAO\n${ora.claims[0]!.quote}\n`);
    const fresh = await nonet(cwd, 'evaluate', 'ora', '--fresh', 'README.md');
    expect(fresh.code, fresh.stderr).toBe(0);
    expect(fresh.stdout).toContain('1 of 1 quote found word for word');
    expect(fresh.stdout).toContain('gone');
    for (const args of [
      ['--fresh', '.'],
      ['ora', '--fresh', 'none'],
      ['ora', '--fresh', '.', '--as-of', '2026-01-01'],
    ]) {
      expect((await nonet(cwd, 'evaluate', ...args)).code).toBe(2);
    }
  });

  test('finds a project by any of its names, and says which may be meant', async () => {
    for (const name of ['phala', 'DSTACK', 'dstack (Phala)']) {
      expect((await nonet(cwd, 'evaluate', name)).stdout).toContain('dstack (Phala): ');
    }
    const { code, stderr } = await nonet(cwd, 'evaluate', 'flare');
    expect([code, stderr.includes('Do you mean nvflare?')]).toEqual([2, true]);
  });

  test('counts hits and misses of the back-test', async () => {
    const { stdout } = await nonet(cwd, 'evaluate', '--backtest');
    expect(stdout).toMatch(/flagged +3 of 14/);
    expect(stdout).toContain('missed');
  });

  test('names file and field of a malformed project, and refuses what it would have to run', async () => {
    write('bad.yaml', 'version: 1\nid: x\n');
    write('project.ts', 'throw 1');
    write('large.json', JSON.stringify({ name: 'x'.repeat(2 ** 20) }));
    write('alias.yaml', 'name: &name x\nabout: *name\n');
    mkdirSync(join(cwd, 'folder.json'));
    for (const [args, ...says] of [
      [['bad.yaml'], 'project.malformed', 'bad.yaml', 'name'],
      [['project.ts'], 'project.file', 'JSON or YAML'],
      [['alias.yaml'], 'project.malformed', 'alias.yaml', 'without aliases'],
      [['large.json'], 'project.file', '1048587 bytes in large.json'],
      [['folder.json'], 'project.file', 'no file at folder.json'],
      [['nobody'], 'project.missing', 'ezkl'],
      [['--backtest', '--as-of', '2020-01-01'], 'cli.option', '--backtest alone'],
      [['ezkl', '--as-of', '2026-02-30'], 'cli.option', '2026-11-27'],
    ] as const) {
      const { code, stdout, stderr } = await nonet(cwd, 'evaluate', ...args);
      expect([code, stdout]).toEqual([2, '']);
      for (const part of says) expect(stderr).toContain(part);
    }
  });
});

describe('probe', () => {
  const git = (folder: string, ...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', ...args], {
      cwd: folder,
      env: {
        ...process.env,
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_COMMITTER_DATE: '2026-01-02T03:04:05Z',
        GIT_AUTHOR_DATE: '2026-01-02T03:04:05Z',
      },
    });

  test('reads a clone without running anything of it', async () => {
    const folder = join(cwd, 'clone');
    mkdirSync(join(folder, 'tests'), { recursive: true });
    writeFileSync(join(folder, 'README.md'), '# Thing\n\nThis software is unaudited.\n');
    writeFileSync(join(folder, 'tests/a.test.ts'), '');
    cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
    git(folder, 'init', '-q');
    git(folder, 'add', '.');
    git(folder, 'commit', '-q', '-m', 'First');
    // What the configuration of somebody's repository could start.
    const trap = join(cwd, 'trap.sh');
    writeFileSync(trap, `#!/bin/sh\ntouch ${join(cwd, 'sprung')}\n`);
    chmodSync(trap, 0o755);
    for (const key of ['core.fsmonitor', 'gpg.program', 'core.pager', 'core.sshCommand', 'diff.external']) {
      git(folder, 'config', key, trap);
    }
    git(folder, 'config', 'log.showSignature', 'true');
    writeFileSync(join(folder, 'tests/b.test.ts'), 'not committed');
    const { code, stdout, stderr } = await nonet(cwd, 'probe', 'clone', '--json');
    expect(code, stderr).toBe(0);
    expect(existsSync(join(cwd, 'sprung'))).toBe(false);
    const { committed, results } = JSON.parse(stdout);
    expect(committed).toBe('2026-01-02');
    const answers = Object.fromEntries(
      results.map(({ probe, answer, fact }: Record<string, string>) => [probe, [answer, fact]]),
    );
    expect(answers).toMatchObject({
      tests: ['yes', '1 source files on test paths'],
      ci: ['no', expect.anything()],
      licence: ['yes', 'Apache-2.0 (LICENSE)'],
      contradictions: ['yes', 'says: "This software is unaudited."'],
      activity: ['no', expect.stringContaining('by 1 addresses')],
    });
    for (const { precision, probe } of results)
      expect(precision?.cases ?? 0, probe).toBeGreaterThanOrEqual(probe === 'activity' ? 0 : 20);
  });

  test('finds no administrator in our own contract, and one in a contract that has one', async () => {
    write('ours.hex', `0x${Object.values(bytecodes).join('').replaceAll('0x', '')}`);
    expect((await nonet(cwd, 'probe', 'ours.hex')).stdout).toContain('no known function of an administrator');
    write('theirs.hex', '0x608060405280638da5cb5b1461001057');
    expect((await nonet(cwd, 'probe', 'theirs.hex')).stdout).toContain('owner()');
  });

  test('hands a receipt to verify', async () => {
    write('receipt.json', toJson(sampleReceipt));
    const probed = await nonet(cwd, 'probe', 'receipt.json');
    const verified = await nonet(cwd, 'verify', 'receipt.json');
    expect([probed.code, probed.stdout]).toEqual([verified.code, verified.stdout]);
  });

  test('says how often it errs', async () => {
    const { code, stdout } = await nonet(cwd, 'probe');
    expect(code).toBe(0);
    expect(stdout).toMatch(/contradictions +64 +17 of 22/);
  });

  test('refuses what it does not know', async () => {
    write('proof.bin', 'a proof');
    mkdirSync(join(cwd, 'empty'), { recursive: true });
    for (const [thing, says] of [
      ['proof.bin', 'no format for proofs yet'],
      ['nothing', 'probe.missing'],
      ['empty', 'probe.repository'],
      ['/dev/null', 'neither a file nor a folder'],
    ] as const) {
      const { code, stdout, stderr } = await nonet(cwd, 'probe', thing);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toContain(says);
    }
  });
});
