/** YAML with a schema: errors name the file and the line, or the field. */
import { MisuseError } from '@nonet/core';
import { parseRecord } from '@nonet/core/records';
import { parseDocument } from 'yaml';
import type { z } from 'zod';

/** Throws `RECORD.malformed`. */
export function parseYaml<T>(schema: z.ZodType<T>, text: string, path: string, record: string): T {
  const document = parseDocument(text, { logLevel: 'error' });
  const error = document.errors[0];
  if (error !== undefined) {
    const line = error.linePos?.[0].line;
    throw new MisuseError({
      code: `${record}.malformed`,
      expected: `YAML in ${path}`,
      found: `${error.message.split('\n')[0]}${line === undefined ? '' : ` (line ${line})`}`,
    });
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 0 });
  } catch (cause) {
    throw new MisuseError({
      code: `${record}.malformed`,
      expected: `YAML without aliases in ${path}`,
      found: cause instanceof Error ? cause.message : String(cause),
      hint: 'Write each value out where it is used.',
      cause,
    });
  }
  try {
    return parseRecord(schema, value, record);
  } catch (cause) {
    if (!(cause instanceof MisuseError)) throw cause;
    throw new MisuseError({
      code: cause.code,
      expected: `${cause.expected} file ${path}`,
      found: cause.found,
      cause,
    });
  }
}
