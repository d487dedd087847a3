/**
 * The accountants of differential privacy against the table of vectors/dp (its README has the
 * sources): the largest relative errors of epsilon, of PLD against Google's and of RDP against
 * Opacus', at Opacus' orders; in how many rows PLD is above RDP, which must be none; and how long a
 * row takes by PLD. Processor time, so that what else the machine does is not counted; a figure is
 * the median over runs of the slowest row.
 */
import { accountLossDistribution, accountRenyi } from '@nonet/privacy/dp';
import { golden, opacusOrders, releasesOf } from '../packages/privacy/src/testing/goldenTable.ts';
import { benchFigure, type Figure, type Suite } from './suite.ts';

const runs = 5;

/** Processor time of this thread in milliseconds. */
function processorTime(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

const relativeError = (found: number, expected: number) => Math.abs(found / expected - 1);

export const suite: Suite = {
  name: 'dp',
  about: 'differential privacy: errors of the accountants against other libraries, and their time',
  cells: [],
  async run({ note }) {
    const rows = golden.sampledGaussian;
    const pldErrors: number[] = [];
    const rdpErrors: number[] = [];
    let above = 0;
    for (const row of rows) {
      const pld = accountLossDistribution(releasesOf(row)).epsilonAt(row.delta);
      pldErrors.push(relativeError(pld, row.googlePld));
      const rdp = accountRenyi(releasesOf(row), opacusOrders).epsilonAt(row.delta);
      rdpErrors.push(relativeError(rdp, row.opacusRdp));
      if (pld > accountRenyi(releasesOf(row)).epsilonAt(row.delta)) above++;
    }
    const slowest: number[] = [];
    for (let run = 1; run <= runs; run++) {
      note(`run ${run} of ${runs}`);
      const times = rows.map((row) => {
        const start = processorTime();
        accountLossDistribution(releasesOf(row)).epsilonAt(row.delta);
        return processorTime() - start;
      });
      slowest.push(Math.max(...times));
    }
    const figures: Record<string, Figure> = {
      'pld.maxError': benchFigure(Math.max(...pldErrors), 'fraction'),
      'rdp.maxError': benchFigure(Math.max(...rdpErrors), 'fraction'),
      'pld.aboveRdp': benchFigure(above, 'rows'),
      'pld.slowest': benchFigure(slowest, 'ms'),
    };
    return figures;
  },
};
