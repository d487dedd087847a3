/** `nonet run JOB`: its arguments and options. */
import {
  Command,
  confirmations,
  jsonOption,
  type OptionsOf,
  positiveNumber,
  repeatedOption,
  valueOption,
} from '../../terminal/options.ts';

/** How `nonet run` is called. */
export const runDefinition = new Command('run')
  .description('run a job here; the same command resumes an interrupted run')
  .argument('<job>', 'job file: .ts (evaluated, so only your own) or .yaml')
  .addOption(
    repeatedOption(
      '--ledger <url>',
      'JSON-RPC of an EVM chain; again for further nodes of it, which stand in for the first; ' +
        'default: an embedded chain',
    ),
  )
  .option('--key <file>', 'with --ledger: file with the private key that pays')
  .addOption(
    valueOption(
      '--confirmations <blocks>',
      'with --ledger: blocks on top that make a move count, or finalized; default: 2',
      confirmations,
    ),
  )
  .addOption(
    valueOption(
      '--watts <number>',
      'power of this machine as you declare it, where it cannot be measured',
      positiveNumber,
    ),
  )
  .option('--fresh', 'do not resume; start a new run')
  .addOption(jsonOption())
  .addHelpText(
    'after',
    '\nExample:\n  npx nonet run examples/digits.job.ts\n  npx nonet run cancer.job.yaml --json > result.json\n' +
      '  npx nonet run cancer.job.yaml --ledger http://127.0.0.1:8545 --ledger http://127.0.0.1:8546 --key payer.key',
  );

/** What `run` gets beside its arguments. */
export type RunOptions = OptionsOf<typeof runDefinition>;
