/** `nonet infer MODEL ROWS`: its arguments and options. */
import { Command, jsonOption, type OptionsOf } from '../../terminal/options.ts';

/** How `nonet infer` is called. */
export const inferDefinition = new Command('infer')
  .description('predictions of an exported model for the rows of a table')
  .argument('<model>', 'ONNX file written by nonet export')
  .argument('<rows>', 'CSV or Parquet with the columns of the model')
  .addOption(jsonOption());

/** What `infer` gets beside its arguments. */
export type InferOptions = OptionsOf<typeof inferDefinition>;
