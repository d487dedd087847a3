/** `nonet prove MODEL`: its arguments and options. */
import {
  Command,
  delimiterCharacter,
  jsonOption,
  ledgerAddress,
  type OptionsOf,
  oneOf,
  repeatedOption,
  valueOption,
  wholeNumber,
} from '../../terminal/options.ts';

/** How `nonet prove` is called. */
export const proveDefinition = new Command('prove')
  .description('prove that a model gave an answer; the proof shows integrity and hides nothing')
  .argument('<model>', 'ONNX file, or a finished run by its ID or folder')
  .option('--input <file>', 'rows to answer: JSON, CSV, Parquet, NPY')
  .addOption(
    valueOption(
      '--example <number>',
      'of a run: an example of its public test set, from 0',
      wholeNumber(0, 2 ** 31),
    ),
  )
  .option('--calibration <file>', 'rows to quantise with; of a run by default public ones of its job')
  .option('--label', 'prove the position of the largest score alone, instead of all scores')
  .option('--context <text>', 'what the verifier chose, against replay: it is bound into the proof', '')
  .option('--output <name>', 'which output of the model to prove')
  .option('--registration <file>', 'the registration of the model: read if it is there, else written')
  .option('--out <file>', 'the file of the proof', 'answer.proof')
  .option('--register', 'register the model on a ledger, which says who registered it and when')
  .option('--ledger <url>', 'with --register: JSON-RPC of the ledger')
  .addOption(
    valueOption(
      '--contract <address>',
      'with --register: the contract of Nonet on that ledger',
      ledgerAddress,
    ),
  )
  .option('--key <file>', 'with --register: file with the private key that registers, and pays')
  .option('--columns <names>', "columns in the order of the model's inputs, with commas between")
  .addOption(repeatedOption('--extent <name=number>', 'a number for an extent that the model leaves open'))
  .addOption(repeatedOption('--value <input=number>', 'the value of an input that is the same for all rows'))
  .addOption(
    valueOption('--delimiter <character>', 'what parts the fields of the CSV file', delimiterCharacter),
  )
  .addOption(valueOption('--decimal <mark>', 'what precedes fractions: . or ,', oneOf('.', ',')))
  .addOption(jsonOption())
  .addHelpText(
    'after',
    `
Example:
  npx nonet prove model.onnx --input patient.json --calibration rows.csv --label --out answer.proof
  npx nonet verify answer.proof

The model is made into one of integers first: --calibration says between which numbers its values
lie, and the same rows give the same model again. A proof shows that the model with its id gave the
answer. It hides nothing: inputs and answers are in the file, and it reveals parts of the weights.`,
  );

/** What `prove` gets beside its arguments. */
export type ProveOptions = OptionsOf<typeof proveDefinition>;
