/**
 * `nonet evaluate PROJECT --fresh PATH`: compares the sources of a project with a newer clone, or
 * with one file of it. Reads only what git's plumbing and the file say; nothing is fetched.
 */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { MisuseError } from '@nonet/core';
import {
  compareWithCopy,
  type FreshComparison,
  type NewerCopy,
  type Project,
  type ProjectSource,
} from '@nonet/matrix/evaluation';
import { changesSince, openSnapshot } from '../probe/gitSnapshot.ts';

/** Pages and source files are seldom larger. */
const maximumBytes = 8 * 2 ** 20;

/** Throws `fresh.path`, `fresh.source`, and what opening a clone throws. */
export function compareFresh(project: Project, path: string): readonly FreshComparison[] {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status?.isDirectory() === true) return compareClone(project, path);
  if (status?.isFile() !== true || status.size > maximumBytes) {
    throw new MisuseError({
      code: 'fresh.path',
      expected: `a clone, or a file of at most ${maximumBytes} bytes, at ${path}`,
      found: status === undefined ? 'nothing' : `${status.size} bytes`,
    });
  }
  return compareFile(project, path);
}

const commitOf = ({ pin }: ProjectSource): string | undefined => ('commit' in pin ? pin.commit : undefined);

/** A clone is of the sources whose pinned commits it has. */
function compareClone(project: Project, folder: string): FreshComparison[] {
  const snapshot = openSnapshot(folder);
  const found = project.sources.flatMap((source) => {
    const commit = commitOf(source);
    const changes = commit === undefined ? undefined : changesSince(folder, commit);
    if (changes === undefined) return [];
    const copy: NewerCopy = {
      version: snapshot.commit,
      dated: snapshot.committed,
      commitsSince: changes.commits,
      changed: changes.paths,
      covers: () => true,
      read: (path) => snapshot.read(path),
    };
    return [compareWithCopy(project, source, copy)];
  });
  if (found.length > 0) return found;
  throw new MisuseError({
    code: 'fresh.source',
    expected: `a clone with a pinned commit of ${project.name}: ${project.sources.map(({ id }) => id).join(', ')}`,
    found: `a repository at ${snapshot.commit.slice(0, 12)} without any of them`,
    hint: 'A shallow clone lacks older commits: clone it whole, or pass the one file.',
  });
}

/** A file is of every source that cites a path of its name, or a page. */
function compareFile(project: Project, path: string): FreshComparison[] {
  const text = readFileSync(path, 'utf8');
  const covers = (cited: string) => cited === '' || basename(cited) === basename(path);
  const copy: NewerCopy = {
    version: createHash('sha256').update(text).digest('hex'),
    dated: undefined,
    commitsSince: undefined,
    changed: undefined,
    covers,
    read: (cited) => (covers(cited) ? text : undefined),
  };
  const found = project.sources
    .map((source) => compareWithCopy(project, source, copy))
    .filter(({ quotes }) => quotes.length > 0);
  if (found.length > 0) return found;
  throw new MisuseError({
    code: 'fresh.source',
    expected: `a file that ${project.name} is quoted from, under its own name`,
    found: basename(path),
  });
}
