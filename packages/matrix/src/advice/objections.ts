/**
 * What speaks against a way of working: a protection that it does not give, something that makes it
 * impossible, or a limit that it would pass. Kept apart because the nearest way, where none meets
 * all needs, may pass a limit but may not be impossible, and gives up protections last.
 */
import { quantityText } from '@nonet/core/receipt';
import { browserParameters } from '../planning/index.ts';
import type { Demand, Needs, Requirement } from './needs.ts';
import type { Predicted, Prediction } from './predict.ts';
import type { Way } from './ways.ts';

/** Who would do it: this installation, or something of others. */
export type Maker = 'Nonet' | 'others';

/** One thing that speaks against a way. */
export interface Objection {
  /**
   * `protection`: a requirement that it does not deliver; `impossible`: it cannot be done so;
   * `limit`: it can, but beyond what the needs or the sources allow.
   */
  readonly kind: 'protection' | 'impossible' | 'limit';
  readonly text: string;
  /** Of a protection. */
  readonly requirement?: Requirement;
  /** How many times a limit is passed, where that is a number. */
  readonly excess?: number;
}

/** No plan that is worth advising waits longer: a year. */
export const longestHours = 8766;
/** Beyond so many times the largest that a source shows, a way is not recommended. */
export const farthest = 10;

/** What speaks against a way; empty where it meets the needs. */
export function objectionsTo(
  way: Way,
  maker: Maker,
  needs: Needs,
  demands: readonly Demand[],
  prediction: Prediction,
): Objection[] {
  return [
    ...protections(way, demands),
    ...impossibilities(way, needs),
    ...sizeLimits(way, maker, needs),
    ...costLimits(way, needs, prediction),
  ];
}

function protections(way: Way, demands: readonly Demand[]): Objection[] {
  return demands
    .filter(({ requirement }) => !way.delivers.includes(requirement))
    .map(({ requirement, because }) => ({
      kind: 'protection',
      text: `it does not deliver "${requirement}" (${because})`,
      requirement,
    }));
}

function impossibilities(way: Way, { parties, data, sensitivity, hardware }: Needs): Objection[] {
  const texts = [
    parties < way.minimumParties
      ? `it needs at least ${way.minimumParties} parties, there are ${parties}`
      : '',
    parties > way.maximumParties
      ? `it takes at most ${way.maximumParties.toLocaleString('en')} parties, there are ${parties.toLocaleString('en')}`
      : '',
    way.data === 'in one place' && data !== 'in one place'
      ? 'it needs data that all parties may see, and yours are at their owners'
      : '',
    way.data === 'at their owners' && data !== 'at their owners'
      ? 'it needs each owner to run it, and your data are in one place'
      : '',
    way.showsData === true && sensitivity === 'personal'
      ? 'all who take part would read the data, which are personal'
      : '',
    way.attested === true && hardware?.attested === false
      ? 'it needs attested hardware, which your needs rule out'
      : '',
  ];
  return texts.filter((text) => text !== '').map((text) => ({ kind: 'impossible', text }));
}

function sizeLimits(way: Way, maker: Maker, needs: Needs): Objection[] {
  const { model, parties, hardware, dropouts = 0, workload } = needs;
  const parameters = model?.parameters ?? 0;
  const large = parameters > browserParameters;
  const count = parameters.toLocaleString('en');
  const texts = [
    dropouts > way.survivesDropouts
      ? `it survives ${percent(way.survivesDropouts)} of the parties missing, not ${percent(dropouts)}`
      : '',
    large && maker === 'Nonet'
      ? hardware?.accelerator === true
        ? 'this version computes on processors, and the model needs an accelerator'
        : `${count} parameters are more than the 50 million that processors suit`
      : '',
    large &&
    maker === 'others' &&
    way.plain !== true &&
    workload === 'train' &&
    hardware?.accelerator !== true
      ? `${count} parameters need accelerators, which your needs do not name`
      : '',
    model?.realTime === true && way.withinASecond !== true
      ? 'an answer within a second leaves it no time'
      : '',
  ];
  return [
    ...texts.filter((text) => text !== '').map((text): Objection => ({ kind: 'limit', text })),
    ...(maker === 'others' ? sizesBeyondShown(way, { parameters, parties }) : []),
  ];
}

function sizesBeyondShown(way: Way, sizes: Readonly<Record<'parameters' | 'parties', number>>): Objection[] {
  return (['parameters', 'parties'] as const).flatMap((of): Objection[] => {
    const factor = beyondShown(way, of, sizes[of]);
    if (factor <= farthest) return [];
    const most = way.shown?.[of]?.toLocaleString('en');
    const text = `it was shown with ${most} ${of}, and yours are ${Number(factor.toPrecision(2)).toLocaleString('en')} times as many`;
    return [{ kind: 'limit', text, excess: factor / farthest }];
  });
}

/** How many times as many as the most that a source shows; 1 within, or where none says. */
export function beyondShown(way: Way, of: 'parameters' | 'parties', value: number): number {
  return Math.max(1, value / (way.shown?.[of] ?? Number.POSITIVE_INFINITY));
}

/** A figure whose upper end passes a limit is not recommended, stated or of common sense. */
function costLimits(way: Way, { budget = {} }: Needs, { seconds, gas }: Prediction): Objection[] {
  const hours = Math.min(budget.hours ?? longestHours, longestHours);
  const limit =
    budget.hours === undefined ? 'and no plan waits more than a year' : `the budget is ${budget.hours}`;
  const unknown =
    seconds === undefined && way.effort !== 'none' && budget.hours !== undefined
      ? `no source says how long it takes at your size, and the budget is ${budget.hours} hours`
      : '';
  return [
    ...(unknown === '' ? [] : [{ kind: 'limit', text: unknown } as const]),
    ...passed(seconds, hours * 3600, (value) => `${hoursText(value)} hours`, limit),
    ...(budget.gas === undefined
      ? []
      : passed(gas, budget.gas, gasText, `the budget is ${gasText(budget.gas)}`)),
  ];
}

/** Whether a figure may pass its limit. */
function passed(
  predicted: Predicted | undefined,
  most: number,
  text: (value: number) => string,
  limit: string,
): Objection[] {
  if (predicted === undefined || predicted.high <= most) return [];
  const { low, high } = predicted;
  const takes = low > most ? `it takes at least ${text(low)}` : `it may take up to ${text(high)}`;
  return [{ kind: 'limit', text: `${takes}, ${limit}`, excess: high / most }];
}

const hoursText = (seconds: number) => Number((seconds / 3600).toPrecision(2)).toLocaleString('en');
const gasText = (gas: number) => quantityText(Number(gas.toPrecision(2)), 'gas');
const percent = (share: number): string => `${Math.round(share * 100)} %`;
