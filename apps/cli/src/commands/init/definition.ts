/** `nonet init TABLE`: its arguments and options. */
import {
  Command,
  delimiterCharacter,
  jsonOption,
  namesOption,
  type OptionsOf,
  oneOf,
  properFraction,
  repeatedOption,
  valueOption,
  wholeNumber,
} from '../../terminal/options.ts';

/** How `nonet init` is called. */
export const initDefinition = new Command('init')
  .description('from a CSV or Parquet table to a job file and one site file per site')
  .argument('<table>', 'CSV with the names of the columns in its first row, or Parquet')
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
  .addOption(
    namesOption('--columns <names>', 'columns to predict from, by commas; without it all that are usable'),
  )
  .addOption(namesOption('--drop <names>', 'columns to leave out, by commas'))
  .addOption(
    repeatedOption('--kind <column=kind>', 'take a column for a number or a category; may be repeated'),
  )
  .addOption(
    repeatedOption(
      '--na <text>',
      'a text that means a missing value, beside NA and its like; may be repeated',
    ),
  )
  .option(
    '--statistics <receipt>',
    'take means, deviations, bounds and values from a count, which `nonet stats` left, and none from the table',
  )
  .option('--no-other', 'refuse categories that training did not have instead of counting them as other')
  .addOption(
    valueOption('--delimiter <character>', 'what parts the fields of the CSV file', delimiterCharacter),
  )
  .addOption(valueOption('--decimal <mark>', 'what precedes fractions: . or ,', oneOf('.', ',')))
  .option('--plain', 'leave updates readable; without it only their sum is, from 3 sites on')
  .option('--dry-run', 'say how the table would be read, and write nothing')
  .option('--out <folder>', 'where to write', '.')
  .option('--force', 'overwrite files of an earlier init')
  .addOption(jsonOption())
  .addHelpText(
    'after',
    '\nExample:\n  npx nonet init cancer.csv --target diagnosis --sites 3 --dry-run\n' +
      '  npx nonet init cancer.csv --target diagnosis --sites 3\n  npx nonet run cancer.job.yaml',
  );

/** What `init` gets beside its arguments. */
export type InitOptions = OptionsOf<typeof initDefinition>;
