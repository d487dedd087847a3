/**
 * What a local site is called on screen: from 1, as in the names of the files of `nonet init`.
 * Participants are numbered from 0 on the ledger.
 */
export function siteName(participant: number): string {
  return `site ${participant + 1}`;
}
