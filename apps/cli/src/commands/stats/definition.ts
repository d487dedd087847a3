/** `nonet stats SITE...`: its arguments and options. */
import {
  Command,
  jsonOption,
  namesOption,
  type OptionsOf,
  positiveNumber,
  properFraction,
  repeatedOption,
  valueOption,
  wholeNumber,
} from '../../terminal/options.ts';

/** How `nonet stats` is called. */
export const statsDefinition = new Command('stats')
  .description('figures over the tables of several sites, of which only sums are shown')
  .argument('<sites...>', 'tables or site files, one for each site; or folders of them')
  .addOption(
    repeatedOption(
      '--range <column=low:high[:step]>',
      'a column of numbers with public bounds, from common knowledge; may be repeated',
    ),
  )
  .addOption(
    repeatedOption('--values <column=a,b,...>', 'a column of categories with its values; may be repeated'),
  )
  .addOption(namesOption('--columns <names>', 'columns to describe, by commas; without it all of these'))
  .addOption(
    repeatedOption('--histogram <column[=bins]>', 'records by bins, 10 unless given; may be repeated'),
  )
  .addOption(
    repeatedOption(
      '--quantiles <column[=fractions]>',
      'quantiles, to the width of a bin: 0.25,0.5,0.75 unless given; may be repeated',
    ),
  )
  .addOption(
    valueOption('--bins <number>', 'bins of quantiles and AUROC', wholeNumber(1, 65_536)).default(100),
  )
  .addOption(repeatedOption('--correlation <column,column>', 'of two columns of numbers; may be repeated'))
  .addOption(
    repeatedOption(
      '--auroc <score,label=value>',
      'how well a score tells records with this value of the label from others; may be repeated',
    ),
  )
  .addOption(
    valueOption(
      '--epsilon <number>',
      'add noise, so that the figures tell at most so much of one record',
      positiveNumber,
    ),
  )
  .addOption(
    valueOption('--delta <fraction>', 'with --epsilon: with which it may not hold', properFraction).default(
      1e-6,
    ),
  )
  .addOption(
    valueOption(
      '--honest <number>',
      'with --epsilon: of how many sites the noise is counted on; default: half of the fewest',
      wholeNumber(1, 65_535),
    ),
  )
  .addOption(
    valueOption('--records <number>', 'the most records of a site', wholeNumber(1, 2 ** 31)).default(100_000),
  )
  .addOption(
    valueOption(
      '--least <number>',
      'a site with fewer usable records keeps them to itself, without noise',
      wholeNumber(1, 2 ** 31),
    ).default(10),
  )
  .addOption(
    valueOption(
      '--min-sites <number>',
      'the fewest sites of a sum; default: half of them, at least 3',
      wholeNumber(3, 65_535),
    ),
  )
  .option('--fresh', 'do not resume an interrupted count; start a new one')
  .addOption(jsonOption())
  .addHelpText(
    'after',
    '\nExample:\n  npx nonet stats site-1.yaml site-2.yaml site-3.yaml --range age=0:120:1 --values sex=f,m\n' +
      '  npx nonet stats sites/ --range age=0:120:1 --quantiles age --epsilon 2 --json',
  );

/** What `stats` gets beside its arguments. */
export type StatsOptions = OptionsOf<typeof statsDefinition>;
