/** `nonet advise NEEDS`: its arguments and options. */
import { Command, jsonOption, type OptionsOf } from '../../terminal/options.ts';

/** How `nonet advise` is called. */
export const adviseDefinition = new Command('advise')
  .description('which mechanisms meet your needs, at what cost; or that a central server serves you better')
  .argument('[needs]', 'YAML file with your needs; with --compare: a prediction')
  .option('--template', 'a file with needs to begin with')
  .option('--write <folder>', 'write the job of the first recommendation, and its prediction, there')
  .option('--compare [run]', 'hold a prediction against its run; default: the latest run of its job')
  .addOption(jsonOption())
  .addHelpText(
    'after',
    `
Example:
  npx nonet advise --template > needs.yaml
  npx nonet advise needs.yaml --write trial

Exit code 1: nothing in this version meets the needs.`,
  );

/** What `advise` gets beside its arguments. */
export type AdviseOptions = OptionsOf<typeof adviseDefinition>;
