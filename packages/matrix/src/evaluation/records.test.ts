import { MisuseError } from '@nonet/core';
import { evidenceSchema } from '@nonet/core/records';
import { describe, expect, it } from 'vitest';
import { evidence, fullProject } from '../testing/projects.ts';
import { expiryOf, weightsOf } from './grades.ts';
import { type Project, parseProject } from './records.ts';
import { evaluateProject, evidenceOf } from './report.ts';

type Path = readonly (string | number)[];

/** Every place of a value, inner ones included. */
function places(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [
    ...(path.length === 0 ? [] : [path]),
    ...Object.entries(value).flatMap(([key, inner]) =>
      places(inner, [...path, Array.isArray(value) ? Number(key) : key]),
    ),
  ];
}

function replaced(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined) return by;
  const copy: Record<string | number, unknown> = Array.isArray(value)
    ? ([...value] as unknown as Record<number, unknown>)
    : { ...(value as object) };
  copy[key] = replaced(copy[key], rest, by);
  return copy;
}

const refused = (value: unknown): MisuseError => {
  try {
    parseProject(value, 'data/example.ts');
  } catch (error) {
    if (error instanceof MisuseError) return error;
    throw error;
  }
  throw new Error('was accepted');
};

const change = (edit: (project: ReturnType<typeof mutable>) => void): unknown => {
  const project = mutable();
  edit(project);
  return project;
};
// biome-ignore lint/suspicious/noExplicitAny: a record that is about to be spoilt has no type
const mutable = (): any => structuredClone(fullProject());

describe('a project file', () => {
  it('parses with every field in it', () => {
    expect(parseProject(fullProject(), 'f')).toEqual(fullProject());
  });

  it.each(places(fullProject()).map((path) => [path.join('.'), path] as const))(
    'with something else in %s is refused, and the message names file and place',
    (name, path) => {
      for (const bad of [null, { nonsense: true }, '\u0007']) {
        const error = refused(replaced(fullProject(), path, bad));
        expect(error.code).toBe('project.malformed');
        expect(error.expected).toContain('data/example.ts');
        const field = /field (\S+) of/.exec(error.expected)?.[1] ?? '';
        // A choice between forms (a pin) is refused as a whole.
        expect(name.startsWith(field) || field.startsWith(name), `${field} for ${name}`).toBe(true);
      }
    },
  );

  it.each(
    places(fullProject())
      .filter((path) => typeof path.at(-1) === 'string')
      .map((path) => [path.join('.'), path] as const),
  )('with an unknown field beside %s is refused', (_, path) => {
    const error = refused(replaced(fullProject(), [...path.slice(0, -1), 'extra'], 1));
    expect(error.code).toBe('project.malformed');
    // Of a choice between forms (a pin) the form that it resembles is told.
    if (!path.includes('pin')) expect(error.found).toBe('extra');
  });

  it.each([
    [
      'a ledger that the quote does not credit',
      (p) => (p.claims[0].quote = 'Anyone can verify every answer.'),
      'claims.0.ledger',
    ],
    [
      'an audit that covers another part',
      (p) => {
        p.claims[0].findings[1].says = true;
        p.claims[0].parts = ['prover', 'contracts'];
      },
      'claims.0.findings.1.evidence',
    ],
    [
      'an audit item that something else shows',
      (p) => p.claims[0].findings.push({ on: 's2.audited', says: true, evidence: 'e' }),
      'claims.0.findings.2.evidence',
    ],
    [
      'an audit of grade 3 that was not read',
      (p) => Object.assign(p.evidence[1].audit, { read: false, in: [], out: [] }),
      'evidence.1.grade',
    ],
    ['an audit that was read without its scope', (p) => (p.evidence[1].audit.in = []), 'evidence.1.audit.in'],
    ['an audit without scope', (p) => delete p.evidence[1].audit, 'evidence.1.audit'],
    [
      'code of another repository',
      (p) => {
        p.sources.push({ ...p.sources[0], id: 'github:example/other' });
        p.evidence[0].source = 'github:example/other src';
      },
      'claims.0.findings.0.evidence',
    ],
    ['a quote from nowhere', (p) => (p.claims[0].source = 'example.org'), 'claims.0.source'],
    [
      'a date of our copy as that of the source',
      (p) => Object.assign(p.evidence[0], { grade: 1, pin: { date: '2026-01-01' } }),
      'evidence.0.published',
    ],
    [
      'a competitor at full weight',
      (p) => Object.assign(p.evidence[0], { interest: 'competitor', downgrades: [] }),
      'evidence.0.downgrades',
    ],
    ['an end that the project does not announce', (p) => delete p.state.quote, 'state.quote'],
    ['a check before the copy was read', (p) => (p.sources[0].checked = '2026-01-02'), 'sources.0.checked'],
    [
      'a second reading of an item of another cell',
      (p) => (p.second.codes[0].on = 'p1.kept'),
      'second.codes.0.on',
    ],
    [
      'an item of another attribute',
      (p) => (p.claims[0].findings[0].on = 'p2.default'),
      'claims.0.findings.0.on',
    ],
    [
      'a finding without its evidence',
      (p) => (p.claims[0].findings[0].evidence = 'g'),
      'claims.0.findings.0.evidence',
    ],
    ['two records of one name', (p) => (p.evidence[1].id = 'e'), 'evidence.1.id'],
    ['two claims of one name', (p) => p.claims.push(p.claims[0]), 'claims.1.id'],
    ['evidence that rests on itself', (p) => (p.evidence[0].restsOn = ['e']), 'evidence.0.restsOn'],
    ['evidence that goes in a circle', (p) => (p.evidence[0].restsOn = ['f']), 'evidence.0.restsOn'],
    ['evidence that rests on nothing', (p) => (p.evidence[1].restsOn = ['g']), 'evidence.1.restsOn'],
    ['grade 2 without a pin', (p) => (p.evidence[0].pin = { date: '2026-01-15' }), 'evidence.0.pin'],
    ['grade 3 by the project itself', (p) => (p.evidence[1].interest = 'self'), 'evidence.1.interest'],
    ['grade 3 by a competitor', (p) => (p.evidence[1].interest = 'competitor'), 'evidence.1.interest'],
    [
      'a measurement of one’s own at full weight',
      (p) => {
        p.evidence[0].kind = 'measurement';
      },
      'evidence.0.downgrades',
    ],
    [
      'evidence read before it was there',
      (p) => (p.evidence[0].retrieved = '2025-01-01'),
      'evidence.0.published',
    ],
    [
      'evidence that expired when it was read',
      (p) => (p.evidence[0].expires = '2026-02-01'),
      'evidence.0.expires',
    ],
    ['data older than the evidence', (p) => (p.timestamps.dataAsOf = '2026-01-31'), 'timestamps.dataAsOf'],
    ['an edit before publication', (p) => (p.timestamps.edited = '2026-01-31'), 'timestamps.edited'],
    ['a reply that nobody asked for', (p) => delete p.review.invited, 'review.invited'],
    [
      'a reply from before it was asked for',
      (p) => (p.review.reply.date = '2026-01-31'),
      'review.reply.date',
    ],
    ['a control that credits a ledger', (p) => (p.kind = 'control'), 'kind'],
    ['no trust at all', (p) => (p.claims[0].trust = []), 'claims.0.trust'],
  ] as readonly (readonly [string, (project: ReturnType<typeof mutable>) => void, string])[])(
    'with %s is refused',
    (_, edit, field) => {
      expect(refused(change(edit)).expected).toContain(
        `the field ${field} of the project in data/example.ts to be `,
      );
    },
  );
});

