/** What findings are about, in words: ladder items, hype tests, coupling. */
import { hypeTests } from './hypeTests.ts';
import { ladderItems } from './ladders.ts';
import type { Subject } from './records.ts';

const texts = new Map<Subject, string>([
  ...ladderItems.map(({ id, text }) => [id, text] as const),
  ...hypeTests.map(({ id, text }) => [id, `${text} (${id})`] as const),
  ['coupling', 'Without the ledger the property is lost.'],
]);
/** The text of an item or a test. */
export const subjectText = (on: Subject): string => texts.get(on)!;
