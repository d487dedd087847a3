/**
 * Packs the workspaces as they are published: JavaScript, because Node does not strip types under
 * `node_modules`. `npm run pack` leaves the tarballs in `build/tarballs/` and prints their sizes;
 * nothing is uploaded.
 *
 * In a package of the repository `exports`, `imports` and `bin` name `.ts` files in `src/`;
 * published, they name what the compiler made of them in `dist/`. Published is what those files
 * reach by imports and by `new URL('x.ts', import.meta.url)` (processes, workers), and what `files`
 * in package.json lists beside it. The conformance suites under `./testing` stay in the repository:
 * they need its test runner.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NonetError } from '@nonet/core';

const root = join(import.meta.dirname, '..');

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly imports?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly files?: readonly string[];
  /** Modules that do something when they are imported, or that there are none. */
  readonly sideEffects?: false | readonly string[];
  readonly [field: string]: unknown;
}

export interface Tarball {
  readonly name: string;
  readonly file: string;
  readonly bytes: number;
}

/** A file that is named by its URL, to be started in a process or thread of its own. */
const urlPattern = /new URL\(\s*(['"`])(\.[^'"`]*)\.ts\1,\s*import\.meta\.url,?\s*\)/g;

/** Writes all packages below `build` and returns their tarballs. */
export function packAll(build = join(root, 'build')): Tarball[] {
  rmSync(build, { recursive: true, force: true });
  const folders = globSync('{packages,apps}/*/package.json', { cwd: root }).map(dirname).sort();
  const packages = folders.map((folder) => {
    const manifest = readManifest(folder);
    const target = join(build, manifest.name);
    const emitted = join(build, 'emitted', manifest.name);
    // Step 1. Code. One package at a time: what the compiler finds through node_modules it does not
    // write.
    compile(folder, manifest, emitted);
    copyCode(emitted, target);
    // Step 2. What lies beside it, and the manifest that names both.
    copyBeside(folder, manifest, target);
    writeFileSync(join(target, 'package.json'), json(publishedManifest(manifest)));
    writeFileSync(join(target, 'README.md'), readmeOf(manifest));
    cpSync(join(root, 'LICENSE'), join(target, 'LICENSE'));
    return target;
  });
  rmSync(join(build, 'emitted'), { recursive: true });
  // Step 3. Tarballs.
  const tarballs = join(build, 'tarballs');
  mkdirSync(tarballs);
  const packed = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', tarballs, ...packages], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  ) as { name: string; filename: string }[] | Record<string, { name: string; filename: string }>;
  return Object.values(packed).map(({ name, filename }) => {
    const file = join(tarballs, filename);
    return { name, file, bytes: statSync(file).size };
  });
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

const readManifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest;

const isPublished = (subpath: string) => !subpath.startsWith('./testing');

/** Compiles what is published of one package into `to`, laid out as the package is. */
function compile(folder: string, { exports, imports = {} }: Manifest, to: string): void {
  const programs = globSync('bin/*.js', { cwd: join(root, folder) }).flatMap((bin) => {
    const text = readFileSync(join(root, folder, bin), 'utf8');
    return [...text.matchAll(/import\('(\.[^']+\.ts)'\)/g)].map((match) => join('bin', match[1]!));
  });
  const entries = [
    ...Object.entries(exports).flatMap(([subpath, file]) => (isPublished(subpath) ? [file] : [])),
    ...Object.values(imports).flatMap((conditions) => Object.values(conditions)),
    ...programs,
    ...startedByUrl(folder),
  ];
  mkdirSync(to, { recursive: true });
  const project = join(to, 'tsconfig.json');
  const base = join(root, folder);
  const compilerOptions = {
    noEmit: false,
    declaration: true,
    rootDir: base,
    outDir: to,
    typeRoots: [join(root, 'node_modules/@types')],
  };
  const files = [...new Set(entries.map((file) => join(base, file)))];
  writeFileSync(
    project,
    JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions, include: [], files }),
  );
  try {
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', project], {
      encoding: 'utf8',
    });
  } catch (cause) {
    throw new NonetError({
      code: 'pack.compile',
      expected: `sources of ${folder} that compile`,
      found: String((cause as { stdout?: string }).stdout).slice(0, 1000),
      cause,
    });
  }
}

/** `../roles/${role}.ts` stands for every file there that is no test. */
function startedByUrl(folder: string): string[] {
  return globSync('src/**/*.ts', { cwd: join(root, folder), exclude: ['**/*.test.ts'] }).flatMap((file) => {
    const text = readFileSync(join(root, folder, file), 'utf8');
    return [...text.matchAll(urlPattern)].flatMap((match) => {
      const pattern = join(dirname(file), `${match[2]!.replaceAll(/\$\{[^}]*\}/g, '*')}.ts`);
      return globSync(pattern, { cwd: join(root, folder), exclude: ['**/*.test.ts'] });
    });
  });
}

/** src/ becomes dist/; what lies beside it keeps its place. */
function copyCode(from: string, to: string): void {
  for (const file of globSync('**/*.{js,d.ts}', { cwd: from })) {
    const target = join(to, file.replace(/^src\//, 'dist/'));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, publishedCode(readFileSync(join(from, file), 'utf8'), file.startsWith('src/')));
  }
}

/** The compiler rewrites imports, but neither URLs nor, for files outside of src/, its name. */
function publishedCode(text: string, insideSource: boolean): string {
  const named = text.replaceAll(urlPattern, 'new URL($1$2.js$1, import.meta.url)');
  return insideSource ? named : named.replaceAll(/((?:from|import)\s*\(?['"](?:\.\.\/)+)src\//g, '$1dist/');
}

function copyBeside(folder: string, { bin = {}, files = [] }: Manifest, target: string): void {
  for (const file of Object.values(bin)) {
    const text = readFileSync(join(root, folder, file), 'utf8');
    mkdirSync(dirname(join(target, file)), { recursive: true });
    writeFileSync(join(target, file), text.replaceAll(/'\.\.\/src\/([^']+)\.ts'/g, "'../dist/$1.js'"), {
      mode: 0o755,
    });
  }
  for (const pattern of files) {
    const found = globSync(pattern, { cwd: join(root, folder), exclude: ['**/*.ts'] });
    if (found.length === 0) {
      throw new NonetError({
        code: 'pack.files',
        expected: `${pattern} of ${folder}`,
        found: 'no such file',
        hint: 'Run `npm run prepare` first.',
      });
    }
    for (const file of found) cpSync(join(root, folder, file), join(target, file), { recursive: true });
  }
}

const publishedPath = (file: string, extension: string) =>
  file.replace('./src/', './dist/').replace(/\.ts$/, extension);

/** Any value of a manifest, with the paths in it as they are published. */
function withPublishedPaths(value: unknown): unknown {
  if (typeof value === 'string') return publishedPath(value, '.js');
  if (Array.isArray(value)) return value.map(withPublishedPaths);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withPublishedPaths(item)]));
}

function publishedManifest(manifest: Manifest): object {
  const { exports, imports, sideEffects, scripts: _, devDependencies: __, files: ___, ...rest } = manifest;
  const subpaths = Object.entries(exports).flatMap(([subpath, file]) =>
    isPublished(subpath)
      ? [[subpath, { types: publishedPath(file, '.d.ts'), default: publishedPath(file, '.js') }]]
      : [],
  );
  return {
    ...rest,
    // Undefined fields vanish in JSON.
    sideEffects: withPublishedPaths(sideEffects),
    exports: Object.fromEntries(subpaths) as object,
    imports: withPublishedPaths(imports),
  };
}

const readmeOf = ({ name, description }: Manifest) =>
  `# ${name}\n\n${description}\n\n${
    name === 'nonet'
      ? '    npx nonet --help\n'
      : 'A part of Nonet: most programs install `nonet`, which has all of it.\n'
  }`;

if (import.meta.main) {
  const tarballs = packAll();
  const kB = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`.padStart(10);
  for (const { name, bytes } of tarballs) console.log(`${name.padEnd(20)} ${kB(bytes)}`);
  console.log(`${'together'.padEnd(20)} ${kB(tarballs.reduce((sum, { bytes }) => sum + bytes, 0))}`);
}
