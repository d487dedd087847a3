/** `nonet status [RUN]`: its arguments and options. */
import { Command, jsonOption, type OptionsOf } from '../../terminal/options.ts';

/** How `nonet status` is called. */
export const statusDefinition = new Command('status')
  .description('what is happening in a run, here and on the ledger')
  .argument('[run]', 'run ID or folder; default: the latest')
  .addOption(jsonOption());

/** What `status` gets beside its arguments. */
export type StatusOptions = OptionsOf<typeof statusDefinition>;
