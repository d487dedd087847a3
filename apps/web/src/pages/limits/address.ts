/**
 * What a reader asked, as the part of the address after `#`, so that a link shows what its sender
 * saw. Only what differs from the page's own request is written; what is not understood counts as
 * not asked.
 */
import { firstYearOf, type LimitsRequest, lastYear, type Scenario, scenarios } from '@nonet/limits';

/** Draws for a question of a reader: a result in about a second, its second digit good. */
const draws = 20_000;

/** Published scenarios, and the one that the page came with if it is another. */
export function offeredScenarios(own: Scenario): readonly Scenario[] {
  const published = Object.values(scenarios);
  return published.some(({ id }) => id === own.id) ? published : [own, ...published];
}

/** `scenario=epri2025&year=2031`; empty where the request is the page's own. */
export function writeRequest({ scenario, year, coupling }: LimitsRequest, own: LimitsRequest): string {
  const asked = new URLSearchParams();
  if (scenario.id !== own.scenario.id) asked.set('scenario', scenario.id);
  if (year !== own.year) asked.set('year', String(year));
  if (coupling.overhead !== own.coupling.overhead) asked.set('overhead', String(coupling.overhead));
  if (coupling.privateDataShare !== own.coupling.privateDataShare) {
    asked.set('private', String(coupling.privateDataShare));
  }
  if (coupling.teeShare !== own.coupling.teeShare) asked.set('attest', String(coupling.teeShare ?? 0));
  return asked.toString();
}

/** The request that an address asks for, or the page's own. */
export function readRequest(hash: string, own: LimitsRequest): LimitsRequest {
  const asked = new URLSearchParams(hash.replace(/^#/, ''));
  const number = (name: string, low: number, high: number): number | undefined => {
    const text = asked.get(name);
    const value = text === null || text.trim() === '' ? Number.NaN : Number(text);
    return value >= low && value <= high ? value : undefined;
  };
  const scenario =
    offeredScenarios(own.scenario).find(({ id }) => id === asked.get('scenario')) ?? own.scenario;
  const year = number('year', firstYearOf(scenario), lastYear) ?? Math.max(own.year, firstYearOf(scenario));
  const overhead = number('overhead', 1, 10_000);
  const { teeShare: ownShare, ...ownCoupling } = own.coupling;
  const teeShare = number('attest', 0, 1) ?? ownShare;
  const request: LimitsRequest = {
    ...own,
    draws,
    scenario,
    year: Math.round(year),
    coupling: {
      ...ownCoupling,
      ...(overhead === undefined ? {} : overheadOf(overhead)),
      privateDataShare: number('private', 0, 1) ?? ownCoupling.privateDataShare,
      ...(teeShare === undefined || teeShare === 0 ? {} : { teeShare }),
    },
  };
  return writeRequest(request, own) === '' ? own : request;
}

/** An overhead with who says so. */
export function overheadOf(overhead: number): Pick<LimitsRequest['coupling'], 'overhead' | 'overheadFrom'> {
  return { overhead, overheadFrom: overhead === 1 ? 'none was chosen' : 'chosen by the reader' };
}
