/**
 * Jobs, mechanisms and evidence: what is run, how guarantees are delivered, what a run leaves
 * behind.
 */
export * from './evidence.ts';
export * from './figures.ts';
export * from './job.ts';
export { toJson } from './json.ts';
export * from './mechanism.ts';
export { parseRecord } from './parse.ts';
export * from './query.ts';
export { checkSchema, type SchemaFault, type SchemaResult } from './schemaFault.ts';
export { printable, quoteArgument, textSchema } from './text.ts';
