/** `nonet init TABLE`: from one table to a job that `nonet run` takes. */
import { NonetError } from '@nonet/core';
import { printable, quoteArgument } from '@nonet/core/records';
import type { ColumnPlan } from '@nonet/tensor/datasets';
import { foreignValues } from '../../terminal/foreignText.ts';
import { locateError } from '../../terminal/locateError.ts';
import {
  bold,
  dim,
  formatBytes,
  formatTable,
  note,
  plural,
  printJson,
  truncate,
  yellow,
} from '../../terminal/terminal.ts';
import type { InitOptions } from './definition.ts';
import { type WrittenJob, writeJobFiles } from './jobFiles.ts';

/** Throws what `writeJobFiles` throws, with the name of the option that a value is from. */
export async function initJob(table: string, options: InitOptions): Promise<void> {
  const written = await writeJobFiles(table, options).catch((error: unknown) => {
    const option = error instanceof NonetError ? optionsByCode[error.code] : undefined;
    throw option === undefined ? error : locateError(error, `for ${option}`);
  });
  if (options.json) printJson(describeJson(written));
  else note(renderWrittenJob(written));
}

/** Which option an error is about, where only the table shows that its value does not fit. */
const optionsByCode: Readonly<Record<string, string>> = {
  'init.sites': '--sites',
  'dataset.split': '--test',
  'table.labels': '--target',
};

function describeJson({ job, files, plan, counted, rows, masks, noise, untested, written }: WrittenJob) {
  const columns = plan.columns.map(({ name, column, reading, notes }) => ({
    name,
    kind: column?.kind ?? null,
    reading,
    notes,
  }));
  return {
    job,
    files,
    written,
    rows,
    masks: masks ?? null,
    noise: noise ?? null,
    untested,
    statistics: counted?.receipt ?? null,
    columns,
    target: plan.target,
    schema: plan.schema,
  };
}

const delimiterNames: Readonly<Record<string, string>> = { ',': 'commas', ';': 'semicolons', '\t': 'tabs' };

/** What was made of the table, and what to do next; the texts of the table are filtered. */
export function renderWrittenJob(result: WrittenJob): string {
  // The filter would make a blank of a tab.
  const { delimiter } = result;
  const job = foreignValues(result);
  const { table, plan, paths, rows, untested, written } = job;
  const { labels } = plan.schema;
  const used = plan.columns.filter(({ column }) => column !== undefined);
  const omitted = plan.columns.filter(({ column }) => column === undefined);
  const fields =
    delimiter === undefined
      ? ''
      : `, fields apart by ${delimiterNames[delimiter] ?? JSON.stringify(delimiter)}`;
  return [
    `${bold(table)}: ${plural(rows.all, 'row')}${fields}`,
    `${bold(printable(plan.target.name))} is predicted: one of ${truncate(printable(listLabels(labels)), 300)}`,
    ...plan.target.notes.map((text) => `  ${yellow(printable(text))}`),
    `from ${plural(used.length, 'column')}:`,
    ...describeColumns(used),
    ...(omitted.length === 0 ? [] : ['left out:', ...describeColumns(omitted)]),
    ...(rows.dropped === 0 ? [] : [`${plural(rows.dropped, 'row')} with a missing value left out`]),
    `${plural(rows.test, 'row')} for the public test, ${rows.sites.join(' + ')} at the sites`,
    ...(untested.length === 0
      ? []
      : [
          `the test rows hold no example of ${listLabels(untested)}: ` +
            'the accuracy will say nothing about it; see --test',
        ]),
    ...describeSource(job.counted),
    ...describeMasks(job.masks),
    ...describeNoise(job.noise),
    ...(written
      ? [
          ...paths.map((path) => `  ${dim('wrote')} ${path}`),
          `\nNext: ${bold(`npx nonet run ${quoteArgument(job.job)}`)}`,
        ]
      : ['\nNothing was written (--dry-run).']),
  ].join('\n');
}

/** Whose means and values the job publishes. */
function describeSource(counted: WrittenJob['counted']): string[] {
  if (counted === undefined) {
    return [
      'the job publishes means, deviations, ranges and values of the training rows, without noise',
      `  ${yellow('no privacy.dp that you add to the job covers them')}: then count first, nonet stats SITE... --epsilon E,`,
      '  and take them from its receipt: --statistics runs/ID/receipt.json',
    ];
  }
  const { receipt, promise } = counted;
  const noise =
    promise === undefined
      ? 'exact sums of all sites together'
      : `with noise, epsilon ${promise.epsilon} at delta ${promise.delta} of each record`;
  return [
    `the job publishes means, deviations, bounds and values of the count ${receipt.slice(0, 10)}..: ${noise};`,
    '  none of them is taken from these rows',
  ];
}

/** What masks do, what they cost, and how to do without. */
function describeMasks(masks: WrittenJob['masks']): string[] {
  if (masks === undefined) return ['what a site sends can be read by aggregators, watchers and stores'];
  const { sent, read, sites, needed } = masks;
  return [
    'what a site sends is masked: only the sum of all can be read. In each round that takes a site two more ' +
      `moves on the ledger, ${formatBytes(sent)} to send and ${formatBytes(read)} to read; --plain does without`,
    needed < sites
      ? `  ${needed} of ${sites} sites have to be there in every round`
      : `  all ${sites} sites have to be there in every round; from 6 on one may be away`,
    '  accuracy is that of plain updates, but for rounding; each sum and each model can be read by anyone who reads the stores',
  ];
}

/** That masks bound nothing that models give away, and what it takes to. */
function describeNoise(noise: WrittenJob['noise']): string[] {
  if (noise === undefined) return [];
  const { epsilon, delta, records, drawn, needed, noiseToSignal } = noise;
  const price =
    needed === undefined
      ? `adds noise ${Number(noiseToSignal!.toPrecision(2))} times as long as the longest sum of ${drawn} records`
      : `takes ${needed.toLocaleString('en')} records in a sum; of the ${records} here ${drawn} would be`;
  return [
    `no noise is added, so no epsilon bounds what they say of one record; epsilon ${epsilon} at delta ${delta} ${price}`,
  ];
}

/** In quotes where a label has a comma. */
const listLabels = (labels: readonly string[]) =>
  labels.map((label) => (label.includes(',') ? JSON.stringify(label) : label)).join(', ');

function describeColumns(plans: readonly ColumnPlan[]): string[] {
  const table = plans.map(({ name, reading }) => [`  ${printable(name)}`, printable(reading)]);
  const lines = formatTable(table).split('\n');
  return lines.flatMap((line, i) => [
    line,
    ...plans[i]!.notes.map((text) => `      ${yellow(printable(text))}`),
  ]);
}
