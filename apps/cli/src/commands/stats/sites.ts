/** The sites that `nonet stats` is called with: files, and folders of files. */
import { readdirSync, statSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { MisuseError } from '@nonet/core';

const siteExtensions = ['.yaml', '.yml'];
const tableExtensions = ['.csv', '.tsv', '.parquet'];

/**
 * The sites of these paths, in order. A folder stands for its site files, or where it has none for
 * its tables, by name; job files and hidden files are left out. Throws `stats.site` on what is not
 * there, on a folder without sites, and on a site that is named twice.
 */
export function findSites(paths: readonly string[]): string[] {
  const sites = paths.flatMap((path) => (isFolder(path) ? sitesIn(path) : [path]));
  const seen = new Set<string>();
  for (const site of sites) {
    const full = resolve(site);
    if (seen.has(full)) throw misuse('each site once', `${site} twice`);
    seen.add(full);
  }
  return sites;
}

function isFolder(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw misuse(`a table, a site file or a folder at ${path}`, 'no such file');
  return found.isDirectory();
}

function sitesIn(folder: string): string[] {
  const names = readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .sort();
  const having = (extensions: readonly string[]) =>
    names.filter((name) => extensions.includes(extname(name).toLowerCase()));
  const siteFiles = having(siteExtensions).filter((name) => !/\.job\.ya?ml$/i.test(name));
  const found = siteFiles.length > 0 ? siteFiles : having(tableExtensions);
  if (found.length === 0)
    throw misuse(`site files or tables in ${folder}`, names.slice(0, 20).join(', ') || 'nothing');
  return found.map((name) => join(folder, name));
}

function misuse(expected: string, found: string): MisuseError {
  return new MisuseError({ code: 'stats.site', expected, found });
}
