/**
 * Reads a git repository at its newest commit for the probes. Only plumbing runs, nothing of the
 * repository does: no hooks, no file-system monitor, no transport (a partial clone fetches
 * nothing), no signature program, no configuration of the user; the repository's own configuration
 * could otherwise name programs to start.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { MisuseError } from '@nonet/core';
import type { RepositorySnapshot } from '@nonet/matrix/probes';

const guards = [
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['core.pager', 'cat'],
  ['log.showSignature', 'false'],
  ['protocol.allow', 'never'],
].flatMap(([key, value]) => ['-c', `${key}=${value}`]);

const maximumFileBytes = 2 ** 20;

function runGit(folder: string, args: readonly string[]): string {
  return execFileSync('git', ['-c', `safe.directory=*`, ...guards, ...args], {
    cwd: folder,
    env: {
      ...process.env,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_ALLOW_PROTOCOL: 'none',
      GIT_NO_LAZY_FETCH: '1',
      GIT_TERMINAL_PROMPT: '0',
      GIT_OPTIONAL_LOCKS: '0',
    },
    encoding: 'utf8',
    maxBuffer: 512 * 2 ** 20,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** What a clone has had since one of its commits; undefined where it does not have that commit. */
export function changesSince(
  folder: string,
  commit: string,
): { readonly commits: number; readonly paths: readonly string[] } | undefined {
  try {
    runGit(folder, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${commit}^{commit}`]);
  } catch {
    return undefined;
  }
  return {
    commits: Number(runGit(folder, ['rev-list', '--count', `${commit}..HEAD`])),
    paths: runGit(folder, ['diff', '--name-only', '--no-renames', '-z', commit, 'HEAD'])
      .split('\0')
      .filter((path) => path !== ''),
  };
}

/** Opens a clone, bare or not, or a folder inside of one. Throws `probe.repository`. */
export function openSnapshot(folder: string): RepositorySnapshot {
  const run = (args: readonly string[]): string => runGit(folder, args);
  let head: string;
  try {
    head = run(['rev-parse', '--verify', '--end-of-options', 'HEAD^{commit}']).trim();
  } catch (cause) {
    const { code, stderr } = cause as { code?: unknown; stderr?: unknown };
    throw new MisuseError({
      code: 'probe.repository',
      expected: `a git repository with a commit at ${folder}`,
      found:
        code === 'ENOENT' && existsSync(folder)
          ? 'no git on this machine'
          : `${String(stderr).split('\n')[0]}`,
      cause,
    });
  }
  // Committer's time and author's address of each commit, newest first.
  const history = run(['rev-list', '--no-commit-header', '--format=%ct %ae', head])
    .trimEnd()
    .split('\n')
    .map((line) => ({ time: Number.parseInt(line, 10), author: line.slice(line.indexOf(' ') + 1) }));
  const newest = history[0]!.time;
  const lastYear = history.filter(({ time }) => time > newest - 365 * 86_400);
  const blobs = new Map(
    run(['ls-tree', '-r', '-z', '-l', '--full-tree', head])
      .split('\0')
      .flatMap((entry) => {
        // mode type hash size TAB path; links and submodules are no text.
        const [, mode, hash, size, path] = /^(\d+) blob ([0-9a-f]+) +(\d+)\t(.*)$/s.exec(entry) ?? [];
        return path === undefined || mode === '120000'
          ? []
          : [[path, { hash: hash!, size: Number(size) }] as const];
      }),
  );
  return {
    commit: head,
    committed: new Date(newest * 1000).toISOString().slice(0, 10),
    commits: history.length,
    commitsLastYear: lastYear.length,
    authorsLastYear: new Set(lastYear.map(({ author }) => author)).size,
    paths: [...blobs.keys()],
    read(path) {
      const blob = blobs.get(path);
      return blob === undefined || blob.size > maximumFileBytes
        ? undefined
        : run(['cat-file', 'blob', blob.hash]);
    },
  };
}
