/** Checks that run offline, each with its precision on a labelled sample. */
export * from './bytecode.ts';
export * from './licence.ts';
export * from './precision.ts';
export * from './probe.ts';
export * from './repository.ts';
