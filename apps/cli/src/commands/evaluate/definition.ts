/** `nonet evaluate [PROJECT]`: its arguments and options. */
import { Command, day, jsonOption, type OptionsOf, valueOption } from '../../terminal/options.ts';

/** How `nonet evaluate` is called. */
export const evaluateDefinition = new Command('evaluate')
  .description("judge a project's claims by evidence, and say what would change the verdict")
  .argument(
    '[project]',
    'a project of the catalogue, or a project file (JSON, YAML); default: a table of all',
  )
  .addOption(
    valueOption('--as-of <day>', 'count only evidence of that day: published before, not expired', day),
  )
  .option('--fresh <path>', 'a newer clone or file of a source: what changed there since the pin')
  .option('--backtest', 'would the ladders have warned of 19 past incidents?')
  .addOption(jsonOption())
  .addHelpText(
    'after',
    '\nExample:\n  npx nonet evaluate ezkl\n  npx nonet evaluate nonet --as-of 2027-06-01\n  npx nonet evaluate nonet --fresh .',
  );

/** What `evaluate` gets beside its arguments. */
export type EvaluateOptions = OptionsOf<typeof evaluateDefinition>;
