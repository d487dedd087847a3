/**
 * The catalogue as it is committed: every record well-formed, every verdict recomputed. A change of
 * a verdict has to show here.
 */
import { readFileSync } from 'node:fs';
import { cellIds } from '@nonet/core/records';
import { describe, expect, it } from 'vitest';
import { decaiFlags } from '../data/decaiFlags.ts';
import { leads, projects } from '../data/projects/index.ts';
import { leadsSource } from '../scripts/importCatalogue.ts';
import { laddersText } from '../scripts/writeLadders.ts';
import {
  agreementOf,
  differenceFromDecai,
  evaluateProject,
  parseCatalogue,
  parseProject,
  tallyCells,
} from '../src/evaluation/index.ts';

const asOf = '2026-11-30';
const reports = projects.map((project) => evaluateProject(project, { asOf }));

describe('the projects judged in depth', () => {
  it.each(projects.map((project) => [project.id, project] as const))('%s is well-formed', (id, project) => {
    expect(parseProject(project, `data/projects/${id}.ts`)).toEqual(project);
  });

  it('begin with Nonet and cover every cell', () => {
    expect(projects[0]?.id).toBe('nonet');
    const claimed = new Set(projects.flatMap(({ claims }) => claims.map(({ cell }) => cell)));
    expect(cellIds.filter((cell) => !claimed.has(cell))).toEqual([]);
    expect(projects.filter(({ kind }) => kind === 'project').length).toBeGreaterThanOrEqual(30);
  });

  it('have these verdicts', () => {
    expect(
      Object.fromEntries(reports.map(({ project, decision }) => [project.id, decision.verdict])),
    ).toEqual({
      nonet: 'under review',
      akash: 'under review',
      ambient: 'under review',
      deepprove: 'under review',
      dstack: 'under review',
      elizaos: 'under review',
      ezkl: 'under review',
      fetch: 'under review',
      flock: 'under review',
      gensyn: 'not shown',
      'gensyn-swarm': 'under review',
      gonka: 'under review',
      ionet: 'under review',
      nillion: 'under review',
      olas: 'under review',
      openverifiablellm: 'plain AI tool',
      ora: 'under review',
      'prime-intellect': 'under review',
      psyche: 'under review',
      'risc-zero': 'under review',
      ritual: 'under review',
      'ritual-infernet': 'under review',
      sahara: 'under review',
      secret: 'under review',
      sentient: 'plain AI tool',
      sorachain: 'not shown',
      templar: 'under review',
      vana: 'under review',
      verathos: 'under review',
      verinf: 'plain AI tool',
      virtuals: 'under review',
      world: 'under review',
      'world-id-3': 'under review',
      zama: 'under review',
      disco: 'plain AI tool',
      flower: 'plain AI tool',
      hivemind: 'plain AI tool',
      nvflare: 'plain AI tool',
      petals: 'plain AI tool',
      wrapper: 'under review',
    });
  });

  it('call nobody hype without the guard rails', () => {
    expect(reports.filter(({ decision }) => decision.verdict === 'hype')).toEqual([]);
    const wrapper = reports.find(({ project }) => project.id === 'wrapper');
    expect(wrapper?.decision).toMatchObject({ rule: 2, verdict: 'under review' });
    expect(wrapper?.decision.withheld).toEqual([
      'only one reviewer',
      'the project was not asked for a reply',
    ]);
  });

  it('show where Nonet claims more than is shown, and weigh nothing of its own as an independent check', () => {
    const own = reports[0]!;
    const above = own.claims.filter(({ level, interval }) => (level?.level ?? 0) > interval.hi);
    expect(above.map(({ claim }) => claim.id)).toEqual([
      'recomputable-aggregates',
      'one-set-for-all',
      'data-stay',
      'anybody-checks',
    ]);
    for (const { interest, grade } of projects[0]!.evidence) {
      expect(interest).toBe('self');
      expect(grade).toBeLessThanOrEqual(2);
    }
  });

  it('decay to "under review" or less as evidence expires', () => {
    const later = projects.map((project) => evaluateProject(project, { asOf: '2029-06-01' }));
    expect(later.filter(({ decision }) => decision.verdict.startsWith('impact'))).toEqual([]);
  });

  it('were all read a second time, and say by whom and where the two differ', () => {
    for (const { project, disagreements } of reports) {
      expect(project.second?.codes.length, project.id).toBeGreaterThan(0);
      for (const { because } of disagreements ?? []) expect(because, project.id).toBeDefined();
    }
    // The same reader in a later pass is no second reviewer.
    const once = reports.filter(({ reviewers }) => reviewers === 1).map(({ project }) => project.id);
    expect(once.sort()).toEqual(['nonet', 'ritual', 'wrapper']);
    const { agreed, of } = agreementOf(reports);
    expect(of).toBeGreaterThan(400);
    expect(agreed).toBeLessThan(of);
  });

  it('stand beside the other formula, where its flags are known, with the reason of the difference', () => {
    const compared = reports.filter(({ decaiFit }) => decaiFit !== undefined);
    expect(compared.length).toBeGreaterThanOrEqual(20);
    const sum = (id: string) => reports.find(({ project }) => project.id === id)?.decaiFit?.sum;
    expect(sum('nonet')).toEqual({ low: 10, high: 10 });
    expect(sum('verinf')).toEqual({ low: 6, high: 6 });
    expect(sum('templar')!.low).toBeLessThan(sum('templar')!.high);
    for (const { decaiFit, decision } of compared) {
      expect(differenceFromDecai(decaiFit!, decision)).not.toBe('');
    }
    expect(Object.keys(decaiFlags).filter((id) => !reports.some(({ project }) => project.id === id))).toEqual(
      [],
    );
  });

  it('are the same bytes when computed again', () => {
    const again = projects.map((project) => evaluateProject(project, { asOf }));
    expect(JSON.stringify(again)).toBe(JSON.stringify(reports));
  });

  it('tally each claim of a project once', () => {
    const tally = tallyCells(reports);
    expect(tally.map(({ cell }) => cell)).toEqual(cellIds);
    const claims = projects.filter(({ kind }) => kind !== 'constructed').flatMap((project) => project.claims);
    const sum = tally.reduce((total, { shown, refuted, open }) => total + shown + refuted + open, 0);
    expect(sum).toBe(claims.filter(({ ledger }) => ledger).length);
    expect(tally[0]).toMatchObject({ cell: 'verifiability-security', shown: 0 });
  });

  it('have the same verdicts under other names, in another order', () => {
    for (const [i, project] of projects.entries()) {
      const renamed = {
        ...project,
        id: 'somebody',
        name: 'Somebody',
        about: 'Something.',
        repositories: [],
        claims: project.claims.map((claim) => ({
          ...claim,
          mechanism: 'x',
        })),
        evidence: project.evidence.map((record) => ({ ...record, source: 'somewhere', fact: 'x' })),
      };
      const { decision, claims, flips } = evaluateProject(renamed, { asOf });
      expect(decision).toEqual(reports[i]?.decision);
      expect(claims.map(({ interval }) => interval)).toEqual(
        reports[i]?.claims.map(({ interval }) => interval),
      );
      expect(flips).toEqual(reports[i]?.flips);
      const reversed = {
        ...project,
        claims: project.claims.toReversed(),
        evidence: project.evidence.toReversed(),
      };
      expect(evaluateProject(reversed, { asOf }).decision).toEqual(decision);
    }
  });

  it('hold no evidence twice and quote in one line', () => {
    for (const { evidence, id } of projects) {
      const facts = evidence.map(({ fact }) => fact);
      expect(new Set(facts).size, id).toBe(facts.length);
    }
  });
});

