import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cellsOf, evaluateProject, type ProjectReport, tallyCells } from '@nonet/matrix/evaluation';
import { leads, projects } from '@nonet/matrix/projects';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { withoutColour } from '../../terminal/terminal.ts';
import type { EvaluateOptions } from './definition.ts';
import { evaluateClaims } from './evaluate.ts';
import { renderBacktest, renderFresh, renderReport } from './evaluateText.ts';

const folder = mkdtempSync(join(tmpdir(), 'nonet-evaluate-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

const asOf = '2026-11-30';

/** What the command prints. */
function evaluate(target?: string, options: EvaluateOptions = {}): string {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  evaluateClaims(target, { ...(options.backtest || options.fresh ? {} : { asOf }), ...options });
  const text = withoutColour(out.mock.calls.map(([line]) => String(line)).join(''));
  vi.restoreAllMocks();
  return text;
}
const reportOf = (id: string) => evaluateProject(projects.find((project) => project.id === id)!, { asOf });
const textOf = (report: ProjectReport) => withoutColour(renderReport(report));

describe('the table of all projects', () => {
  const reports = projects.map((project) => evaluateProject(project, { asOf }));
  const lines = evaluate().split('\n');

  test('has the verdict of each, its state where it is not in use, what it lacks, and its levels', () => {
    for (const report of reports) {
      const { project, decision, nearest } = report;
      const row = lines.find((line) => line.startsWith(`${project.id} `))!.split(/ {2,}/);
      const { is } = project.state;
      const ended = is === 'in use' || is === 'not stated' ? '' : ` (${is})`;
      const levels = [...cellsOf(report)].map(
        ([cell, { lo, hi }]) => `${cell} ${lo === hi ? lo : `${lo}-${hi}`}`,
      );
      expect(row).toEqual([
        project.id,
        `${decision.verdict}${ended}`,
        ...(nearest === undefined ? [] : [`${nearest.missing.length}`]),
        levels.join(', '),
      ]);
    }
  });

  test('counts claims by cell, and names what is not judged yet and the date', () => {
    for (const { cell, shown, refuted, open, withoutLedger } of tallyCells(reports)) {
      const row = lines.find((line) => line.startsWith(cell.replace('-', ' × ')))!;
      expect(row.split(/ {2,}/).slice(1).map(Number)).toEqual([shown, refuted, open, withoutLedger]);
    }
    expect(lines.join('\n')).toContain(`${leads.length} further projects under review`);
    expect(lines.join('\n')).toContain(`As of ${asOf}.`);
  });

  test('is one document with --json, of the same day', () => {
    const document = JSON.parse(evaluate(undefined, { json: true }));
    expect(document).toMatchObject({ asOf, leads: expect.any(Array) });
    for (const [i, report] of reports.entries()) {
      expect(document.projects[i]).toMatchObject({
        id: report.project.id,
        verdict: report.decision.verdict,
        flips: report.flips.length,
        stale: report.freshness.some(({ stale }) => stale),
        behind: report.freshness.some(({ behind }) => behind),
        asked: report.invitation?.questions.length ?? 0,
      });
      const looked = report.project.sources.map(({ checked }) => checked);
      for (const day of looked) expect(document.projects[i].checked <= day).toBe(true);
      expect(looked).toContain(document.projects[i].checked);
    }
    const before = JSON.parse(evaluate(undefined, { json: true, asOf: '2020-01-01' }));
    expect(before.asOf).toBe('2020-01-01');
  });
});

describe('the report of a project', () => {
  test.each(projects.map(({ id }) => id))(
    'of %s shows each claim, with what speaks for and against it',
    (id) => {
      const report = reportOf(id);
      const text = textOf(report);
      const lines = text.split('\n');
      const has = (start: string, inside: string) =>
        lines.some((line) => line.startsWith(start) && line.includes(inside));
      expect(text).toContain(`verdict   ${report.decision.verdict} (rule ${report.decision.rule}`);
      for (const missing of report.decision.withheld) expect(text).toContain(`is withheld: ${missing}`);
      for (const { claim, findings } of report.claims) {
        expect(text).toContain(`\n  "${claim.quote}"\n`);
        const undecided = findings.filter(
          ({ value, outweighed }) => value === 'unknown' && outweighed.length === 0,
        );
        expect(text).toContain(`? not shown either way: ${undecided.map(({ on }) => on).join(', ')}`);
        for (const { text: item, value, decided, outweighed } of findings) {
          const mark = { true: '✓', false: '✗', unknown: '?', contested: '≠' }[value];
          const isShown = value !== 'unknown' || decided.length + outweighed.length > 0;
          if (isShown) expect(text).toContain(`\n  ${mark} ${item}\n`);
          for (const { fact, grade, says } of decided) {
            expect(has(`      E${grade} ${says ? 'for' : 'against'}`, `: ${fact}`)).toBe(true);
          }
          const outdone = value === 'contested' ? 'contested' : 'outweighed or too weak';
          for (const { fact, grade } of outweighed) {
            expect(has(`      ${outdone}: E${grade} `, `: ${fact}`)).toBe(true);
          }
        }
      }
      for (const { what } of report.project.incidents) expect(text).toContain(what);
      expect(text.includes('\nIncidents\n')).toBe(report.project.incidents.length > 0);
      expect(text.includes('DecAI Fit by its published formula')).toBe(report.decaiFit !== undefined);
      expect(text.includes('a newer version was seen')).toBe(report.freshness.some(({ behind }) => behind));
      expect(text.includes(', too long')).toBe(report.freshness.some(({ stale }) => stale));
      for (const { questions, at } of report.invitation === undefined ? [] : [report.invitation]) {
        for (const { text: question, claim } of questions)
          expect(text).toContain(`  of ${claim}: ${question}`);
        expect(text).toContain(`  at ${at.join(', ')}; not asked yet`);
      }
      expect(text.includes(' would have to be asked')).toBe(report.invitation !== undefined);
      for (const { text: item, refuted } of report.nearest?.missing ?? []) {
        expect(text).toContain(`${refuted ? '✗' : '?'} ${item} `);
      }
      expect(text.includes('For impact ')).toBe(report.nearest !== undefined);
    },
  );

  const report = reportOf('dstack');

  test('lists so many changes of items that would change the verdict, and tests in their order', () => {
    const [item] = report.flips.filter(({ on }) => !on.startsWith('H'));
    const flip = (on: string, more: object = {}) => ({ ...item!, on, withheld: false, ...more }) as never;
    const items = (count: number) => Array.from({ length: count }, (_, i) => flip(`v${i}`));
    const count = (text: string) => text.split(`: ${item!.claimId}: "`).length - 1;
    const nine = textOf({ ...report, flips: items(9) });
    expect(count(nine)).toBe(8);
    expect(nine).toContain('and 1 change more, none cheaper');
    const eight = textOf({ ...report, flips: items(8) });
    expect(count(eight)).toBe(8);
    expect(eight).not.toMatch(/none cheaper|Evidence on the tests/);
    const tests = textOf({ ...report, flips: [flip('H10'), flip('H2'), flip('H10')] });
    expect(tests).toContain('No single change of an item changes the verdict.');
    expect(tests).toContain('Evidence on the tests H2, H10 (docs/ladders.md)');
    const withheld = textOf({ ...report, flips: [flip('v0', { withheld: true, verdict: 'hype' })] });
    expect(withheld).toContain(`hype, withheld until the guard rails hold: ${item!.claimId}`);
  });

  test('says who read it, how often, and where the readings differ', () => {
    const second = { reader: 'another', independent: true, date: asOf, codes: [{}, {}] };
    const withSecond = (more: object) =>
      ({ ...report.project, second: { ...second, ...more } }) as unknown as ProjectReport['project'];
    const { second: _, ...once } = report.project;
    expect(textOf({ ...report, project: once })).toContain('reviewed  by one reader; ');
    const disagreements = [{ claim: 'c', text: 'an item', first: 'true', second: 'false', because: 'why' }];
    const twice = textOf({ ...report, project: withSecond({}), disagreements: disagreements as never });
    expect(twice).toContain('by two readers; 2 items coded twice, 1 otherwise');
    expect(twice).toContain('\n  c: "an item" true, second reading false (why)\n');
    const same = textOf({ ...report, project: withSecond({ independent: false }), disagreements: [] });
    expect(same).toContain('by one reader, twice (another); 2 items coded twice, 0 otherwise');
    expect(same).not.toContain('Where the second reading differs');
  });

  test('says whether the project was asked, until when, and what it answered', () => {
    expect(textOf(report)).toContain('the project was not asked for a reply yet');
    expect(textOf(report)).not.toContain('\nreply ');
    const review = { invited: '2026-11-01', reply: { by: 'them', date: '2026-11-05', text: 'No.' } };
    const invitation = {
      to: 'them',
      at: ['a'],
      until: '2026-11-15',
      missing: [],
      questions: [{ claim: 'c', text: 'q', against: ['x', 'y'] }],
    };
    const asked = textOf({
      ...report,
      project: { ...report.project, review },
      invitation: invitation as never,
    });
    expect(asked).toContain('asked for a reply on 2026-11-01 (14 days)');
    expect(asked).toContain('\nreply     them, 2026-11-05: No.\n');
    expect(asked).toContain('\nthem would have to be asked\n  of c: q Against it: x; y What refutes that?');
    expect(asked).toContain('at a; until 2026-11-15');
    const harder = textOf({ ...report, invitation: { ...invitation, missing: ['x'] } as never });
    expect(harder).toContain('\nBefore a harder verdict, them would have to be asked\n');
  });

  test('names evidence that does not count at its date', () => {
    expect(textOf(report)).not.toContain('Not counted at this date');
    const outside = [
      { id: 'a', because: 'expired' },
      { id: 'b', because: 'not yet published' },
    ] as const;
    expect(textOf({ ...report, outside })).toContain(
      'Not counted at this date: a (expired), b (not yet published)',
    );
  });

  test('says whose word evidence is, how old, and what an audit covers', () => {
    const [claim] = report.claims;
    const [finding] = claim!.findings.filter(({ decided }) => decided.length > 0);
    const [first] = finding!.decided;
    const lineOf = (more: object) => {
      const decided = [{ ...first!, fact: 'It is so.', says: true, grade: 1, ...more }];
      const findings = [{ ...finding!, decided, outweighed: [] }];
      const text = textOf({ ...report, claims: [{ ...claim!, findings } as never] });
      return text
        .split('\n')
        .find((line) => line.includes('It is so.'))!
        .split(' [')[0]!
        .trim();
    };
    const plain = { audit: undefined, interest: 'self', dated: '2026-11-29', ageDays: 1 };
    expect(lineOf(plain)).toBe('E1 for, 1 day old: It is so.');
    expect(lineOf({ ...plain, dated: undefined, ageDays: 2 })).toBe(
      'E1 for, undated, read 2 days ago: It is so.',
    );
    expect(lineOf({ ...plain, interest: 'holder', says: false })).toBe(
      'E1 against by a holder, 1 day old: It is so.',
    );
    expect(lineOf({ ...plain, interest: 'competitor' })).toContain('by a competitor');
    expect(lineOf({ ...plain, interest: 'independent' })).not.toContain(' by ');
    const audit = { read: true, version: 'v1', in: [{ part: 'p' }, { part: 'q' }], out: [{ part: 'r' }] };
    expect(lineOf({ ...plain, audit })).toBe('E1 for, 1 day old: It is so. Covers p, q; not r (v1).');
    expect(lineOf({ ...plain, audit: { ...audit, out: [] } })).toContain('Covers p, q (v1).');
    expect(lineOf({ ...plain, audit: { ...audit, read: false } })).toContain('The report was not read.');
  });

  test('says how old a source is, or that it names no date', () => {
    const [fresh] = report.freshness;
    const lineOf = (more: object) =>
      textOf({ ...report, freshness: [{ ...fresh!, stale: false, behind: false, ...more } as never] })
        .split('\n')
        .find((line) => line.startsWith('source '))!;
    expect(lineOf({ ageDays: 1, checkedDaysAgo: 3 })).toMatch(/1 day old; compared with .* 3 days ago$/);
    expect(lineOf({ ageDays: undefined })).toContain('names no date; compared');
    expect(lineOf({ stale: true })).toMatch(/ago, too long$/);
    expect(lineOf({ behind: true })).toContain('a newer version was seen and not judged: ');
  });
});

describe('a project is found', () => {
  test('by its name in any case, and shown or printed as a document', () => {
    expect(evaluate('EZKL')).toContain(textOf(reportOf('ezkl')).split('\n')[0]);
    expect(JSON.parse(evaluate('ezkl', { json: true }))).toMatchObject({ asOf, project: { id: 'ezkl' } });
  });

  test('in a file in JSON or YAML, which is judged like one of the catalogue', () => {
    const project = projects.find(({ id }) => id === 'wrapper')!;
    for (const name of ['own.json', 'own.yaml', 'own.yml']) {
      const file = join(folder, name);
      writeFileSync(file, JSON.stringify({ ...project, id: 'own', name: 'Own' }));
      expect(evaluate(file)).toMatch(/^Own: /);
    }
  });

  test('among those that were not judged yet', () => {
    const [lead] = leads;
    const text = evaluate(lead!.id);
    expect(text).toContain('under review: no claim is quoted and judged yet');
    for (const { facts } of lead!.topics) for (const { fact } of facts) expect(text).toContain(fact);
    expect(text.includes('repository  ')).toBe(lead!.repository !== undefined);
    const document = JSON.parse(evaluate(lead!.id, { json: true }));
    expect(document).toMatchObject({ asOf, verdict: 'under review', lead: { id: lead!.id } });
  });

  const refusal = (target: string) => {
    try {
      evaluate(target);
    } catch (error) {
      return error as { readonly code: string; readonly found: string; readonly hint?: string };
    }
    throw new Error('taken');
  };

  test('or refused, with those that are named alike', () => {
    expect(refusal('ezk')).toMatchObject({
      code: 'project.missing',
      hint: expect.stringMatching(/^Do you mean .*ezkl/),
    });
    expect(refusal('qqqqqqqqqqqqqqqq')).toMatchObject({
      code: 'project.missing',
      hint: '`npx nonet evaluate` without a name lists all of them.',
    });
  });

  test('only in a file that is a project: no program, no folder, nothing long', () => {
    const write = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    expect(refusal(write('a.ts', ''))).toMatchObject({ code: 'project.file' });
    mkdirSync(join(folder, 'b.json'));
    expect(refusal(join(folder, 'b.json'))).toMatchObject({
      code: 'project.file',
      found: `no file at ${join(folder, 'b.json')}`,
    });
    expect(refusal(write('c.json', ' '.repeat(2 ** 20 + 1)))).toMatchObject({
      code: 'project.file',
      found: expect.stringContaining('1048577 bytes'),
    });
    expect(refusal(write('d.json', ' '.repeat(2 ** 20)))).toMatchObject({ code: 'project.malformed' });
  });
});

test.each<[string, string | undefined, EvaluateOptions]>([
  ['--fresh without a project', undefined, { fresh: '.' }],
  ['--fresh at another day', 'ezkl', { fresh: '.', asOf }],
  ['--backtest of one project', 'ezkl', { backtest: true }],
  ['--backtest at one day', undefined, { backtest: true, asOf }],
])('%s is refused', (_, target, options) => {
  expect(() => evaluateClaims(target, options)).toThrow(expect.objectContaining({ code: 'cli.option' }));
});

test('--fresh says what a newer copy has lost, changed, or says of itself', () => {
  const comparison = {
    source: 'github:a/a',
    pinned: '1'.repeat(40),
    copy: { version: '2'.repeat(40), dated: '2026-01-01', commitsSince: 1 },
    citedChanged: ['README.md'],
    quotes: [
      { of: 'claim a', path: 'README.md', quote: 'It is so.', found: false },
      { of: 'claim b', path: 'README.md', quote: 'It is.', found: true },
    ],
    endings: ['This is archived.'],
    unchanged: false,
  } as never;
  expect(withoutColour(renderFresh([comparison])).split('\n')).toEqual([
    'github:a/a pinned at 111111111111; your copy is 222222222222 of 2026-01-01, 1 commit since the pin',
    '  1 of 2 quotes found word for word',
    '  gone from README.md: claim a: "It is so."',
    '  changed: README.md, which the file cites',
    '  says of itself: "This is archived."',
    '  Read these again before you rely on the verdict.',
  ]);
  const same = {
    ...(comparison as object),
    copy: { version: '1'.repeat(40) },
    citedChanged: [],
    quotes: [],
    endings: [],
    unchanged: true,
  } as never;
  expect(withoutColour(renderFresh([same])).split('\n')).toEqual([
    'github:a/a pinned at 111111111111; your copy is 111111111111',
    '  0 of 0 quotes found word for word',
    '  Nothing that the verdict rests on changed.',
  ]);
});

test('--backtest lists each incident with what became of it, and how often it was foreseen', () => {
  const backtest = JSON.parse(evaluate(undefined, { backtest: true, json: true }));
  const text = evaluate(undefined, { backtest: true });
  expect(text.trimEnd()).toBe(withoutColour(renderBacktest(backtest)));
  const marks = { flagged: '✓ flagged', warned: '· warned ', missed: '✗ missed ', outside: '- outside' };
  for (const { case: incident, outcome } of backtest.cases) {
    const mark = marks[outcome as keyof typeof marks];
    expect(text).toContain(`${mark}  ${incident.date}  ${incident.project}: ${incident.what}`);
    expect(text).toContain(incident.because);
    if (incident.warning !== undefined) expect(text).toContain(incident.warning.fact);
  }
  const { hits, of } = backtest.flagged;
  expect(text).toMatch(new RegExp(`flagged +${hits} of ${of} \\(95 % interval \\d+ to \\d+ %\\)`));
  expect(text).toContain(`${backtest.counts.outside} more are outside`);
});
