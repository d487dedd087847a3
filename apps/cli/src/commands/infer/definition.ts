/** `nonet infer MODEL ROWS`: its arguments and options. */
import {
  budgetOption,
  Command,
  delimiterCharacter,
  jsonOption,
  type OptionsOf,
  oneOf,
  repeatedOption,
  valueOption,
} from '../../terminal/options.ts';

/** How `nonet infer` is called. */
export const inferDefinition = new Command('infer')
  .description('predictions of an exported model for the rows of a table')
  .argument('<model>', 'ONNX file, of nonet export or of another tool')
  .argument('[rows]', 'CSV or Parquet with the columns of the model, or NPY or NPZ with its inputs')
  .option('--describe', 'inputs, outputs and operators of the model; runs nothing')
  .option('--columns <names>', "columns in the order of the model's inputs, with commas between")
  .addOption(repeatedOption('--extent <name=number>', 'a number for an extent that the model leaves open'))
  .addOption(repeatedOption('--value <input=number>', 'the value of an input that is the same for all rows'))
  .option('--skip-bad-rows', 'leave out rows that cannot be read, and say how many')
  .addOption(
    valueOption('--delimiter <character>', 'what parts the fields of the CSV file', delimiterCharacter),
  )
  .addOption(valueOption('--decimal <mark>', 'what precedes fractions: . or ,', oneOf('.', ',')))
  .option(
    '--prove <file>',
    'answer in integers, prove the labels, and write proof and registration to a file',
  )
  .option('--calibration <file>', 'with --prove: rows that the model is quantised with')
  .addOption(budgetOption())
  .addOption(jsonOption())
  .addHelpText(
    'after',
    `
A proof shows that the model with its id gave these labels. It hides nothing: the rows are in the
file, and it reveals parts of the weights. Check it with nonet verify.`,
  );

/** What `infer` gets beside its arguments. */
export type InferOptions = OptionsOf<typeof inferDefinition>;
