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
