/** What tests of other packages need: words that are neither secret nor random. */
export { createSeededWords } from './seededWords.ts';
