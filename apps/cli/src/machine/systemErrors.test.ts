import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { NonetError } from '@nonet/core';
import { expect, test } from 'vitest';
import { explainSystemError } from './systemErrors.ts';

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

test.skipIf(process.platform !== 'linux')('a full disk, with what was to be done to which file', () => {
  const explained = explainSystemError(thrownBy(() => writeFileSync('/dev/full', 'x')));
  expect(explained).toMatchObject({ code: 'system.space', expected: 'room on the disk to write' });
  expect(explained?.hint).toContain('it goes on from there');
});

test('a full disk under the journal of the chain', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nonet-full-'));
  const database = new DatabaseSync(join(folder, 'journal.sqlite'));
  database.exec('CREATE TABLE t (x BLOB); PRAGMA max_page_count = 2');
  const full = thrownBy(() => database.exec('INSERT INTO t VALUES (zeroblob(100000))'));
  database.close();
  rmSync(folder, { recursive: true });
  expect(explainSystemError(full)).toMatchObject({ code: 'system.space', expected: 'room on the disk' });
});

test.each([
  ['EDQUOT', 'system.space'],
  ['EROFS', 'system.permission'],
  ['EACCES', 'system.permission'],
  ['EPERM', 'system.permission'],
  ['EMFILE', 'system.files'],
  ['ENFILE', 'system.files'],
])('%s, also as the cause of another error', (code, explained) => {
  const error = Object.assign(new Error(code), { code, syscall: 'open', path: 'runs/x/run.json' });
  const wrapped = new NonetError({ code: 'x', expected: 'a', found: 'b', cause: error });
  for (const thrown of [error, wrapped])
    expect(explainSystemError(thrown)).toMatchObject({ code: explained });
  expect(explainSystemError(error)?.expected).toContain('open runs/x/run.json');
});

test('says nothing of other errors', () => {
  for (const error of [new Error('x'), 'ENOSPC', undefined, thrownBy(() => JSON.parse('{'))]) {
    expect(explainSystemError(error)).toBeUndefined();
  }
});
