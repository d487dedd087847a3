/** The table of a site, as it is: what is counted of it, whatever else it holds. */
import { extname } from 'node:path';
import { type Address, addressOf, concatBytes, utf8 } from '@nonet/core';
import type { QueryColumn } from '@nonet/core/records';
import type { SitePolicy } from '@nonet/federation';
import type { StatisticsRecord } from '@nonet/privacy/statistics';
import { readRecords, type Table } from '@nonet/tensor/datasets';
import { locateError } from '../terminal/locateError.ts';
import { fingerprintData, readTableFile } from './dataFile.ts';
import { rulesOf } from './openSite.ts';
import { fingerprintSite, readSiteFile } from './siteFile.ts';

/** The records of a site for a query, and its rules. */
export interface SiteTable {
  readonly records: readonly StatisticsRecord[];
  readonly policy: SitePolicy;
  /** Where it keeps what was spent of its privacy. */
  readonly budgetFolder: string;
  /** Names its data, whatever is asked of them. It never leaves. */
  readonly data: Address;
}

const isSiteFile = (path: string) => ['.yaml', '.yml'].includes(extname(path).toLowerCase());

/**
 * The records of a site file's table, or of a table, which comes without rules. Throws `site.file`,
 * `site.malformed`, `site.data`, and what reading the table throws.
 */
export async function openSiteTable(path: string, columns: readonly QueryColumn[]): Promise<SiteTable> {
  const { site, dataPath } = isSiteFile(path) ? readSiteFile(path) : { site: undefined, dataPath: path };
  const { policy = {}, delimiter, decimal } = site ?? {};
  const table = await readTableFile(dataPath, { delimiter, decimal });
  return {
    records: readCells(table, columns, dataPath),
    policy: rulesOf(policy),
    budgetFolder: `${path}.budget`,
    data: addressOf(fingerprintData(dataPath)),
  };
}

function readCells(table: Table, columns: readonly QueryColumn[], path: string): StatisticsRecord[] {
  try {
    return readRecords(table, columns);
  } catch (error) {
    throw locateError(error, `in ${path}`);
  }
}

/** What makes two sites the same one: their rules and data. */
export function fingerprintTable(path: string): Uint8Array {
  return isSiteFile(path) ? fingerprintSite(path) : concatBytes(utf8('table'), fingerprintData(path));
}
