/** Licence notices of what the pages bundle. Runs when they are built. */
import { globSync, readFileSync } from 'node:fs';
import { NonetError } from '@nonet/core';

/**
 * The licences of the packages that these files are from, by name: they want to go wherever their
 * code goes. Throws `page.licence` where a package has none.
 */
export function noticesOf(modules: ReadonlySet<string>): string {
  const packages = new Map<string, string>();
  for (const id of modules) {
    const [, path, name] = /^\0?(.*\/node_modules\/((?:@[^/]+\/)?[^/]+))\//.exec(id) ?? [];
    if (path !== undefined && name !== undefined) packages.set(name, path);
  }
  return [...packages]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, path]) => {
      const { version } = JSON.parse(readFileSync(`${path}/package.json`, 'utf8')) as { version: string };
      const [file] = globSync('{LICENSE,LICENCE,COPYING}*', { cwd: path });
      if (file === undefined) {
        throw new NonetError({
          code: 'page.licence',
          expected: `a licence of ${name}`,
          found: `none in ${path}`,
        });
      }
      return `${name} ${version}\n\n${readFileSync(`${path}/${file}`, 'utf8').trim()}`;
    })
    .join('\n\n\n')
    .replaceAll('</script', '<\\/script');
}
