import type { z } from 'zod';
import { MisuseError } from '../errors.ts';
import { printable } from './text.ts';

/** Parses with a schema; throws `RECORD.malformed` that names the first offending field. */
export function parseRecord<T>(schema: z.ZodType<T>, value: unknown, record: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const path = printable(issue.path.join('.'));
  throw new MisuseError({
    code: `${record}.malformed`,
    expected: path === '' ? `a well-formed ${record}` : `a well-formed field ${path} in the ${record}`,
    found: printable(issue.message),
  });
}
