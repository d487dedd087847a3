/** `nonet probe [THING]`: its arguments and options. */
import { Command, jsonOption, type OptionsOf } from '../../terminal/options.ts';

/** How `nonet probe` is called. */
export const probeDefinition = new Command('probe')
  .description('one offline check of a repository, of the code of a contract, or of a receipt')
  .argument('[thing]', 'clone, file with hexadecimal code, or receipt; default: how often each probe errs')
  .addOption(jsonOption())
  .addHelpText('after', '\nExample:\n  npx nonet probe .\n  npx nonet probe contract.hex');

/** What `probe` gets beside its arguments. */
export type ProbeOptions = OptionsOf<typeof probeDefinition>;
