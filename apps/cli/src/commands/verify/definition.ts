/** `nonet verify FILE`: its arguments and options. */
import {
  budgetOption,
  Command,
  delimiterCharacter,
  jsonOption,
  ledgerAddress,
  type OptionsOf,
  oneOf,
  valueOption,
} from '../../terminal/options.ts';

/** How `nonet verify` is called. */
export const verifyDefinition = new Command('verify')
  .description('check a receipt piece by piece, or the proof of an answer')
  .argument('<file>', 'receipt.json of a run, or a file of nonet prove')
  .option(
    '--blobs <place>',
    "of a receipt: folder or URL of the run's blobs, to recompute averages and accuracy",
  )
  .option('--ledger <url>', 'JSON-RPC of the ledger: looks the anchor up, or who registered the model')
  .addOption(
    valueOption(
      '--contract <address>',
      'of a proof, with --ledger: the contract of Nonet there',
      ledgerAddress,
    ),
  )
  .addOption(budgetOption())
  .option('--model <model>', 'of a proof: the ONNX file or run that it should be about, quantised again')
  .option('--calibration <file>', 'the rows that the model was quantised with')
  .option('--input <file>', 'of a proof, with --model: the rows that it should be about')
  .option('--context <text>', 'of a proof: the context that it should be bound to')
  .option('--output <name>', 'which output of the model was proven')
  .option('--columns <names>', "columns in the order of the model's inputs, with commas between")
  .addOption(
    valueOption('--delimiter <character>', 'what parts the fields of the CSV file', delimiterCharacter),
  )
  .addOption(valueOption('--decimal <mark>', 'what precedes fractions: . or ,', oneOf('.', ',')))
  .addOption(jsonOption())
  .addHelpText(
    'after',
    `
Examples:
  npx nonet verify runs/ID/receipt.json --blobs runs/ID/blobs
  npx nonet verify answer.proof --model model.onnx --calibration rows.csv --input patient.json

Each piece is "checked here", "checked" against a ledger, "only stated", "undecided" or "failed".
A proof shows that a model gave an answer. It hides nothing, and does not show that the model is good.`,
  );

/** What `verify` gets beside its arguments. */
export type VerifyOptions = OptionsOf<typeof verifyDefinition>;
