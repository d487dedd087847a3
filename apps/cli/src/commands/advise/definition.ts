/** `nonet advise NEEDS`: its arguments and options. */
import { Command, jsonOption, type OptionsOf } from '../../terminal/options.ts';

/** How `nonet advise` is called. */
export const adviseDefinition = new Command('advise')
  .description('what meets your needs today, ours or not, at what cost; or what comes nearest')
  .argument('[needs]', 'YAML file with your needs; with --compare: a prediction')
  .option('--template', 'a file with needs to begin with')
  .option('--write <folder>', 'write the job of the first way that Nonet can run, and its prediction, there')
  .option('--compare [run]', 'hold a prediction against its run; default: the latest run of its job')
  .addOption(jsonOption())
  .addHelpText(
    'after',
    `
Example:
  npx nonet advise --template > needs.yaml
  npx nonet advise needs.yaml --write trial

Exit code 1: nobody can meet the needs yet.`,
  );

/** What `advise` gets beside its arguments. */
export type AdviseOptions = OptionsOf<typeof adviseDefinition>;
