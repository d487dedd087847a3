/**
 * Who may import whom (ARCHITECTURE.md, "Arrows"), no import cycles, and no verifier that reaches
 * what it verifies. The package manager hoists every workspace and the type checker resolves across
 * them, so neither guards this. Reads import specifiers as text; types count too, except for what a
 * verifier reaches. `node scripts/checkArrows.ts` prints each offence and exits 1.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { createReach } from './findReach.ts';

type Area = (file: string) => boolean;
const within =
  (...folders: string[]): Area =>
  (file) =>
    folders.some((folder) => file.startsWith(`${folder}/`));

/** Per package: which others it may import, and from which of its own files. */
const allowed: Record<string, Record<string, Area>> = {
  core: {},
  algebra: { core: () => true },
  tensor: { core: () => true },
  attestation: { core: () => true },
  chain: { core: () => true },
  limits: { core: () => true },
  matrix: { core: () => true, limits: () => true },
  privacy: { core: () => true, algebra: () => true, tensor: within('packages/privacy/src/fhe/model') },
  proof: {
    core: () => true,
    algebra: () => true,
    tensor: within('packages/proof/src/zk/model', 'packages/proof/src/replay'),
  },
  federation: { core: () => true, tensor: () => true, privacy: () => true },
};

export interface ImportGraph {
  /** file -> the repository files that it imports statically */
  readonly edges: ReadonlyMap<string, readonly string[]>;
  readonly offences: readonly string[];
}

const importPattern = /(?:^|\n)\s*(?:import|export)\s+(type\s)?(?:[^'";]*?\bfrom\s+)?'([^']+)'/g;

export function readImports(root: string): ImportGraph {
  const files = globSync(
    ['packages/*/{src,test,data}/**/*.ts', 'apps/*/{src,test}/**/*.{ts,tsx}', 'examples/**/*.ts'],
    {
      cwd: root,
    },
  ).map((file) => file.replaceAll('\\', '/'));
  const offences: string[] = [];
  const edges = new Map<string, string[]>();
  for (const file of files) {
    const text = readFileSync(join(root, file), 'utf8');
    const targets: string[] = [];
    const owner = file.split('/')[1]!;
    const isTest = file.endsWith('.test.ts') || file.includes('/test/');
    for (const match of text.matchAll(importPattern)) {
      const specifier = match[2]!;
      if (specifier.startsWith('.')) {
        const target = normalize(join(dirname(file), specifier)).replaceAll('\\', '/');
        if (existsSync(join(root, target)) && match[1] === undefined) targets.push(target);
        if (file.startsWith('packages/') && !target.startsWith(`packages/${owner}/`)) {
          offences.push(`${file}: reaches out of its package by path (${specifier})`);
        }
        continue;
      }
      const ours = /^@nonet\/([a-z]+)/.exec(specifier)?.[1];
      if (specifier === 'nonet' && !file.startsWith('examples/')) {
        offences.push(`${file}: only examples import nonet`);
      }
      if (ours === undefined || !file.startsWith('packages/') || ours === owner || isTest) continue;
      const area = allowed[owner]?.[ours];
      if (area === undefined || !area(file)) offences.push(`${file}: ${owner} may not import ${ours}`);
    }
    edges.set(file, targets);
  }
  return { edges, offences: [...offences, ...cycles(edges), ...biasedVerifiers(root, files)] };
}

/** A file named after verifying, or in a folder that is. */
const verifier = /^packages\/\w+\/src\/(.*\/)?verify[^/]*(\/.*)?\.ts$/;

/**
 * What makes the things that verifiers judge: provers, trainers, and roles, which do both.
 * Evaluating runs a model forwards, as a verifier may.
 */
const makers = [
  /(^|\/)prove[^/]*\.ts$/,
  /^packages\/federation\/src\/(roles|site|trainers)\//,
  /^packages\/tensor\/src\/training\/(?!(classifier|estimateEvaluation|evaluate|predict)\.ts$)/,
];

/** Verifiers that reach a prover, a trainer or a role through any number of imports. */
function biasedVerifiers(root: string, files: readonly string[]): string[] {
  const sources = files.filter((file) => file.startsWith('packages/') && !/\.test\.ts$|\/test\//.test(file));
  const reachOf = createReach(root, sources);
  return sources
    .filter((file) => verifier.test(file))
    .flatMap((file) =>
      [...reachOf(file)]
        .filter(([target]) => makers.some((pattern) => pattern.test(target)))
        .map(([, path]) => `a verifier must not reach a prover, trainer or role: ${path.join(' -> ')}`),
    );
}

/** Each cycle once, as a path of files. */
function cycles(edges: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const path: string[] = [];
  const found: string[] = [];
  const visit = (file: string) => {
    const at = path.indexOf(file);
    if (at >= 0) {
      found.push(`import cycle: ${[...path.slice(at), file].join(' -> ')}`);
      return;
    }
    if (done.has(file)) return;
    path.push(file);
    for (const target of edges.get(file) ?? []) visit(target);
    path.pop();
    done.add(file);
  };
  for (const file of edges.keys()) visit(file);
  return found;
}

if (import.meta.main) {
  const { edges, offences } = readImports(process.cwd());
  for (const offence of offences) console.error(offence);
  if (offences.length > 0) process.exit(1);
  console.log(
    `arrows: ${edges.size} files, no forbidden import, no cycle, no verifier that reaches a prover, a trainer or a role`,
  );
}
