import { projects } from '@nonet/matrix/projects';
import { expect, test } from 'vitest';
import { findProject, projectsLike } from './names.ts';

test.each([
  ['ezkl', 'ezkl'],
  ['EZKL', 'ezkl'],
  ['phala', 'dstack'],
  ['Phala.com', 'dstack'],
  ['risc zero', 'risc-zero'],
  ['Risc_Zero', 'risc-zero'],
  ['lagrange', 'deepprove'],
  ['FHEVM', 'zama'],
  ['gensyn', 'gensyn'],
  ['RL-Swarm', 'gensyn-swarm'],
  ['World ID 4.0', 'world'],
  ['flare', undefined],
  ['', undefined],
])('%j is %s', (text, id) => {
  expect(findProject(projects, text)?.id).toBe(id);
});

test('what several could be is none of them', () => {
  const two = ['a', 'b'].map((id) => ({ id, name: id, homepage: 'https://x.org', repositories: [] }));
  expect(findProject(two, 'x')).toBeUndefined();
  expect(findProject(two.slice(0, 1), 'x')?.id).toBe('a');
});

test('every project is found by its identifier and by its name, and code hosts name none', () => {
  for (const { id, name } of projects) {
    expect(findProject(projects, id.toUpperCase())?.id).toBe(id);
    expect(findProject(projects, name)?.id).toBe(id);
  }
  expect(findProject(projects, 'github')).toBeUndefined();
});

test('something like a name leads to those that may be meant', () => {
  expect(projectsLike(projects, 'flare').map(({ id }) => id)).toContain('nvflare');
  expect(projectsLike(projects, '')).toEqual([]);
});
