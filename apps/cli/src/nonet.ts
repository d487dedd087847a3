/**
 * The command line: the list of its commands. The definition of each says what it takes; its code
 * is loaded when it is called. Exit codes: 0 done, 1 a check failed, 2 misuse, 3 could not be
 * decided, 130 interrupted.
 */
import type { Command as TypedCommand } from '@commander-js/extra-typings';
import { MisuseError } from '@nonet/core';
import { CommanderError } from 'commander';
import { adviseDefinition } from './commands/advise/definition.ts';
import { attackDefinition } from './commands/attack/definition.ts';
import { benchDefinition } from './commands/bench/definition.ts';
import { evaluateDefinition } from './commands/evaluate/definition.ts';
import { exportDefinition } from './commands/export/definition.ts';
import { inferDefinition } from './commands/infer/definition.ts';
import { initDefinition } from './commands/init/definition.ts';
import { limitsDefinition } from './commands/limits/definition.ts';
import { matrixDefinition } from './commands/matrix/definition.ts';
import { probeDefinition } from './commands/probe/definition.ts';
import { proveDefinition } from './commands/prove/definition.ts';
import { runDefinition } from './commands/run/definition.ts';
import { statsDefinition } from './commands/stats/definition.ts';
import { statusDefinition } from './commands/status/definition.ts';
import { verifyDefinition } from './commands/verify/definition.ts';
import { explainSystemError } from './machine/systemErrors.ts';
import { Command, refuseRepeatedOptions } from './terminal/options.ts';
import { note, printJson } from './terminal/terminal.ts';
import { version } from './version.ts';

/** In the order of `nonet --help`. Each has a folder: its definition, its code, its text. */
const commands = [
  lazily(initDefinition, async () => (await import('./commands/init/init.ts')).initJob),
  lazily(runDefinition, async () => (await import('./commands/run/run.ts')).runJobFile),
  lazily(statsDefinition, async () => (await import('./commands/stats/stats.ts')).showStatistics),
  lazily(statusDefinition, async () => (await import('./commands/status/status.ts')).showStatus),
  lazily(verifyDefinition, async () => (await import('./commands/verify/verify.ts')).verifyFile),
  lazily(exportDefinition, async () => (await import('./commands/export/export.ts')).exportModel),
  lazily(inferDefinition, async () => (await import('./commands/infer/infer.ts')).inferRows),
  lazily(proveDefinition, async () => (await import('./commands/prove/prove.ts')).proveAnswers),
  lazily(evaluateDefinition, async () => (await import('./commands/evaluate/evaluate.ts')).evaluateClaims),
  lazily(probeDefinition, async () => (await import('./commands/probe/probe.ts')).probeFile),
  lazily(matrixDefinition, async () => (await import('./commands/matrix/matrix.ts')).showMatrix),
  lazily(adviseDefinition, async () => (await import('./commands/advise/advise.ts')).adviseOnNeeds),
  lazily(limitsDefinition, async () => (await import('./commands/limits/limits.ts')).showLimits),
  lazily(attackDefinition, async () => (await import('./commands/attack/attack.ts')).runAttack),
  lazily(benchDefinition, async () => (await import('./commands/bench/bench.ts')).runBenchmark),
];

/** Runs the command that `argv` names, and sets the exit code of this process. Throws nothing. */
export async function main(argv: readonly string[]): Promise<void> {
  // `nonet infer ... | head` closes the pipe early, which is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  // What went wrong has an exit code, too; there is nowhere left to say more.
  process.stderr.on('error', () => {});
  try {
    await createProgram().parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help or version was asked for, or help was shown because nothing was.
      process.exitCode = error.exitCode === 0 ? 0 : 2;
      return;
    }
    await reportError(explainSystemError(error) ?? error, wantsJson(argv));
  }
}

/** The command with its code, which is loaded when it runs and may return an exit code. */
function lazily<Args extends unknown[], Options extends Record<string, unknown>>(
  definition: TypedCommand<Args, Options>,
  load: () => Promise<(...values: NoInfer<[...Args, Options]>) => ExitCode | Promise<ExitCode>>,
) {
  return definition.action(async (...values) => {
    const run = await load();
    const code = await run(...(values.slice(0, -1) as [...Args, Options]));
    if (code !== undefined) process.exitCode = code;
  });
}

// biome-ignore lint/suspicious/noConfusingVoidType: a command that always ends with 0 returns nothing
type ExitCode = number | void;

function createProgram() {
  const program = new Command('nonet')
    .description(
      'Train and run AI models together without trusting one another: data stay with their owners, and anybody can check afterwards what was done.',
    )
    .version(version)
    // Errors are thrown, and shown as all others are.
    .configureOutput({ outputError: () => {} })
    .exitOverride(throwUsageError('nonet'))
    .addHelpText(
      'after',
      `
From a table to a model that others can check, in four commands:
  npx nonet init patients.csv --target diagnosis --sites 3
  npx nonet run patients.job.yaml
  npx nonet export --onnx
  npx nonet infer model.onnx rows.csv

Exit codes: 0 done, 1 a check failed, 2 misuse, 3 could not be decided, 130 interrupted.`,
    );
  for (const command of commands) {
    program.addCommand(
      refuseRepeatedOptions(command)
        .copyInheritedSettings(program)
        .exitOverride(throwUsageError(`nonet ${command.name()}`)),
    );
  }
  return program;
}

/** What commander says of a command line that it cannot take: `cli.usage`. */
function throwUsageError(name: string) {
  return (error: CommanderError): never => {
    if (error.exitCode === 0 || error.code === 'commander.help') throw error;
    const [found = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
    throw new MisuseError({
      code: 'cli.usage',
      expected: `arguments and options as in \`npx ${name} --help\``,
      found,
      ...(suggestion === undefined ? {} : { hint: suggestion }),
      cause: error,
    });
  };
}

/** Also where the command line could not be parsed; what follows `--` is no option. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end < 0 ? undefined : end).includes('--json');
}

/** In words on standard error, and with `--json` as one document on standard output. */
async function reportError(error: unknown, json: boolean): Promise<void> {
  const { errorDocument, exitCodeOfError, formatError } = await import('./terminal/errorText.ts');
  note(formatError(error));
  if (json) printJson(errorDocument(error));
  process.exitCode = exitCodeOfError(error);
}
