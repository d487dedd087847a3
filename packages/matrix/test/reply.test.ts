/**
 * The path to a verdict of hype, played to its end on the constructed control: archived page, second
 * reader, invitation, an answer by a process of its own, and the verdict. No real project is judged
 * so before it was asked.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { projects } from '../data/projects/index.ts';
import { constructedPage, wrapper } from '../data/projects/wrapper.ts';
import {
  type Answer,
  askProject,
  evaluateProject,
  type Invitation,
  type Project,
  parseProject,
  recordAnswer,
} from '../src/evaluation/index.ts';

/** Asks the respondent, which has no permission for anything but its own file. */
function askProcess(invitation: Invitation, mode: 'words' | 'evidence'): Answer {
  const script = fileURLToPath(new URL('respondent.ts', import.meta.url));
  const output = execFileSync(
    process.execPath,
    ['--permission', `--allow-fs-read=${script}`, '--no-warnings', script, mode],
    { input: JSON.stringify(invitation), encoding: 'utf8', env: {}, timeout: 60_000 },
  );
  return JSON.parse(output) as Answer;
}

const [claim] = wrapper.claims;
const readTwice: Project = {
  ...wrapper,
  second: {
    reader: 'a second reader of the constructed page',
    independent: true,
    date: '2026-11-30',
    codes: [{ claim: claim!.id, on: 'H1', value: 'true' }],
  },
};
const asked = askProject(readTwice, '2026-12-01');
const at = (project: Project, asOf: string) =>
  evaluateProject(parseProject(project, 'constructed'), { asOf });

describe('the right of reply', () => {
  it('says of real projects who would have to be asked what, and withholds nothing from them silently', () => {
    const asked = projects
      .map((project) => evaluateProject(project, { asOf: '2026-11-30' }))
      .filter(({ project, invitation }) => project.kind === 'project' && invitation !== undefined);
    expect(asked.length).toBeGreaterThan(3);
    for (const { invitation, project } of asked) {
      expect(invitation!.at.length, project.id).toBeGreaterThan(0);
      for (const { against } of invitation!.questions) expect(against.length).toBeGreaterThan(0);
    }
  });

  it('begins with the page that is quoted, archived by its hash', () => {
    expect(createHash('sha256').update(constructedPage).digest('hex')).toBe(claim!.archive);
    expect(constructedPage).toContain(claim!.quote);
  });

  it('says who would have to be asked what, before anything harder is said', () => {
    const { decision, invitation } = at(readTwice, '2026-11-30');
    expect(decision).toMatchObject({
      verdict: 'under review',
      withheld: ['the project was not asked for a reply'],
    });
    expect(invitation?.questions.map(({ on }) => on)).toContain('H1');
    expect(invitation?.until).toBeUndefined();
  });

  it('leaves 14 days', () => {
    const report = at(asked, '2026-12-14');
    expect(report.decision.withheld).toEqual(['the 14 days for a reply have not passed']);
    expect(report.invitation?.until).toBe('2026-12-15');
    expect(at(asked, '2026-12-15').decision).toMatchObject({ verdict: 'hype', rule: 2, withheld: [] });
  });

  it('ends in hype where an answer brings words and no evidence, and keeps the words', () => {
    const answer = askProcess(at(asked, '2026-12-02').invitation!, 'words');
    const report = at(recordAnswer(asked, answer), '2026-12-06');
    expect(report.decision).toMatchObject({ verdict: 'hype', withheld: [] });
    expect(report.project.review.reply).toEqual({
      text: 'We stand by our words.',
      by: wrapper.name,
      date: '2026-12-05',
    });
  });

  it('ends in no hype where an answer brings evidence that outweighs', () => {
    const answer = askProcess(at(asked, '2026-12-02').invitation!, 'evidence');
    const { decision } = at(recordAnswer(asked, answer), '2026-12-06');
    expect(decision.verdict).not.toBe('hype');
    expect(decision.withheld).toEqual([]);
  });

  it('needs a second reader who is another', () => {
    const same = { ...asked, second: { ...asked.second!, independent: false } };
    expect(at(same, '2026-12-20').decision.withheld).toEqual(['only one reviewer']);
  });
});
