/**
 * The command line. Each command lives in its own file and is loaded when it is called. Exit codes: 0 done, 1 a check failed, 2 misuse, 3 could not be
 * decided, 130 interrupted.
 */
import { MisuseError, UndecidedError } from '@nonet/core';
import { Command, CommanderError } from 'commander';
import { formatError, note } from './terminal/terminal.ts';
import { version } from './version.ts';

export async function main(argv: readonly string[]): Promise<void> {
  // `nonet infer ... | head` closes the pipe early, which is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  let exitCode = 0;
  const program = createProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...argv]);
    process.exitCode = exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2;
      return;
    }
    note(formatError(error));
    process.exitCode = error instanceof MisuseError ? 2 : error instanceof UndecidedError ? 3 : 1;
  }
}

function createProgram(exit: (code: number) => void): Command {
  const program = new Command('nonet')
    .description(
      'Train and run AI models together without trusting one another: data stay with their owners, and anybody can check afterwards what was done.',
    )
    .version(version)
    .exitOverride()
    .showHelpAfterError('(nonet --help says more)')
    .addHelpText(
      'after',
      `
From a table to a model that others can check, in four commands:
  nonet init patients.csv --target diagnosis --sites 3
  nonet run patients.job.yaml
  nonet export --onnx
  nonet infer model.onnx rows.csv

Exit codes: 0 done, 1 a check failed, 2 misuse, 3 could not be decided, 130 interrupted.`,
    );

  program
    .command('init')
    .description('from a CSV or Parquet table to a job file and one site file per site')
    .argument('<table>', 'CSV with a header row, or Parquet')
    .requiredOption('--target <column>', 'the column to predict')
    .option('--sites <number>', 'how many sites to split the rows among', integer(1, 1000), 3)
    .option('--rounds <number>', 'rounds of training', integer(1, 65535), 15)
    .option('--test <fraction>', 'share of the rows kept as the public test set', fraction, 0.2)
    .option(
      '--missing <rule>',
      'missing values: refuse, drop the row, or use the mean',
      choice('refuse', 'drop', 'mean'),
      'refuse',
    )
    .option('--out <folder>', 'where to write', '.')
    .option('--force', 'overwrite files of an earlier init', false)
    .option('--json', 'one JSON document on standard output', false)
    .addHelpText(
      'after',
      '\nExample:\n  nonet init cancer.csv --target diagnosis --sites 3\n  nonet run cancer.job.yaml',
    )
    .action(async (table, options) => {
      await (await import('./commands/init/init.ts')).initCommand(table, options);
    });

  program
    .command('run')
    .description('run a job here; the same command resumes an interrupted run')
    .argument('<job>', 'job file: .ts (evaluated, so only your own) or .yaml')
    .option('--ledger <url>', 'JSON-RPC of an EVM chain; default: an embedded one')
    .option('--key <file>', 'with --ledger: file with the private key that pays')
    .option(
      '--watts <number>',
      'power of this machine as you declare it, where it cannot be measured',
      positive,
    )
    .option('--fresh', 'do not resume; start a new run', false)
    .option('--json', 'one JSON document on standard output', false)
    .addHelpText(
      'after',
      '\nExample:\n  nonet run examples/digits.job.ts\n  nonet run cancer.job.yaml --json > result.json',
    )
    .action(async (job, options) =>
      exit(await (await import('./commands/run/run.ts')).runCommand(job, options)),
    );

  program
    .command('status')
    .description('what is happening in a run, here and on the ledger')
    .argument('[run]', 'run ID or folder; default: the latest')
    .option('--json', 'one JSON document on standard output', false)
    .action(async (run, options) =>
      (await import('./commands/status/status.ts')).statusCommand(run, options),
    );

  program
    .command('verify')
    .description('check a receipt, piece by piece')
    .argument('<receipt>', 'receipt.json of a run')
    .option(
      '--blobs <place>',
      "folder or URL of the run's blobs: recomputes every aggregate and the accuracy",
    )
    .option('--ledger <url>', 'JSON-RPC of the ledger: looks the anchor up')
    .option('--json', 'one JSON document on standard output', false)
    .addHelpText(
      'after',
      '\nExample:\n  nonet verify runs/ID/receipt.json --blobs runs/ID/blobs\n\nEach piece is "checked here", "checked" against a ledger, "only stated", "undecided" or "failed".',
    )
    .action(async (file, options) =>
      exit(await (await import('./commands/verify/verify.ts')).verifyCommand(file, options)),
    );

  program
    .command('export')
    .description('the model of a run, as ONNX or safetensors')
    .argument('[run]', 'run ID or folder; default: the latest')
    .option('--onnx', 'ONNX, with label names and columns (default)')
    .option('--safetensors', 'the parameters alone')
    .option('--out <file>', 'default: model.onnx or model.safetensors')
    .option('--json', 'one JSON document on standard output', false)
    .action(async (run, options) =>
      (await import('./commands/export/export.ts')).exportCommand(run, options),
    );

  program
    .command('infer')
    .description('predictions of an exported model for the rows of a table')
    .argument('<model>', 'ONNX file written by nonet export')
    .argument('<rows>', 'CSV or Parquet with the columns of the model')
    .option('--json', 'one JSON document on standard output', false)
    .action(async (model, rows, options) =>
      (await import('./commands/infer/infer.ts')).inferCommand(model, rows, options),
    );

  program
    .command('evaluate')
    .description("judge a project's claims by evidence, and say what would change the verdict")
    .argument(
      '[project]',
      'a project of the catalogue, or a project file (JSON, YAML); default: a table of all',
    )
    .option('--as-of <day>', 'count only evidence of that day: published before, not expired')
    .option('--backtest', 'would the ladders have warned of 19 past incidents?', false)
    .option('--json', 'one JSON document on standard output', false)
    .addHelpText('after', '\nExample:\n  nonet evaluate ezkl\n  nonet evaluate nonet --as-of 2027-06-01')
    .action(async (project, options) =>
      (await import('./commands/evaluate/evaluate.ts')).evaluateCommand(project, options),
    );

  program
    .command('probe')
    .description('one offline check of a repository, of the code of a contract, or of a receipt')
    .argument('[thing]', 'clone, file with hexadecimal code, or receipt; default: how often each probe errs')
    .option('--json', 'one JSON document on standard output', false)
    .addHelpText('after', '\nExample:\n  nonet probe .\n  nonet probe contract.hex')
    .action(async (thing, options) =>
      exit(await (await import('./commands/probe/probe.ts')).probeCommand(thing, options)),
    );

  program
    .command('matrix')
    .description('the nine cells: how they work, what was measured here, and what is only opinion')
    .argument('[cell]', 'one cell as a page, such as privacy-decentralisation')
    .option('--table', 'all cells from strong to weak, with example projects', false)
    .option('--gaps', 'cells in which no project reaches level 2', false)
    .option('--since <date>', 'what has changed since then', date)
    .option('--view <name>', 'triangle: prices of a run; trilemma: ledgers', choice('triangle', 'trilemma'))
    .option(
      '--run <run>',
      'with --view triangle or --html: run ID, folder or receipt file; default: the latest',
    )
    .option('--html <file>', 'all of it as one page for a browser; --since says from when changes are shown')
    .option(
      '--workload <kind>',
      'train, infer or count; default: what each cell is about',
      choice('train', 'infer', 'count'),
    )
    .option(
      '--parameters <number>',
      'size of the model; default: 50 million',
      integer(1, Number.MAX_SAFE_INTEGER),
    )
    .option('--parties <number>', 'how many take part; default: 20', integer(1, 1e9))
    .option(
      '--adversary <who>',
      'operator, participant or outsider',
      choice('operator', 'participant', 'outsider'),
      'operator',
    )
    .option('--as-of <date>', 'as it was known at the end of that day; default: now', endOfDay)
    .option('--json', 'one JSON document on standard output', false)
    .addHelpText(
      'after',
      '\nExample:\n  nonet matrix\n  nonet matrix verifiability-decentralisation --parties 20',
    )
    .action(async (cell, options) =>
      (await import('./commands/matrix/matrix.ts')).matrixCommand(cell, options),
    );

  program
    .command('advise')
    .description('which mechanisms meet your needs, at what cost; or that a central server serves you better')
    .argument('[needs]', 'YAML file with your needs; with --compare: a prediction')
    .option('--template', 'a file with needs to begin with', false)
    .option('--write <folder>', 'write the job of the first recommendation, and its prediction, there')
    .option('--compare [run]', 'hold a prediction against its run; default: the latest run of its job')
    .option('--json', 'one JSON document on standard output', false)
    .addHelpText(
      'after',
      '\nExample:\n  nonet advise --template > needs.yaml\n  nonet advise needs.yaml --write trial\n\nExit code 1: nothing in this version meets the needs.',
    )
    .action(async (needs, options) =>
      exit(await (await import('./commands/advise/advise.ts')).adviseCommand(needs, options)),
    );

  program
    .command('limits')
    .description('how large a training run power, chips, data and latency allow, and what decides')
    .option('--scenario <name>', 'epoch2024, epri2025, or a YAML or JSON file that changes one', 'epoch2024')
    .option('--year <year>', 'the limits hold at its start', integer(2025, 2035), 2030)
    .option('--target <flop>', 'what would have to be true for a run of this size', positive)
    .option('--probability <fraction>', 'how likely the target should be', fraction, 0.8)
    .option('--overhead <factor>', 'of privacy and verification: a factor, or a mechanism measured here')
    .option(
      '--private-data [share]',
      'share of private data that federated learning reaches; alone: all',
      share,
    )
    .option('--tee-share <share>', 'share of chips that can attest', share)
    .option('--draws <number>', 'draws of the parameters', integer(100, 1_000_000), 100_000)
    .option('--seed <number>', 'the same seed gives the same result', integer(0, Number.MAX_SAFE_INTEGER), 1)
    .option('--html <file>', 'a page for a browser, with sliders that compute there')
    .option('--json', 'one JSON document on standard output', false)
    .addHelpText(
      'after',
      '\nExample:\n  nonet limits --target 2e29\n  nonet limits --scenario epri2025 --private-data 0.5 --overhead 1.3',
    )
    .action(async (options) => (await import('./commands/limits/limits.ts')).limitsCommand(options));

  program
    .command('bench')
    .description('run a benchmark of the repository: a table, and evidence for the matrix')
    .argument('[suite]', 'without one: lists them')
    .option('--json', 'one JSON document on standard output', false)
    .addHelpText('after', '\nExample:\n  nonet bench\n  nonet bench size --json > size.json')
    .action(async (suite, options) =>
      (await import('./commands/bench/bench.ts')).benchCommand(suite, options),
    );

  return program;
}

