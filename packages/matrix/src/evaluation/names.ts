/**
 * Finds a project by what people call it: its identifier, its name, the names in brackets behind it,
 * the domain of its homepage, the owner or the name of a repository. In any case of letters.
 */
import type { Project } from './records.ts';

/** What names are made from. */
export type NamedProject = Pick<Project, 'id' | 'name' | 'homepage' | 'repositories'>;

const fold = (text: string) =>
  text
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, '-');

/** Names by how much they say: a name of a later list counts only where none of an earlier does. */
function namesOf({ id, name, homepage, repositories }: NamedProject): readonly (readonly string[])[] {
  const [, before = name, inside = ''] = /^([^(]*)(?:\(([^)]*)\))?/.exec(name) ?? [];
  const domain = /^https?:\/\/(?:www\.)?([^/]+)/.exec(homepage ?? '')?.[1] ?? '';
  const site = domain.split('.').at(-2) ?? '';
  const paths = repositories.map((repository) => repository.replace(/^github:/, '').split('/'));
  return [
    [id],
    [name, before],
    inside.split(','),
    // A code host is no name of what is kept there.
    [domain, ...(['github', 'readthedocs'].includes(site) ? [] : [site])],
    paths.flatMap(([owner = '', repository = '']) => [owner, repository]),
  ];
}

/** The one project that a reader may mean by these words; undefined where none or several match. */
export function findProject<P extends NamedProject>(projects: readonly P[], text: string): P | undefined {
  const wanted = fold(text);
  if (wanted === '') return undefined;
  const named = projects.map((project) => ({ project, names: namesOf(project) }));
  const lists = Math.max(0, ...named.map(({ names }) => names.length));
  for (let list = 0; list < lists; list++) {
    const found = named.filter(({ names }) => names[list]?.some((name) => fold(name) === wanted));
    if (found.length > 0) return found.length === 1 ? found[0]!.project : undefined;
  }
  return undefined;
}

/** Up to five projects of which some name contains the words, for a reader who mistyped. */
export function projectsLike<P extends NamedProject>(projects: readonly P[], text: string): readonly P[] {
  const wanted = fold(text);
  if (wanted === '') return [];
  return projects
    .filter((project) =>
      namesOf(project)
        .flat()
        .some((name) => name !== '' && (fold(name).includes(wanted) || wanted.includes(fold(name)))),
    )
    .slice(0, 5);
}