describe('the leads', () => {
  it('are refused with file and field where they are malformed', () => {
    const lead = { id: 'a', name: 'A', about: 'A.', topics: [] };
    const catalogue = (fields: object) => ({
      about: 'x',
      readOn: '2026-01-01',
      projects: [{ ...lead, ...fields }],
    });
    expect(parseCatalogue(catalogue({}), 'c.json').projects).toHaveLength(1);
    for (const [fields, path] of [
      [{ name: 1 }, 'projects.0.name'],
      [{ topics: [{ attribute: 'beauty', mechanism: 'x', facts: [] }] }, 'projects.0.topics.0.attribute'],
      [{ topics: [{ attribute: 'privacy', mechanism: 'x', facts: [] }] }, 'projects.0.topics.0.facts'],
    ] as const) {
      expect(() => parseCatalogue(catalogue(fields), 'c.json')).toThrow(
        `the field ${path} of the catalogue in c.json to be `,
      );
    }
  });

  it('are what the catalogue holds beyond those', () => {
    expect(readFileSync(new URL('../data/leads.ts', import.meta.url), 'utf8')).toBe(leadsSource());
    expect(leads).toHaveLength(25);
    const named = new Set(projects.map(({ id }) => id));
    expect(leads.filter(({ id }) => named.has(id))).toEqual([]);
  });
});

describe('docs/ladders.md', () => {
  it('is the public text of what is applied', () => {
    expect(readFileSync(new URL('../../../docs/ladders.md', import.meta.url), 'utf8')).toBe(laddersText());
  });
});