function integer(low: number, high: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < low || value > high) {
      throw new MisuseError({
        code: 'cli.option',
        expected: `a whole number from ${low} to ${high}`,
        found: JSON.stringify(text),
      });
    }
    return value;
  };
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) {
    throw new MisuseError({
      code: 'cli.option',
      expected: 'a number above 0',
      found: JSON.stringify(text),
    });
  }
  return value;
}

/** Above 0 and up to all. */
function share(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 1)) {
    throw new MisuseError({
      code: 'cli.option',
      expected: 'a share above 0 and up to 1',
      found: JSON.stringify(text),
    });
  }
  return value;
}

function fraction(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 1)) {
    throw new MisuseError({
      code: 'cli.option',
      expected: 'a fraction between 0 and 1',
      found: JSON.stringify(text),
    });
  }
  return value;
}

/** A day or an instant, as ISO 8601. A day that the calendar does not have would be taken for a later one. */
function date(text: string): string {
  const instant = /^\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?$/.test(text) ? new Date(text) : new Date(Number.NaN);
  if (Number.isNaN(instant.getTime()) || !instant.toISOString().startsWith(text.slice(0, 10))) {
    throw new MisuseError({
      code: 'cli.option',
      expected: 'a date such as 2026-03-31',
      found: JSON.stringify(text),
    });
  }
  return instant.toISOString();
}

function endOfDay(text: string): string {
  return date(text).replace('T00:00:00.000Z', 'T23:59:59.999Z');
}

function choice(...values: readonly string[]) {
  return (text: string): string => {
    if (!values.includes(text)) {
      throw new MisuseError({
        code: 'cli.option',
        expected: `one of ${values.join(', ')}`,
        found: JSON.stringify(text),
      });
    }
    return text;
  };
}
