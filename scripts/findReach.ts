/**
 * What runs when a file is imported: the files that it reaches through any number of imports,
 * dynamic ones included, types left out. An index that only passes on what other files declare is
 * looked through by name, so that importing one thing from a package reaches the file that declares
 * it, not all of the package. Reads import clauses as text, which the formatter keeps uniform.
 */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

interface RuntimeImport {
  readonly specifier: string;
  /** Names there; `*` is everything. */
  readonly names: readonly string[];
}

interface Module {
  /** Values that it declares. */
  readonly declared: ReadonlySet<string>;
  readonly imported: readonly RuntimeImport[];
  /** What it passes on, by the name that it has here. */
  readonly passed: ReadonlyMap<string, { readonly specifier: string; readonly name: string }>;
  readonly passedWhole: readonly string[];
}

const clause = /(?:^|\n)(import|export) (?!type )([^'";]*?) ?from '([^']+)'/g;
const sideEffect = /(?:^|\n)import '([^']+)'/g;
const dynamicImport = /\bimport\(\s*'([^']+)'/g;
const declaration = /(?:^|\n)export (?:async |abstract )?(?:const|let|function\*?|class|enum) (\w+)/g;
const ownList = /(?:^|\n)export \{([^}]*)\};/g;

/** The values of `a, type b, c as d` as [[a, a], [c, d]]. */
function valuesIn(list: string): [name: string, alias: string][] {
  return list
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '' && !item.startsWith('type '))
    .map((item) => {
      const [name = '', alias = name] = item.split(' as ');
      return [name, alias];
    });
}

function readModule(text: string): Module {
  const imported: RuntimeImport[] = [];
  const passed = new Map<string, { specifier: string; name: string }>();
  const passedWhole: string[] = [];
  for (const [, keyword, what = '', specifier = ''] of text.matchAll(clause)) {
    const values = valuesIn(/\{([^}]*)\}/.exec(what)?.[1] ?? '');
    if (keyword === 'export') {
      if (what === '*') passedWhole.push(specifier);
      else for (const [name, alias] of values) passed.set(alias, { specifier, name });
      continue;
    }
    const whole = what.includes('* as ') || !what.startsWith('{');
    if (whole || values.length > 0) {
      imported.push({ specifier, names: whole ? ['*'] : values.map(([name]) => name) });
    }
  }
  for (const pattern of [sideEffect, dynamicImport]) {
    for (const [, specifier = ''] of text.matchAll(pattern)) imported.push({ specifier, names: ['*'] });
  }
  const lists = [...text.matchAll(ownList)].flatMap(([, list = '']) => valuesIn(list));
  const declared = new Set([
    ...[...text.matchAll(declaration)].map(([, name = '']) => name),
    ...lists.map(([, alias]) => alias),
  ]);
  return { declared, imported, passed, passedWhole };
}

const withSlashes = (path: string) => normalize(path).replaceAll('\\', '/');

/** The files that packages publish, by the name under which they are imported. */
function readEntries(root: string): Map<string, string> {
  const entries = new Map<string, string>();
  for (const path of globSync('packages/*/package.json', { cwd: root })) {
    const { name, exports = {} } = JSON.parse(readFileSync(join(root, path), 'utf8')) as {
      name: string;
      exports?: Record<string, string>;
    };
    for (const [subpath, file] of Object.entries(exports)) {
      entries.set(name + subpath.slice(1), withSlashes(join(dirname(path), file)));
    }
  }
  return entries;
}

/** Finds what `file` reaches: each file with the path of imports to it. */
export type Reach = (file: string) => ReadonlyMap<string, readonly string[]>;

/** Reads `files`, which are relative to `root`, once. */
export function createReach(root: string, files: readonly string[]): Reach {
  const modules = new Map(files.map((file) => [file, readModule(readFileSync(join(root, file), 'utf8'))]));
  const entries = readEntries(root);
  const resolve = (from: string, specifier: string) =>
    specifier.startsWith('.') ? withSlashes(join(dirname(from), specifier)) : entries.get(specifier);
  const isIndex = ({ declared, imported }: Module) => declared.size + imported.length === 0;

  return (start) => {
    const reached = new Map<string, readonly string[]>();
    const looked = new Set<string>();
    const enter = (file: string, path: readonly string[]) => {
      if (reached.has(file)) return;
      reached.set(file, path);
      const { imported, passed, passedWhole } = modules.get(file)!;
      const all = [
        ...imported,
        ...[...passed.values()].map(({ specifier, name }) => ({ specifier, names: [name] })),
        ...passedWhole.map((specifier) => ({ specifier, names: ['*'] })),
      ];
      for (const { specifier, names } of all) {
        for (const name of names) follow(file, specifier, name, path);
      }
    };
    const follow = (from: string, specifier: string, name: string, path: readonly string[]) => {
      const target = resolve(from, specifier);
      const module = target === undefined ? undefined : modules.get(target);
      if (target === undefined || module === undefined) return;
      const next = [...path, target];
      if (!isIndex(module) || name === '*') return enter(target, next);
      if (looked.has(`${target} ${name}`)) return;
      looked.add(`${target} ${name}`);
      const there = module.passed.get(name);
      if (there !== undefined) return follow(target, there.specifier, there.name, next);
      for (const whole of module.passedWhole) {
        if (declares(target, whole, name)) follow(target, whole, name, next);
      }
    };
    enter(start, [start]);
    reached.delete(start);
    return reached;
  };

  /** Whether the file meant by `specifier` declares this value, or passes it on. */
  function declares(from: string, specifier: string, name: string): boolean {
    const target = resolve(from, specifier);
    const module = target === undefined ? undefined : modules.get(target);
    if (target === undefined || module === undefined) return false;
    if (module.declared.has(name) || module.passed.has(name)) return true;
    return module.passedWhole.some((whole) => declares(target, whole, name));
  }
}
