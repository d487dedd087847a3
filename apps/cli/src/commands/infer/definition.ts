/** `nonet infer MODEL ROWS`: its arguments and options. */
import {
  Command,
  delimiterCharacter,
  jsonOption,
  type OptionsOf,
  oneOf,
  valueOption,
} from '../../terminal/options.ts';

/** How `nonet infer` is called. */
export const inferDefinition = new Command('infer')
  .description('predictions of an exported model for the rows of a table')
  .argument('<model>', 'ONNX file written by nonet export')
  .argument('<rows>', 'CSV or Parquet with the columns of the model')
  .option('--skip-bad-rows', 'leave out rows that cannot be read, and say how many')
  .addOption(
    valueOption('--delimiter <character>', 'what parts the fields of the CSV file', delimiterCharacter),
  )
  .addOption(valueOption('--decimal <mark>', 'what precedes fractions: . or ,', oneOf('.', ',')))
  .addOption(jsonOption());

/** What `infer` gets beside its arguments. */
export type InferOptions = OptionsOf<typeof inferDefinition>;
