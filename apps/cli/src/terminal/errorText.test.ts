import { MisuseError, NonetError, UndecidedError } from '@nonet/core';
import { expect, test } from 'vitest';
import { errorDocument, exitCodeOfError, formatError } from './errorText.ts';
import { withoutColour } from './terminal.ts';

const parts = { code: 'job.file', expected: 'a job file', found: 'no such file' };

test('an error says what was expected, what was found, what to do, and its code', () => {
  const error = new NonetError({ ...parts, hint: 'Write one.' });
  expect(withoutColour(formatError(error))).toBe(
    '✗ expected a job file\n  found no such file\n  Write one.\n  (job.file)',
  );
});

test('an error may quote the file of a stranger, whose control characters do nothing', () => {
  const text = withoutColour(formatError(new NonetError({ ...parts, found: 'a\u001b[2Jb' })));
  expect(text).not.toContain('\u001b');
});

test('an unknown error keeps its stack; it is a defect to be reported', () => {
  expect(formatError(new Error('x'))).toContain('Error: x\n    at ');
  expect(formatError('text')).toBe('text');
});

test('as a document, an error always has the same fields', () => {
  expect(errorDocument(new NonetError({ ...parts, hint: 'Write one.' }))).toEqual({
    error: { ...parts, hint: 'Write one.' },
  });
  expect(errorDocument(new NonetError(parts))).toEqual({ error: { ...parts, hint: null } });
  expect(errorDocument(new Error('x'))).toEqual({
    error: {
      code: 'internal',
      expected: 'no error inside the program',
      found: 'Error: x',
      hint: null,
    },
  });
});

test('the exit code tells misuse and what is undecided from other failures', () => {
  const codes = [MisuseError, UndecidedError, NonetError].map((Kind) => exitCodeOfError(new Kind(parts)));
  expect([...codes, exitCodeOfError(new Error('x'))]).toEqual([2, 3, 1, 1]);
});
