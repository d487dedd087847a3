/**
 * What an attack is to the command line, and what its outcome means. Attacks live in the
 * repository's `attacks/`, one file each: `export const attack: Attack`.
 */
import type { CellId, Figure } from '@nonet/core/records';

/** What an attack may use of the command line. */
export interface AttackContext {
  /** Of everything that is not secret; secrets come from the operating system. */
  readonly seed: number;
  /** Whether to take minutes instead of one. */
  readonly long: boolean;
  /** Progress, on standard error. */
  readonly note: (line: string) => void;
  /** Keeps an image or a table beside the evidence. */
  readonly keep: (file: string, bytes: Uint8Array) => void;
}

/** The attack under one condition. */
export interface Trial {
  /**
   * `without` the guarantee, `with` it, or `beyond` what it assumes: with it, under conditions that
   * it does not claim to withstand.
   */
  readonly condition: 'without' | 'with' | 'beyond';
  /** Under which the attack ran: a phrase. */
  readonly setting: string;
  /** What it came to: a phrase. */
  readonly measured: string;
  readonly succeeded: boolean;
}

/** One claim, put to the test. */
export interface Finding {
  /** A few words. */
  readonly name: string;
  /** Whose guarantee it is. */
  readonly mechanism: string;
  /** The bound that is claimed, and where: a phrase. */
  readonly claimed: string;
  /** How likely the attack is to succeed by luck, and to miss what it should find: a phrase. */
  readonly power: string;
  readonly trials: readonly Trial[];
  readonly figures: Readonly<Record<string, Figure>>;
}

/** One attack. */
export interface Attack {
  /** That of its file. */
  readonly name: string;
  /** What the attacker does: a phrase without a full stop. */
  readonly about: string;
  readonly cells: readonly CellId[];
  run(context: AttackContext): Promise<readonly Finding[]>;
}

/**
 * `holds`: the attack succeeds without the guarantee, and fails with it. `broken`: it succeeds with
 * it. `powerless`: it fails where it should succeed, so its failing says nothing.
 */
export type Verdict = 'holds' | 'broken' | 'powerless';

/** The verdict on one claim. A claim without a trial under its guarantee, or without it, is `powerless`. */
export function verdictOf({ trials }: Pick<Finding, 'trials'>): Verdict {
  const guarded = trials.filter(({ condition }) => condition === 'with');
  const open = trials.filter(({ condition }) => condition !== 'with');
  if (guarded.some(({ succeeded }) => succeeded)) return 'broken';
  return open.length > 0 && guarded.length > 0 && open.every(({ succeeded }) => succeeded)
    ? 'holds'
    : 'powerless';
}

/** The verdict on all claims that an attack puts to the test: the worst. */
export function worstVerdict(findings: readonly Pick<Finding, 'trials'>[]): Verdict {
  const verdicts = findings.map(verdictOf);
  if (verdicts.includes('broken')) return 'broken';
  return verdicts.includes('powerless') || verdicts.length === 0 ? 'powerless' : 'holds';
}
