/** YAML with a schema: errors name the file and the line, or the field. */
import { MisuseError } from '@nonet/core';
import { parseRecord } from '@nonet/core/records';
import { type Document, isScalar, parseDocument, visit } from 'yaml';
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
  // The parser compares each key of a map with all others; `findRepeatedKey` does not.
  const document = parseDocument(text, { logLevel: 'error', uniqueKeys: false });
  const refuse = (found: string, line: number | undefined): never => {
    throw new MisuseError({
      code: `${record}.malformed`,
      expected: `YAML in ${path}`,
      found: `${found}${line === undefined ? '' : ` (line ${line})`}`,
    });
  };
  const error = document.errors[0];
  if (error !== undefined) refuse(error.message.split('\n')[0]!, error.linePos?.[0].line);
  let value: unknown;
  try {
    const repeated = findRepeatedKey(document);
    if (repeated !== undefined) {
      refuse(`the key ${repeated.key} twice in one map`, text.slice(0, repeated.offset).split('\n').length);
    }
    value = document.toJS({ maxAliasCount: 0 });
  } catch (cause) {
    if (cause instanceof MisuseError) throw cause;
    throw new MisuseError({
      code: `${record}.malformed`,
      expected: `YAML without aliases in ${path}`,
      found: cause instanceof Error ? cause.message : String(cause),
      hint: 'Write each value out where it is used.',
      cause,
    });
  }
  return parseRecord(schema, value, record, `the ${record} in ${path}`);
}

/** A key that a map has twice, and where in the text. */
function findRepeatedKey(document: Document): { readonly key: string; readonly offset: number } | undefined {
  let repeated: { key: string; offset: number } | undefined;
  visit(document, {
    Map(_, { items }) {
      const known = new Set<string>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        // A key that is no text becomes one, as in the value.
        const name = String(key.value);
        if (known.has(name)) {
          repeated = { key: name.slice(0, 80), offset: key.range?.[0] ?? 0 };
          return visit.BREAK;
        }
        known.add(name);
      }
      return undefined;
    },
  });
  return repeated;
}
