/**
 * Errors, bytes, hashes, content addresses, Merkle trees, public randomness. No dependencies; runs
 * in Node and in browsers.
 */
export * from './bytes.ts';
export * from './clock.ts';
export * from './content.ts';
export * from './contentTree.ts';
export * from './errors.ts';
export * from './hash.ts';
export * from './merkle.ts';
export * from './random.ts';
