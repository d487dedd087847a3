/** What quantising a model cost, in words. */
import type { QuantisationReport } from '@nonet/tensor/quantise';
import { dim, formatPercent, plural } from '../terminal/terminal.ts';

/** Tensors that are named: those that lose most. */
const named = 4;

/** Accuracy in f32 and in integers, how often both agree, and where most is lost. */
export function describeReport(report: QuantisationReport, isLabelled: boolean): readonly string[] {
  const { count, floatAccuracy, quantisedAccuracy, agreement, tensors } = report;
  const accuracies = `right on ${formatPercent(floatAccuracy)} before and ${formatPercent(quantisedAccuracy)} after, `;
  const worst = tensors.toSorted((a, b) => b.ownError - a.ownError).slice(0, named);
  const saturated = tensors.filter((tensor) => tensor.saturated > 0.001);
  return [
    `as integers: ${isLabelled ? accuracies : ''}the same answer on ${formatPercent(agreement)} of ${plural(count, 'row')}`,
    dim(
      `  most is lost in ${worst.map(({ name, ownError }) => `${name} (${formatPercent(ownError)})`).join(', ')}`,
    ),
    ...(saturated.length === 0
      ? []
      : [
          dim(
            `  beyond what calibration saw: ${saturated.map(({ name, saturated: part }) => `${name} (${formatPercent(part)} of its values)`).join(', ')}`,
          ),
        ]),
  ];
}
