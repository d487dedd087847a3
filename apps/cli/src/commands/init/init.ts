/** `nonet init TABLE`: from one table to a job that `nonet run` takes. */
import { NonetError } from '@nonet/core';
import { foreignValues } from '../../terminal/foreignText.ts';
import { locateError } from '../../terminal/locateError.ts';
import { bold, dim, note, plural, printJson } from '../../terminal/terminal.ts';
import type { InitOptions } from './definition.ts';
import { type WrittenJob, writeJobFiles } from './jobFiles.ts';

/** Throws what `writeJobFiles` throws, with the name of the option that a value is from. */
export async function initJob(table: string, options: InitOptions): Promise<void> {
  const written = await writeJobFiles(table, options).catch((error: unknown) => {
    const option = error instanceof NonetError ? optionsByCode[error.code] : undefined;
    throw option === undefined ? error : locateError(error, `for ${option}`);
  });
  if (options.json) printJson({ job: written.job, files: written.files, schema: written.schema });
  else note(renderWrittenJob(foreignValues(written)));
}

/** Which option an error is about, where only the table shows that its value does not fit. */
const optionsByCode: Readonly<Record<string, string>> = {
  'init.sites': '--sites',
  'dataset.split': '--test',
};

/** What was made of the table, and what to do next. */
export function renderWrittenJob({ table, job, paths, schema, rows, untested }: WrittenJob): string {
  const { columns, target } = schema.table;
  return [
    `${bold(table)}: ${plural(rows.all, 'row')}, ${plural(columns.length, 'column')}, ` +
      `${target} is one of ${schema.labels.join(', ')}`,
    `${plural(rows.test, 'row')} for the public test, ${rows.sites.join(' + ')} at the sites`,
    ...(untested.length === 0
      ? []
      : [
          `the test rows hold no example of ${untested.join(', ')}: ` +
            'the accuracy will say nothing about it; see --test',
        ]),
    ...paths.map((path) => `  ${dim('wrote')} ${path}`),
    `\nNext: ${bold(`nonet run ${job}`)}`,
  ].join('\n');
}
