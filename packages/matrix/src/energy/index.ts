/** Energy: measured, modelled or declared, and never without saying which. */
export * from './coefficients.ts';
export * from './energy.ts';
export * from './figures.ts';
