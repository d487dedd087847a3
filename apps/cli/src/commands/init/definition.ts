/** `nonet init TABLE`: its arguments and options. */
import {
  Command,
  jsonOption,
  type OptionsOf,
  oneOf,
  properFraction,
  valueOption,
  wholeNumber,
} from '../../terminal/options.ts';

/** How `nonet init` is called. */
export const initDefinition = new Command('init')
  .description('from a CSV or Parquet table to a job file and one site file per site')
  .argument('<table>', 'CSV with a header row, or Parquet')
  .requiredOption('--target <column>', 'the column to predict')
  .addOption(
    valueOption('--sites <number>', 'how many sites to split the rows among', wholeNumber(1, 1000)).default(
      3,
    ),
  )
  .addOption(valueOption('--rounds <number>', 'rounds of training', wholeNumber(1, 65535)).default(15))
  .addOption(
    valueOption('--test <fraction>', 'share of the rows kept as the public test set', properFraction).default(
      0.2,
    ),
  )
  .addOption(
    valueOption(
      '--missing <rule>',
      'missing values: refuse, drop the row, or use the mean',
      oneOf('refuse', 'drop', 'mean'),
    ).default('refuse'),
  )
  .option('--out <folder>', 'where to write', '.')
  .option('--force', 'overwrite files of an earlier init')
  .addOption(jsonOption())
  .addHelpText(
    'after',
    '\nExample:\n  nonet init cancer.csv --target diagnosis --sites 3\n  nonet run cancer.job.yaml',
  );

/** What `init` gets beside its arguments. */
export type InitOptions = OptionsOf<typeof initDefinition>;
