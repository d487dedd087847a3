import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addressOf, utf8 } from '@nonet/core';
import { toJson } from '@nonet/core/records';
import { sampleReceipt } from '@nonet/core/testing/receipt';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Reported } from '../../roles/messages.ts';
import { appendReport } from '../../runs/reports.ts';
import { createRun, type RunDirectory } from '../../runs/runDirectory.ts';
import { withoutColour } from '../../terminal/terminal.ts';
import { showStatus } from './status.ts';

const key = (digit: string) => `0x${digit.repeat(64)}` as const;
const keys = { creator: key('1'), aggregators: [key('2')], watcher: key('4') };
const fields = { name: 'Five hospitals', draft: addressOf(utf8('draft')), sites: 2, ledger: undefined };

const before = process.cwd();
let folder: string;
let run: RunDirectory;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nonet-status-'));
  process.chdir(folder);
  run = createRun({ ...fields, labels: ['common', 'rare'] }, keys);
});
afterEach(() => {
  vi.restoreAllMocks();
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

/** What the command prints, and what it says beside. */
function status(options: { readonly json?: true } = {}, name?: string) {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const notes = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  showStatus(name, options);
  const textOf = (spy: typeof out) => withoutColour(spy.mock.calls.map(([text]) => String(text)).join(''));
  const shown = { text: textOf(out), notes: textOf(notes) };
  vi.restoreAllMocks();
  return shown;
}

const report = (event: object) => appendReport(run, { time: 1, by: 'x', event } as unknown as Reported);
const stepped = (round: number, ...accepted: readonly number[]) =>
  report({ type: 'stepped', round, accepted });
const evaluated = (round: number, correct: number) =>
  report({
    type: 'evaluated',
    round,
    evaluation: {
      accuracy: correct / 100,
      confusion: [
        [correct, 95 - correct],
        [5, 0],
      ],
    },
  });

describe('a run that has only begun', () => {
  test('says how to go on, and what there is not yet', () => {
    const { text } = status();
    expect(text.split('\n')[0]).toBe(`Five hospitals  ${run.record.id}`);
    expect(text).toMatch(/^status +unfinished; the same nonet run resumes it$/m);
    expect(text).toMatch(/^ledger +embedded$/m);
    expect(text).toMatch(/^contract +none yet$/m);
    expect(text).toMatch(/^job +not on the ledger yet$/m);
    expect(text).toMatch(/^sites +2$/m);
    expect(text).toMatch(/^time spent +0.0 s$/m);
    expect(text).toMatch(/^anchored +no$/m);
    expect(text).toContain(run.path);
    expect(text).toContain('no round has stepped yet');
    expect(text).not.toMatch(/other run|accuracy|recall/);
  });

  test('names the others, and one is shown by its name', () => {
    const second = createRun({ ...fields, name: 'Another' }, keys);
    expect(status().text).toContain('Another');
    expect(status().text).toContain('1 other run in runs/');
    expect(status({}, run.record.id).text).toContain('Five hospitals');
    createRun(fields, keys);
    expect(status({}, second.record.id).text).toContain('2 other runs in runs/');
  });
});

describe('a run with rounds', () => {
  test('lists those that stepped, in order, as they were reported last', () => {
    // Of two processes, the one's report of round 2 comes before that of round 1.
    evaluated(1, 80);
    stepped(1, 0, 1);
    stepped(0, 0);
    stepped(0, 0, 1);
    evaluated(0, 60);
    stepped(2, 1);
    report({ type: 'trained', round: 7 });
    const { text } = status();
    const rows = text.split('\n').filter((line) => /^ +[0-9]+ /.test(line));
    expect(rows.map((row) => row.trim().split(/ +/))).toEqual([
      ['1', '2', '60.00', '%'],
      ['2', '2', '80.00', '%'],
      ['3', '1'],
    ]);
    expect(JSON.parse(status({ json: true }).text).rounds).toEqual([
      { round: 0, accepted: 2, accuracy: 0.6 },
      { round: 1, accepted: 2, accuracy: 0.8 },
      { round: 2, accepted: 1 },
    ]);
  });

  test('a model that was evaluated before its step was reported stands with no update yet', () => {
    evaluated(0, 60);
    expect(JSON.parse(status({ json: true }).text).rounds).toEqual([
      { round: 0, accepted: 0, accuracy: 0.6 },
    ]);
  });

  test('says how each label fares by the last evaluation, if the labels are known', () => {
    evaluated(0, 60);
    evaluated(1, 80);
    stepped(1, 0, 1);
    expect(status().text).toMatch(/^ *common +95 +84\.21 % /m);
    expect(status().text).not.toContain('63.16');
    const { labels: _, ...record } = run.record;
    writeFileSync(run.resolve('run.json'), JSON.stringify(record));
    expect(status().text).not.toContain('common');
  });

  test('that are over say so, where the ledger is, and how long it took', () => {
    const [contract, job] = [`0x${'1'.repeat(40)}`, key('5')] as const;
    run.update({
      status: 'complete',
      ledger: 'http://node',
      contract,
      job: job as never,
      secondsBefore: 100,
    });
    const { text } = status();
    expect(text).toMatch(/^status +complete$/m);
    expect(text).toMatch(/^ledger +http:\/\/node$/m);
    expect(text).toMatch(new RegExp(`^contract +${contract}$`, 'm'));
    expect(text).toMatch(new RegExp(`^job +${job}$`, 'm'));
    expect(text).toMatch(/^time spent +1 min 40 s$/m);
  });
});

describe('a receipt', () => {
  test('says where it is anchored', () => {
    writeFileSync(run.resolve('receipt.json'), toJson(sampleReceipt));
    const { block, transaction } = sampleReceipt.anchor!;
    expect(status().text).toContain(`in block ${block}, transaction ${transaction}`);
    expect(JSON.parse(status({ json: true }).text).anchor).toMatchObject({ transaction });
  });

  test.each(['{', '{"anchor": 1}'])('that is none is no anchor: %s', (text) => {
    writeFileSync(run.resolve('receipt.json'), text);
    expect(status().text).toMatch(/^anchored +no$/m);
    expect(JSON.parse(status({ json: true }).text)).toMatchObject({ anchor: null, path: run.path });
    const { notes } = status();
    if (text === '{') expect(notes).toContain(`receipt.json is not a readable receipt; see npx nonet verify`);
  });
});

test('no text of a run moves the cursor', () => {
  run.update({ ledger: 'http://a\u001b[2J\n✓ b' });
  const { text } = status();
  expect(text).not.toContain('\u001b');
  expect(text).not.toMatch(/^✓/m);
});
