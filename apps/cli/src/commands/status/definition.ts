/** `nonet status [RUN]`: its arguments and options. */
import { Command, jsonOption, type OptionsOf } from '../../terminal/options.ts';

export const statusDefinition = new Command('status')
  .description('what is happening in a run, here and on the ledger')
  .argument('[run]', 'run ID or folder; default: the latest')
  .addOption(jsonOption());

export type StatusOptions = OptionsOf<typeof statusDefinition>;
