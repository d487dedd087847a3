/**
 * How long the evaluator takes for 60 projects with every single change that changes a verdict: the
 * committed projects, repeated up to 60, judged as of one day. Part of the suite `limits`, because
 * both belong to the matrix.
 */
import { evaluateProject } from '@nonet/matrix/evaluation';
import { projects } from '@nonet/matrix/projects';
import { benchFigure, type Figure } from './suite.ts';

const runs = 5;

/**
 * Milliseconds of processor time for 60 projects, after one run to warm up: what else the machine
 * does is not counted.
 */
export function measureEvaluation(): Figure {
  const sixty = Array.from({ length: 60 }, (_, i) => projects[i % projects.length]!);
  const once = () => {
    const start = process.cpuUsage();
    for (const project of sixty) evaluateProject(project, { asOf: '2026-11-27' });
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  };
  once();
  return benchFigure(Array.from({ length: runs }, once), 'ms');
}
