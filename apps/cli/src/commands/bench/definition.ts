/** `nonet bench [SUITE]`: its arguments and options. */
import { Command, jsonOption, type OptionsOf } from '../../terminal/options.ts';

/** How `nonet bench` is called. */
export const benchDefinition = new Command('bench')
  .description('run a benchmark of the repository: a table, and evidence for the matrix')
  .argument('[suite]', 'without one: lists them')
  .addOption(jsonOption())
  .addHelpText('after', '\nExample:\n  npx nonet bench\n  npx nonet bench size --json > size.json');

/** What `bench` gets beside its arguments. */
export type BenchOptions = OptionsOf<typeof benchDefinition>;
