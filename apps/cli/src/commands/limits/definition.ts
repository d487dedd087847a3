/** `nonet limits`: its options. */
import {
  Command,
  jsonOption,
  type OptionsOf,
  positiveNumber,
  properFraction,
  share,
  valueOption,
  wholeNumber,
} from '../../terminal/options.ts';

/** How `nonet limits` is called. */
export const limitsDefinition = new Command('limits')
  .description('how large a training run power, chips, data and latency allow, and what decides')
  .option(
    '--scenario <name>',
    'epoch2024, epri2025, mid2026, or a YAML or JSON file that changes one',
    'epoch2024',
  )
  .addOption(
    valueOption('--year <year>', 'the limits hold at its start', wholeNumber(2025, 2035)).default(2030),
  )
  .addOption(
    valueOption('--target <flop>', 'what would have to be true for a run of this size', positiveNumber),
  )
  .addOption(
    valueOption('--probability <fraction>', 'how likely the target should be', properFraction).default(0.8),
  )
  .option('--overhead <factor>', 'of privacy and verification: a factor, or a mechanism measured here')
  .addOption(
    valueOption(
      '--private-data [share]',
      'share of private data that federated learning reaches; alone: all',
      share,
    ),
  )
  .addOption(valueOption('--tee-share <share>', 'share of chips that can attest', share))
  .addOption(
    valueOption('--draws <number>', 'draws of the parameters', wholeNumber(100, 1_000_000)).default(100_000),
  )
  .addOption(
    valueOption(
      '--seed <number>',
      'the same seed gives the same result',
      wholeNumber(0, Number.MAX_SAFE_INTEGER),
    ).default(1),
  )
  .option('--html <file>', 'a page for a browser, with sliders that compute there')
  .addOption(jsonOption())
  .addHelpText(
    'after',
    `
Example:
  npx nonet limits --target 2e29
  npx nonet limits --scenario mid2026 --private-data 0.5 --overhead 1.3`,
  );

/** What `limits` gets. */
export type LimitsOptions = OptionsOf<typeof limitsDefinition>;
