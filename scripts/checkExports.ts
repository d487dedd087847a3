/**
 * Exports that nothing imports: declared in some file, imported by no other, and not part of what a
 * package publishes under `exports` in its package.json. Reads declarations and import clauses as
 * text, which the formatter keeps uniform. Tests count as importers. A namespace or dynamic import
 * uses everything, and so does a string that names the file. A type that its own file mentions
 * again belongs to a signature and is fine. Programs (`bench`, `examples`, scripts of a package)
 * import, and what they export is loaded by name. `node scripts/checkExports.ts` prints each and
 * exits 1.
 */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

interface Module {
  /** What it declares itself, with the line. */
  readonly declared: ReadonlyMap<string, number>;
  /** What it passes on from elsewhere, by the name that it has here. */
  readonly passed: ReadonlyMap<string, Import>;
  /** Specifiers of `export * from`. */
  readonly passedWhole: readonly string[];
  readonly imported: readonly Import[];
}

interface Import {
  readonly specifier: string;
  /** The name there; `*` is everything. */
  readonly name: string;
}

const valueDeclaration =
  /^export (?:async |abstract )?(?:const|let|function\*?|class|enum) (\w+)|^export \{(.*)\};/;
const typeDeclaration = /^export (?:interface|type) (\w+)/;
const clause = /(?:^|\n)(import|export) (?:type )?([^'";]*?) ?from '([^']+)'/g;
const dynamicImport = /\bimport\(\s*'([^']+)'/g;
/** A file named by a string, to be imported by a process or thread of its own. */
const namedFile = /(?<!from |import |import\()'(?:\.\/)?([\w./-]+\.tsx?)'/g;

/** `a, type b as c` as [[a, a], [b, c]]. */
function namesIn(list: string): [name: string, alias: string][] {
  return [...list.matchAll(/(?:^|,)\s*(?:type )?(\w+)(?: as (\w+))?/g)].map(([, name = '', alias = name]) => [
    name,
    alias,
  ]);
}

function readModule(text: string): Module {
  const declared = new Map<string, number>();
  for (const [i, line] of text.split('\n').entries()) {
    const [, value, list] = valueDeclaration.exec(line) ?? [];
    const type = typeDeclaration.exec(line)?.[1];
    if (value !== undefined) declared.set(value, i + 1);
    for (const [, alias] of namesIn(list ?? '')) declared.set(alias, i + 1);
    if (type !== undefined && text.match(RegExp(`\\b${type}\\b`, 'g'))!.length === 1) {
      declared.set(type, i + 1);
    }
  }
  const passed = new Map<string, Import>();
  const passedWhole: string[] = [];
  const imported: Import[] = [];
  for (const [, keyword, what = '', specifier = ''] of text.matchAll(clause)) {
    const names = namesIn(/\{([^}]*)\}/.exec(what)?.[1] ?? '');
    if (keyword === 'import') {
      for (const [name] of names) imported.push({ specifier, name });
      if (what.includes('* as ')) imported.push({ specifier, name: '*' });
    } else if (what === '*') passedWhole.push(specifier);
    else for (const [name, alias] of names) passed.set(alias, { specifier, name });
  }
  for (const [, specifier = ''] of text.matchAll(dynamicImport)) {
    imported.push({ specifier, name: '*' });
  }
  for (const [, path] of text.matchAll(namedFile)) imported.push({ specifier: `./${path}`, name: '*' });
  return { declared, passed, passedWhole, imported };
}

const withSlashes = (path: string) => normalize(path).replaceAll('\\', '/');

/** The names by which a package's files are imported, its own (`#x`) too, with the files meant. */
function readEntries(root: string): Map<string, readonly string[]> {
  const entries = new Map<string, readonly string[]>();
  for (const path of globSync('{packages,apps}/*/package.json', { cwd: root })) {
    const {
      name,
      exports = {},
      imports = {},
    } = JSON.parse(readFileSync(join(root, path), 'utf8')) as {
      name: string;
      exports?: Record<string, string>;
      imports?: Record<string, Record<string, string>>;
    };
    const at = (file: string) => withSlashes(join(dirname(path), file));
    for (const [subpath, file] of Object.entries(exports)) {
      entries.set(name + subpath.slice(1), [at(file)]);
    }
    for (const [specifier, conditions] of Object.entries(imports)) {
      entries.set(specifier, Object.values(conditions).map(at));
    }
  }
  return entries;
}

/** Returns `file:line name` of each export that nothing imports. */
export function findUnusedExports(root: string): string[] {
  const entries = readEntries(root);
  const files = globSync(
    ['{packages,apps}/**/*.{ts,tsx}', 'apps/*/bin/*.js', '{attacks,bench,examples,scripts,tests}/**/*.ts'],
    { cwd: root, exclude: ['**/node_modules/**', '**/dist/**', '**/assembly/**'] },
  );
  const modules = new Map(
    files.map((file) => [withSlashes(file), readModule(readFileSync(join(root, file), 'utf8'))]),
  );
  const used = new Set<string>();
  const seen = new Set<string>();

  const follow = (from: string, { specifier, name }: Import) => {
    const path = specifier.replace(/\?.*/, '');
    const targets = path.startsWith('.') ? [withSlashes(join(dirname(from), path))] : entries.get(path);
    for (const target of targets ?? []) if (modules.has(target)) use(target, name);
  };
  const use = (file: string, name: string) => {
    const key = `${file} ${name}`;
    if (seen.has(key)) return;
    seen.add(key);
    const { declared, passed, passedWhole } = modules.get(file)!;
    for (const own of declared.keys()) if (name === own || name === '*') used.add(`${file} ${own}`);
    for (const [alias, there] of passed) if (name === alias || name === '*') follow(file, there);
    for (const specifier of passedWhole) follow(file, { specifier, name });
  };

  for (const published of entries.values()) {
    for (const file of published) if (modules.has(file)) use(file, '*');
  }
  for (const [file, { imported }] of modules) for (const there of imported) follow(file, there);
  const isProgram = (file: string) => /^(bench|examples)\/|^packages\/\w+\/scripts\//.test(file);
  return [...modules]
    .sort()
    .flatMap(([file, { declared }]) =>
      [...declared].flatMap(([name, line]) =>
        used.has(`${file} ${name}`) || isProgram(file) ? [] : [`${file}:${line} ${name}`],
      ),
    );
}

if (import.meta.main) {
  const unused = findUnusedExports(process.cwd());
  for (const place of unused) console.error(`${place}: nothing imports it`);
  if (unused.length > 0) process.exit(1);
}
