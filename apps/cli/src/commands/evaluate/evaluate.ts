/**
 * `nonet evaluate [PROJECT]`: judges a project's claims by evidence at a date, and says what would
 * change the verdict.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import { MisuseError } from '@nonet/core';
import {
  cellsOf,
  evaluateProject,
  type Project,
  type ProjectReport,
  parseProject,
  runBacktest,
  tallyCells,
} from '@nonet/matrix/evaluation';
import { incidents, leads, projects } from '@nonet/matrix/projects';
import { z } from 'zod';
import { parseYaml } from '../../files/yaml.ts';
import { findNamed } from '../../terminal/findNamed.ts';
import { foreignValues } from '../../terminal/foreignText.ts';
import { print, printJson } from '../../terminal/terminal.ts';
import type { EvaluateOptions } from './definition.ts';
import { renderBacktest, renderFresh, renderLead, renderReport, renderTable } from './evaluateText.ts';
import { compareFresh } from './fresh.ts';

/** Throws `cli.option`, `project.missing`, `project.file`, and what parsing a project throws. */
export function evaluateClaims(target: string | undefined, options: EvaluateOptions): void {
  const show = <T>(model: T, render: (model: T) => string): void => {
    if (options.json) printJson(model);
    else print(render(foreignValues(model)));
  };
  if (options.backtest) {
    assertBacktestAlone(target, options);
    show(runBacktest(incidents, projects), renderBacktest);
    return;
  }
  if (options.fresh !== undefined) assertFresh(target, options);
  const asOf = options.asOf ?? new Date().toISOString().slice(0, 10);
  if (target === undefined) {
    const reports = projects.map((project) => evaluateProject(project, { asOf }));
    const cells = tallyCells(reports);
    if (options.json) printJson({ asOf, projects: reports.map(summarise), cells, leads });
    else print(renderTable(reports, cells, asOf));
    return;
  }
  if (options.fresh !== undefined) {
    show(compareFresh(findProject(target), options.fresh), renderFresh);
    return;
  }
  const lead = findNamed(leads, target, ({ id }) => id);
  if (lead === undefined) show(evaluateProject(findProject(target), { asOf }), renderReport);
  else show({ asOf, verdict: 'under review', lead }, () => renderLead(lead));
}

function assertFresh(target: string | undefined, { asOf }: EvaluateOptions): void {
  if (target !== undefined && asOf === undefined) return;
  throw new MisuseError({
    code: 'cli.option',
    expected: '--fresh with one project and without --as-of',
    found: target === undefined ? 'no project' : `--as-of ${asOf}`,
  });
}

function assertBacktestAlone(target: string | undefined, { asOf }: EvaluateOptions): void {
  if (target === undefined && asOf === undefined) return;
  throw new MisuseError({
    code: 'cli.option',
    expected: '--backtest alone: each incident has its own project and day',
    found: target ?? `--as-of ${asOf}`,
  });
}

/** Project files are a few dozen kilobytes. */
const maximumBytes = 2 ** 20;

function findProject(target: string): Project {
  const known =
    findNamed(projects, target, ({ id }) => id) ?? findNamed(projects, target, ({ name }) => name);
  if (known !== undefined) return known;
  if (!existsSync(target)) {
    throw new MisuseError({
      code: 'project.missing',
      expected: `a project of the catalogue (${projects.map(({ id }) => id).join(', ')}, ...) or a file`,
      found: JSON.stringify(target),
      hint: '`npx nonet evaluate` without a name lists all of them.',
    });
  }
  const refuse = (found: string) =>
    new MisuseError({
      code: 'project.file',
      expected: 'a project file in JSON or YAML',
      found,
      hint: 'docs/adding/project.md shows what it holds.',
    });
  // A TypeScript file would have to be run.
  if (!['.json', '.yaml', '.yml'].includes(extname(target))) throw refuse(JSON.stringify(target));
  const file = statSync(target);
  if (!file.isFile()) throw refuse(`no file at ${target}`);
  if (file.size > maximumBytes) throw refuse(`${file.size} bytes in ${target}`);
  // JSON is YAML, too.
  return parseProject(parseYaml(z.unknown(), readFileSync(target, 'utf8'), target, 'project'), target);
}

/** A project in the table of all. */
const summarise = (report: ProjectReport) => ({
  id: report.project.id,
  name: report.project.name,
  kind: report.project.kind,
  ...report.decision,
  state: report.project.state.is,
  cells: Object.fromEntries(cellsOf(report)),
  flips: report.flips.length,
  lacks: report.nearest?.missing.map(({ on }) => on),
  /** The day on which the oldest look at a source was compared with its newest copy. */
  checked: report.project.sources.map(({ checked }) => checked).sort()[0],
  stale: report.freshness.some(({ stale }) => stale),
  behind: report.freshness.some(({ behind }) => behind),
  reviewers: report.reviewers,
  disagreements: report.disagreements?.length,
  asked: report.invitation?.questions.length ?? 0,
  decaiFit: report.decaiFit?.sum,
});
