/** `nonet export [RUN]`: its arguments and options. */
import { Command, jsonOption, type OptionsOf } from '../../terminal/options.ts';

/** How `nonet export` is called. */
export const exportDefinition = new Command('export')
  .description('the model of a run, as ONNX or safetensors')
  .argument('[run]', 'run ID or folder; default: the latest')
  .option('--onnx', 'ONNX, with label names and columns (default)')
  .option('--safetensors', 'the parameters alone')
  .option('--out <file>', 'default: model.onnx or model.safetensors')
  .addOption(jsonOption());

/** What `export` gets beside its arguments. */
export type ExportOptions = OptionsOf<typeof exportDefinition>;
