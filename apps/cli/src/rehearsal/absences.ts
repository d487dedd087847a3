/** The script of a rehearsal: who is away when. Pure. */
import type { Absence } from '../files/jobFile.ts';

/** Whether the script has the site away in this round: after it dropped out, before it returns. */
export function isAway(absences: readonly Absence[], site: number, round: number): boolean {
  return absences.some(
    ({ participant, drops, returns }) =>
      participant === site && round > drops && (returns === undefined || round < returns),
  );
}

/** Whether the script has the site come back in this round or before. */
export function hasReturned(absences: readonly Absence[], site: number, round: number): boolean {
  return absences.some(
    ({ participant, drops, returns }) =>
      participant === site && drops < round && returns !== undefined && returns <= round,
  );
}

/** The drop-out that is still to come, if any. */
export function absenceAhead(absences: readonly Absence[], site: number, round: number): Absence | undefined {
  return absences.find(({ participant, drops }) => participant === site && drops >= round);
}

/**
 * Processes of sites: one costs some 40 MB and half a second before its site has done anything, so
 * more sites than these share them.
 */
const siteProcesses = 24;

/**
 * Sites by the process that they run in. One whose process the script ends has its own; the others
 * are shared out evenly, neighbours together.
 */
export function groupSites(sites: readonly number[], absences: readonly Absence[]): number[][] {
  const isScripted = (site: number) => absences.some(({ participant }) => participant === site);
  const alone = sites.filter(isScripted).map((site) => [site]);
  const others = sites.filter((site) => !isScripted(site));
  const each = Math.ceil(others.length / Math.max(1, siteProcesses - alone.length));
  const groups = [...alone];
  for (let start = 0; start < others.length; start += each) groups.push(others.slice(start, start + each));
  return groups.sort(([a], [b]) => a! - b!);
}
