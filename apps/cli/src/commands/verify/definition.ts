/** `nonet verify RECEIPT`: its arguments and options. */
import { budgetOption, Command, jsonOption, type OptionsOf } from '../../terminal/options.ts';

/** How `nonet verify` is called. */
export const verifyDefinition = new Command('verify')
  .description('check a receipt, piece by piece')
  .argument('<receipt>', 'receipt.json of a run')
  .option('--blobs <place>', "folder or URL of the run's blobs: recomputes every aggregate and the accuracy")
  .option('--ledger <url>', 'JSON-RPC of the ledger: looks the anchor up')
  .addOption(budgetOption())
  .addOption(jsonOption())
  .addHelpText(
    'after',
    `
Example:
  npx nonet verify runs/ID/receipt.json --blobs runs/ID/blobs

Each piece is "checked here", "checked" against a ledger, "only stated", "undecided" or "failed".`,
  );

/** What `verify` gets beside its arguments. */
export type VerifyOptions = OptionsOf<typeof verifyDefinition>;
