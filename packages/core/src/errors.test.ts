import { expect, test } from 'vitest';
import { MisuseError, NonetError, UndecidedError, unreachable } from './errors.ts';

const parts = { code: 'blob.truncated', expected: '10 bytes', found: '9' };

test('the message has what was expected, what was found, what to do', () => {
  const cause = new Error('below');
  const error = new NonetError({ ...parts, hint: 'Fetch it again.', cause });
  expect(error.message).toBe('expected 10 bytes, found 9. Fetch it again.');
  expect(error).toMatchObject({ ...parts, hint: 'Fetch it again.', name: 'NonetError', cause });
});

test('without a hint the message ends after what was found', () => {
  expect(new NonetError(parts).message).toBe('expected 10 bytes, found 9.');
});

test('misuse and undecided are told apart, and both are Nonet errors', () => {
  expect(new MisuseError(parts)).toBeInstanceOf(NonetError);
  expect(new UndecidedError(parts)).toBeInstanceOf(NonetError);
  expect(new MisuseError(parts)).not.toBeInstanceOf(UndecidedError);
  expect([new MisuseError(parts).name, new UndecidedError(parts).name]).toEqual([
    'MisuseError',
    'UndecidedError',
  ]);
});

test('an unreachable branch says that it is our defect', () => {
  expect(() => unreachable('new case' as never)).toThrow(
    expect.objectContaining({ code: 'internal.unreachable' }),
  );
});
