/** A project's six properties, each as far as the best of its claims about it. */
import type { ProjectReport } from '@nonet/matrix/evaluation';
import type { Slice } from './Rosette.tsx';
import { ledgerProperties, wishes } from './text.ts';

export function slicesOf({ claims }: ProjectReport): readonly Slice[] {
  return [...wishes, ...ledgerProperties].map((name) => {
    const intervals = claims.flatMap(({ claim, wish, property }) => {
      const [first, second] = claim.cell.split('-');
      return [...(first === name ? [wish] : []), ...(second === name ? [property] : [])];
    });
    return {
      name,
      low: Math.max(0, ...intervals.map(({ lo }) => lo)),
      high: Math.max(0, ...intervals.map(({ hi }) => hi)),
      claimed: intervals.length > 0,
    };
  });
}

/** The same in words, for those who do not see the picture. */
export function summaryOf(report: ProjectReport): string {
  const told = slicesOf(report)
    .filter(({ claimed }) => claimed)
    .map(({ name, low, high }) => `${name} ${low === high ? low : `${low} to ${high}`}`);
  return `${report.project.name}: ${told.length === 0 ? 'claims no property' : `${told.join(', ')} of 4`}`;
}
