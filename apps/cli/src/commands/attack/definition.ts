/** `nonet attack [NAME]`: its arguments and options. */
import { Command, jsonOption, type OptionsOf, valueOption } from '../../terminal/options.ts';

/** How `nonet attack` is called. */
export const attackDefinition = new Command('attack')
  .description('attack a guarantee, with and without it: what was claimed, what was measured')
  .argument('[name]', 'without one: lists them')
  .option('--out <folder>', 'where evidence and images go instead of runs/attacks, where the matrix reads')
  .addOption(
    valueOption('--seed <number>', 'of what is not secret: models, data, order', {
      wanted: 'a whole number from 0 to 4294967295',
      parse: (text) => (/^\d{1,10}$/.test(text) && Number(text) < 2 ** 32 ? Number(text) : undefined),
    }).default(1),
  )
  .option('--long', 'more runs, for tighter bounds; minutes instead of one')
  .addOption(jsonOption())
  .addHelpText(
    'after',
    `
Exit codes: 0 the guarantee holds, 1 it is broken, 3 the attack fails without it too, so says nothing.

Example:
  npx nonet attack
  npx nonet attack inversion --out inverted`,
  );

/** What `attack` gets beside its arguments. */
export type AttackOptions = OptionsOf<typeof attackDefinition>;