describe('grades', () => {
  const weight = (id: string, ...records: Project['evidence']) => weightsOf(records).get(id);
  const gradeOf = (id: string, ...records: Project['evidence']) => weight(id, ...records)?.grade;

  it('fall by one for each reason, and not below 0', () => {
    const doubt = { reason: 'indirect' as const, because: 'another version' };
    expect(gradeOf('e', evidence({ downgrades: [doubt, doubt, doubt] }))).toBe(0);
    expect(gradeOf('e', evidence({ downgrades: [doubt] }))).toBe(1);
  });

  it('are never above what they rest on', () => {
    const blog = evidence({ id: 'blog', grade: 0 });
    const press = evidence({ id: 'press', grade: 3, interest: 'independent', restsOn: ['blog'] });
    const repeat = evidence({ id: 'repeat', grade: 3, interest: 'independent', restsOn: ['press'] });
    expect(gradeOf('repeat', repeat, press, blog)).toBe(0);
  });

  it('count only while what they rest on does', () => {
    const owner = evidence({ id: 'owner', kind: 'onchain', published: '2026-01-20' });
    const paper = evidence({ id: 'paper', kind: 'paper', published: '2026-01-10', restsOn: ['owner'] });
    const repeat = evidence({ id: 'repeat', restsOn: ['paper'] });
    for (const id of ['paper', 'repeat']) {
      expect(weight(id, repeat, owner, paper)).toMatchObject({ from: '2026-01-20', until: '2026-03-03' });
    }
  });

  it('are found in one pass, however much rests on what', () => {
    const layer = (i: number, restsOn: readonly string[]) =>
      ['a', 'b'].map((side) => evidence({ id: `${side}${i}`, restsOn: [...restsOn] }));
    const layers = Array.from({ length: 1000 }, (_, i) =>
      layer(i, i === 0 ? [] : [`a${i - 1}`, `b${i - 1}`]),
    ).flat();
    const { second: _, ...rest } = fullProject();
    const project = { ...rest, claims: [], evidence: layers.toReversed() };
    expect(weightsOf(parseProject(project, 'f').evidence).get('a999')?.grade).toBe(2);
  });

  it('expire by kind, unless the record says when', () => {
    expect(expiryOf(evidence({ kind: 'onchain' }))).toBe('2026-03-03');
    expect(expiryOf(evidence({ kind: 'measurement' }))).toBe('2027-02-01');
    expect(expiryOf(evidence({ kind: 'paper' }))).toBeUndefined();
    expect(expiryOf(evidence({ expires: '2026-12-24' }))).toBe('2026-12-24');
  });
});

describe('a report', () => {
  it('shows what was outweighed and what does not count', () => {
    const report = evaluateProject(fullProject(), { asOf: '2027-01-01' });
    // The one that rests on it goes with it.
    expect(report.outside).toEqual([
      { id: 'e', because: 'expired' },
      { id: 'f', because: 'expired' },
    ]);
    const early = evaluateProject(fullProject(), { asOf: '2025-12-31' });
    expect(early.outside.map(({ because }) => because)).toEqual(['not yet published', 'not yet published']);
  });

  it('turns its evidence into records of the matrix', () => {
    const records = evidenceOf(fullProject());
    expect(records.map((record) => evidenceSchema.parse(record))).toEqual(records);
    expect(records[0]?.cells).toEqual(['verifiability-security']);
    expect(records[1]).toMatchObject({ kind: 'observation', grade: 1, origin: { type: 'source' } });
  });
});
