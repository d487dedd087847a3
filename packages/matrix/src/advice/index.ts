/** From needs to ways of meeting them: by others today, by Nonet, or by nobody yet. */
export * from './advise.ts';
export * from './needs.ts';
export * from './objections.ts';
export * from './options.ts';
export * from './predict.ts';
export * from './ways.ts';
