/**
 * The golden training runs and limits in every JavaScript engine that is found here, by compiler
 * tier: JavaScriptCore (`jsc`) and SpiderMonkey (`js102` and the like) from the system's packages,
 * V8 in this Node. `npm run golden:engines` prints engine, version, hashes, and exits 1 where one
 * differs from the golden one. On Debian:
 * `apt-get install libjavascriptcoregtk-4.0-bin libmozjs-102-dev`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NonetError } from '@nonet/core';
import { goldenLimits } from '../packages/limits/test/goldenLimits.ts';
import { goldenRuns } from '../packages/tensor/test/goldenRuns.ts';
import { bundleForBrowsers } from './bundle.ts';

interface Engine {
  readonly name: string;
  readonly program: string;
  readonly options?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

function findEngines(): Engine[] {
  const node = `V8 ${process.versions.v8}`;
  const engines: Engine[] = [
    { name: `${node}, Liftoff`, program: process.execPath, options: ['--liftoff-only'] },
    { name: `${node}, TurboFan`, program: process.execPath, options: ['--no-liftoff'] },
  ];
  const onPath = (pattern: string) => globSync(`{/usr/bin,/usr/local/bin}/${pattern}`);
  for (const program of [...onPath('jsc'), ...globSync('/usr/lib/*/webkit{2,}gtk-*/jsc')].slice(0, 1)) {
    const name = `JavaScriptCore ${packageVersion(program)}`;
    engines.push(
      { name: `${name}, BBQ only`, program, environment: { JSC_useOMGJIT: '0' } },
      {
        name: `${name}, BBQ and at once OMG`,
        program,
        environment: { JSC_thresholdForOMGOptimizeAfterWarmUp: '0', JSC_thresholdForOMGOptimizeSoon: '0' },
      },
    );
  }
  for (const program of onPath('js[0-9]*').filter((path) => /js\d+$/.test(path))) {
    const version = spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout.trim();
    const name = `SpiderMonkey ${version.replace('JavaScript-C', '')}`;
    for (const tier of ['baseline', 'optimizing'])
      engines.push({ name: `${name}, ${tier}`, program, options: [`--wasm-compiler=${tier}`] });
  }
  return engines;
}

/** `jsc` does not say its version; the system's package does. */
function packageVersion(program: string): string {
  if (!existsSync('/usr/bin/dpkg-query')) return 'of unknown version';
  const owner = spawnSync('dpkg-query', ['-S', program], { encoding: 'utf8' }).stdout.split(':')[0] ?? '';
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg's own syntax
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f=${source:Upstream-Version}', owner], {
    encoding: 'utf8',
  });
  return stdout || 'of unknown version';
}

function runIn(
  { name, program, options = [], environment = {} }: Engine,
  script: string,
): Map<string, string> {
  const { stdout, stderr } = spawnSync(program, [...options, script], {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
  const hashes = new Map<string, string>();
  for (const line of stdout.trim().split('\n')) {
    const parsed = parse(line);
    if (parsed === undefined || 'error' in parsed) {
      throw new NonetError({ code: 'golden.engine', expected: `hashes from ${name}`, found: line || stderr });
    }
    hashes.set(parsed.name, parsed.hash);
  }
  return hashes;
}

function parse(line: string): { name: string; hash: string } | { error: string } | undefined {
  try {
    return JSON.parse(line) as { name: string; hash: string };
  } catch {
    return undefined;
  }
}

const folder = mkdtempSync(join(tmpdir(), 'nonet-golden-'));
const script = join(folder, 'golden.js');
writeFileSync(script, await bundleForBrowsers(join(import.meta.dirname, 'goldenEngine.ts'), 'golden'));
const golden = [...goldenRuns, { name: goldenLimits.name, hash: goldenLimits.address }];
let differing = 0;
for (const engine of findEngines()) {
  console.log(engine.name);
  const hashes = runIn(engine, script);
  for (const { name, hash } of golden) {
    const found = hashes.get(name);
    if (found !== hash) differing++;
    console.log(`  ${found === hash ? '=' : '≠'} ${found ?? 'none'}  ${name}`);
  }
}
rmSync(folder, { recursive: true });
console.log(differing === 0 ? 'All as in the tests.' : `${differing} differ from those in the tests.`);
process.exitCode = differing === 0 ? 0 : 1;
