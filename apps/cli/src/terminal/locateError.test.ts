import { MisuseError, NonetError } from '@nonet/core';
import { expect, test } from 'vitest';
import { locateError } from './locateError.ts';

test('a located error is a mistake of the caller, and keeps code, finding, hint and cause', () => {
  const cause = new NonetError({ code: 'a.b', expected: '3 fields', found: '2', hint: 'Add one.' });
  const error = locateError(cause, 'in x.csv');
  expect(error).toBeInstanceOf(MisuseError);
  expect(error).toMatchObject({ code: 'a.b', expected: '3 fields, in x.csv', found: '2', hint: 'Add one.' });
  expect(error).toHaveProperty('cause', cause);
});

test('a defect is not the mistake of the caller', () => {
  const defect = new TypeError('x');
  expect(locateError(defect, 'in x.csv')).toBe(defect);
});
