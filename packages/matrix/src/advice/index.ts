/** From needs to ways of meeting them, or to "a central server serves you better". */
export * from './advise.ts';
export * from './needs.ts';
export * from './options.ts';
export * from './predict.ts';
