/**
 * What the matrix promises: how many projects are judged, how many were read a second time and by
 * whom, how old our look at their sources is, how often two readings agree; and advice for
 * everybody. Counts, not times.
 */
import { agreementOf, evaluateProject } from '@nonet/matrix/evaluation';
import { leads, projects } from '@nonet/matrix/projects';
import { measureAdvice } from './advice.ts';
import { benchFigure, type Figure, type Suite } from './suite.ts';

export const suite: Suite = {
  name: 'matrix',
  about: 'the catalogue of projects: judged, read twice, fresh; advice: answers, never looser when stricter',
  cells: [],
  async run({ note }) {
    note('10,000 random needs, and what must hold of their answers');
    return { ...measureProjects(), ...measureAdvice() };
  },
};

function measureProjects(): Record<string, Figure> {
  const asOf = new Date().toISOString().slice(0, 10);
  const reports = projects
    .filter(({ kind }) => kind !== 'constructed')
    .map((project) => evaluateProject(project, { asOf }));
  const sources = reports.flatMap(({ freshness }) => freshness);
  const { agreed, of } = agreementOf(reports);
  const count = (holds: (report: (typeof reports)[number]) => boolean) =>
    benchFigure([reports.filter(holds).length], 'projects');
  const figures: Record<string, Figure> = {
    'projects.judged': count(() => true),
    'projects.secondReader': count(({ project }) => project.second !== undefined),
    'projects.secondReader.independent': count(({ reviewers }) => reviewers > 1),
    'projects.agreement': benchFigure([agreed / of], 'fraction'),
    'projects.withFlips': count(({ flips }) => flips.length > 0),
    'projects.asked': count(({ project }) => project.review.invited !== undefined),
    'projects.leads': benchFigure([leads.length], 'projects'),
    'sources.checkedDays': benchFigure(
      sources.map(({ checkedDaysAgo }) => checkedDaysAgo),
      'days',
    ),
  };
  return figures;
}
