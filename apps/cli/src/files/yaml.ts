/** YAML with a schema: errors name the file and the line, or the field. */
import { MisuseError } from '@nonet/core';
import { parseRecord } from '@nonet/core/records';
import { type Document, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import type { z } from 'zod';

/** Of a file that people write: a job of 40,000 columns. Its tree takes a hundred times as much. */
const maximumCharacters = 4 * 2 ** 20;

/** Throws `RECORD.malformed`. Takes time in proportion to the text. */
export function parseYaml<T>(schema: z.ZodType<T>, text: string, path: string, record: string): T {
  if (text.length > maximumCharacters) {
    throw new MisuseError({
      code: `${record}.malformed`,
      expected: `at most ${maximumCharacters} characters of YAML in ${path}`,
      found: `${text.length}`,
    });
  }
  const lineCounter = new LineCounter();
  // Its own search for repeated keys compares each with all before it.
  const document = parseDocument(text, { logLevel: 'error', uniqueKeys: false, lineCounter });
  const error = document.errors[0];
  if (error !== undefined) {
    const line = error.linePos?.[0].line;
    throw new MisuseError({
      code: `${record}.malformed`,
      expected: `YAML in ${path}`,
      found: `${error.message.split('\n')[0]}${line === undefined ? '' : ` (line ${line})`}`,
    });
  }
  const repeated = findRepeatedKey(document);
  if (repeated !== undefined) {
    throw new MisuseError({
      code: `${record}.malformed`,
      expected: `each key once in ${path}`,
      found: `${JSON.stringify(repeated.key)} again (line ${lineCounter.linePos(repeated.offset).line})`,
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

/** The first key that its map has already: the later value would replace the earlier one. */
function findRepeatedKey(document: Document): { readonly key: string; readonly offset: number } | undefined {
  let repeated: { key: string; offset: number } | undefined;
  visit(document, {
    Map(_, { items }) {
      const known = new Set<string>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        // A key that is no text becomes one, as in the value.
        const name = String(key.value);
        if (known.has(name)) repeated ??= { key: name, offset: key.range?.[0] ?? 0 };
        known.add(name);
      }
    },
  });
  return repeated;
}
