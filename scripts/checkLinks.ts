/**
 * Follows the links of the documents, from README.md on: which lead nowhere, and which files under
 * docs/ no link leads to. Links to other hosts are left alone.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

export interface Links {
  /** `DOCUMENT -> TARGET` for each link without a file, or without a heading for its fragment. */
  readonly broken: readonly string[];
  /** Files under docs/ that cannot be reached, by path. */
  readonly unlinked: readonly string[];
}

/** The links of README.md, and of every document that can be reached from it. */
export function readLinks(root: string): Links {
  const broken: string[] = [];
  const reached = new Set<string>();
  const queue = [join(root, 'README.md')];
  for (const file of queue) {
    if (reached.has(file)) continue;
    reached.add(file);
    if (!file.endsWith('.md')) continue;
    for (const target of targetsOf(readFileSync(file, 'utf8'))) {
      const [path = '', fragment] = target.split('#');
      const goal = path === '' ? file : join(dirname(file), decodeURI(path));
      if (!existsSync(goal) || (fragment !== undefined && !headingsOf(goal).includes(fragment))) {
        broken.push(`${relative(root, file)} -> ${target}`);
      } else {
        queue.push(...filesIn(goal));
      }
    }
  }
  const unlinked = filesIn(join(root, 'docs')).filter((file) => !reached.has(file));
  return { broken, unlinked: unlinked.map((file) => relative(root, file)) };
}

/** What the links and images of a document point to, inside the repository. */
function targetsOf(markdown: string): string[] {
  const prose = markdown.replaceAll(/^```.*?^```/gms, '').replaceAll(/`[^`]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !/^[a-z]+:/.test(target));
}

/** The fragments of a document's headings, as GitHub makes them. */
function headingsOf(file: string): string[] {
  if (!file.endsWith('.md')) return [];
  return [...readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The file itself; of a folder, every file in it: a link to a folder shows all of them. */
function filesIn(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path).flatMap((name) => filesIn(join(path, name)));
}
