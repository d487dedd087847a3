/**
 * What a package publishes without saying what it is: the exports that can be reached from its
 * exports map, by package.json, whose declaration has no doc comment. Re-exports are followed to
 * where a name is declared; the compiler's own API does that, at the version that package.json
 * pins. `node scripts/checkDocs.ts` prints each and exits 1; `node scripts/checkDocs.ts
 * packages/core` looks at one package. It does not look at members of types and at parameters.
 */
import { globSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { API, type Project, SymbolFlags, type Symbol as TypeSymbol } from 'typescript/unstable/sync';

interface Undocumented {
  /** From the root, with the line. */
  readonly place: string;
  readonly name: string;
}

/** The files that a package publishes, from the root. */
function publishedFiles(root: string, folder: string): string[] {
  const { exports = {} } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as {
    exports?: Record<string, string>;
  };
  return [...new Set(Object.values(exports).map((file) => join(folder, file)))];
}

/** What the module `file` exports, under any name. */
function exportsOf({ program, checker }: Project, file: string): readonly TypeSymbol[] {
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  if (module === undefined) throw new Error(`${file} is published, and no module of the project`);
  return checker.getExportsOfModule(module);
}

/** Where and what a name is, if its declarations say nothing about it. */
function inspect({ program, checker }: Project, root: string, symbol: TypeSymbol): Undocumented | undefined {
  if (checker.getDocumentationCommentOfSymbol(symbol) !== '') return undefined;
  const [declaration] = symbol.declarations;
  const node = declaration?.resolve();
  if (declaration === undefined || node === undefined) return undefined;
  const source = program.getSourceFile(declaration.path)!;
  const line = source.text.slice(0, node.getStart(source)).split('\n').length;
  return { place: `${relative(root, source.fileName)}:${line}`, name: symbol.name };
}

/** Returns what the packages in `folders` export without a doc comment, sorted by place. */
export function findUndocumented(root: string, folders: readonly string[]): Undocumented[] {
  const api = new API({ cwd: root });
  try {
    const configuration = join(root, 'tsconfig.json');
    const project = api.updateSnapshot({ openProjects: [configuration] }).getProject(configuration)!;
    const found = new Map<string, Undocumented>();
    for (const file of folders.flatMap((folder) => publishedFiles(root, folder))) {
      for (const symbol of exportsOf(project, resolve(root, file))) {
        const isAlias = (symbol.flags & SymbolFlags.Alias) !== 0;
        const declared = isAlias ? project.checker.getAliasedSymbol(symbol) : symbol;
        const undocumented = inspect(project, root, declared);
        if (undocumented !== undefined) found.set(`${undocumented.place} ${undocumented.name}`, undocumented);
      }
    }
    const order = new Intl.Collator('en', { numeric: true });
    return [...found.values()].sort((a, b) => order.compare(a.place, b.place));
  } finally {
    api.close();
  }
}

if (import.meta.main) {
  const named = process.argv.slice(2);
  const folders = named.length > 0 ? named : globSync('packages/*').sort();
  const undocumented = findUndocumented(process.cwd(), folders);
  for (const { place, name } of undocumented) console.error(`${place} ${name}: no doc comment`);
  if (undocumented.length > 0) process.exit(1);
}
