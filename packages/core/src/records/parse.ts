import type { z } from 'zod';
import { MisuseError } from '../errors.ts';
import { checkSchema } from './schemaFault.ts';

/**
 * Parses with a schema; throws `RECORD.malformed` that names the first offending field. `whole` is
 * what its message calls the value: `the needs in needs.yaml`.
 */
export function parseRecord<T>(
  schema: z.ZodType<T>,
  value: unknown,
  record: string,
  whole = `the ${record}`,
): T {
  const result = checkSchema(schema, value, whole);
  if (result.success) return result.data;
  const { path: _, ...parts } = result.fault;
  throw new MisuseError({ code: `${record}.malformed`, ...parts });
}
