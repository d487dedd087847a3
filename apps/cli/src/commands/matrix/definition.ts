/** `nonet matrix [CELL]`: its arguments and options. */
import {
  Command,
  endOfDay,
  jsonOption,
  type OptionsOf,
  oneOf,
  startOfDay,
  valueOption,
  wholeNumber,
} from '../../terminal/options.ts';

/** How `nonet matrix` is called. */
export const matrixDefinition = new Command('matrix')
  .description('the nine cells: how they work, what was measured here, and what is only opinion')
  .argument('[cell]', 'one cell as a page, such as privacy-decentralisation')
  .option('--table', 'all cells from strong to weak, with example projects')
  .option('--gaps', 'cells in which no project reaches level 2')
  .addOption(valueOption('--since <date>', 'what has changed since then', startOfDay))
  .addOption(
    valueOption(
      '--view <name>',
      'triangle: prices of a run; trilemma: ledgers',
      oneOf('triangle', 'trilemma'),
    ),
  )
  .option(
    '--run <run>',
    'with --view triangle or --html: run ID, folder or receipt file; default: the latest',
  )
  .option('--html <file>', 'all of it as one page for a browser; --since says from when changes are shown')
  .addOption(
    valueOption(
      '--workload <kind>',
      'train, infer or count; default: what each cell is about',
      oneOf('train', 'infer', 'count'),
    ),
  )
  .addOption(
    valueOption(
      '--parameters <number>',
      'size of the model; default: 50 million',
      wholeNumber(1, Number.MAX_SAFE_INTEGER),
    ),
  )
  .addOption(
    valueOption('--parties <number>', 'how many take part; default: 20', wholeNumber(1, 1_000_000_000)),
  )
  .addOption(
    valueOption(
      '--adversary <who>',
      'operator, participant or outsider; default: operator',
      oneOf('operator', 'participant', 'outsider'),
    ),
  )
  .addOption(valueOption('--as-of <date>', 'as it was known at the end of that day; default: now', endOfDay))
  .addOption(jsonOption())
  .addHelpText(
    'after',
    '\nExample:\n  npx nonet matrix\n  npx nonet matrix verifiability-decentralisation --parties 20',
  );

/** What `matrix` gets beside its arguments. */
export type MatrixOptions = OptionsOf<typeof matrixDefinition>;
