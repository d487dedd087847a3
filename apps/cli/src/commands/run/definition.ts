/** `nonet run JOB`: its arguments and options. */
import { Command, jsonOption, type OptionsOf, positiveNumber, valueOption } from '../../terminal/options.ts';

/** How `nonet run` is called. */
export const runDefinition = new Command('run')
  .description('run a job here; the same command resumes an interrupted run')
  .argument('<job>', 'job file: .ts (evaluated, so only your own) or .yaml')
  .option('--ledger <url>', 'JSON-RPC of an EVM chain; default: an embedded one')
  .option('--key <file>', 'with --ledger: file with the private key that pays')
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
    '\nExample:\n  nonet run examples/digits.job.ts\n  nonet run cancer.job.yaml --json > result.json',
  );

/** What `run` gets beside its arguments. */
export type RunOptions = OptionsOf<typeof runDefinition>;
