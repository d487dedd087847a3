/** The table of a site, as it is: what is counted of it, whatever else it holds. */
import { extname } from 'node:path';
import { type Address, addressOf, concatBytes, utf8 } from '@nonet/core';
import type { QueryColumn } from '@nonet/core/records';
import type { SitePolicy } from '@nonet/federation';
import type { StatisticsRecord } from '@nonet/privacy/statistics';
import { readRecords, type Table } from '@nonet/tensor/datasets';
import { locateError } from '../terminal/locateError.ts';
import { budgetFolderOf, fingerprintData, readBytes, readTableFile } from './dataFile.ts';
import { rulesOf } from './openSite.ts';
import { fingerprintSite, readSiteFile } from './siteFile.ts';

/** The records of a site for a query, and its rules. */
export interface SiteTable {
  readonly records: readonly StatisticsRecord[];
  readonly policy: SitePolicy;
  /** Where it keeps what was spent of its privacy. */
  readonly budgetFolder: string;
  /** The address of the file, whatever is asked of it. It never leaves. */
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
  // Read once: what is counted is what is committed to.
  const bytes = readBytes(dataPath, 'data', 'site.data');
  const table = await readTableFile(dataPath, { delimiter, decimal }, new Blob([bytes]));
  return {
    records: readCells(table, columns, dataPath),
    policy: rulesOf(policy),
    budgetFolder: budgetFolderOf(dataPath),
    data: addressOf(bytes),
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
