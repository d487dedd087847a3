/**
 * What a kind of job tells of itself. Core knows records and verdicts, and no kind of job: a
 * program that verifies or shows receipts passes narrators in, as it passes verifiers
 * (docs/specs/receipt.md §4).
 *
 * A narrator reads the receipt alone and says on which records each of its sentences rests.
 * `receiptView` looks at their verdicts and adds who says so, so that no narrator can vouch for
 * what was not checked.
 */
import type { JobKind } from '../records/job.ts';
import type { FigureView } from './figureText.ts';
import type { Receipt } from './receipt.ts';

/** A sentence, and what it rests on. */
export interface Told {
  readonly text: string;
  /** Numbers of records, from 1. Empty where the sentence restates the job record. */
  readonly from: readonly number[];
  /**
   * Set where it follows from moves of a ledger: as long as no ledger confirmed them, they are the
   * runner's record, however well they were computed again.
   */
  readonly ofLedger?: true;
}

/** One moment of a job, told by one record. */
export interface Moment {
  /** Number of the record, from 1. */
  readonly number: number;
  /** Its place in time, ascending: rounds are counted from 1. */
  readonly position: number;
  /** In the order of the timeline's columns; a blank is a dash. */
  readonly cells: readonly string[];
  /** 0 .. 1, where there is something to draw. */
  readonly level?: number;
  /** How many, where there is something to draw. */
  readonly count?: number;
  /** Further figures of the record, as columns under their labels. */
  readonly figures: readonly FigureView[];
}

/** What happened, in order: a table with one row per moment. */
export interface Timeline<Entry extends Moment = Moment> {
  /** `Round by round`. */
  readonly title: string;
  /** What positions count: `Round`. */
  readonly unit: string;
  /** Headings of the cells. */
  readonly columns: readonly string[];
  /** What levels are. */
  readonly level: string;
  /** What counts are, where moments have any. */
  readonly count?: string;
  readonly moments: readonly Entry[];
}

/** A role in a job, and the accounts that acted in it by its record, each once. */
export interface Role {
  /** `took part`, as it is said of an account. */
  readonly did: string;
  readonly accounts: readonly string[];
}

/** One thing that could be learnt from a job. */
export interface Exposed {
  /** `What one site's update says`. */
  readonly what: string;
  /** Who could read it without help. */
  readonly who: string;
  /** With whom, or through what, others could. */
  readonly unless: string;
  /** Until when there is something to read. */
  readonly until: string;
}

/** What was spent of a bound on what may be learnt. */
export interface SpentBudget {
  /** What is protected: `Each single record`. */
  readonly of: string;
  readonly spent: string;
  /** The most that may be spent, and who says so. */
  readonly allowed: string;
  /** Under which conditions the figure holds. */
  readonly condition: string;
}

/** Who could read what, for a person who answers for the data. */
export interface Exposure {
  readonly summary: Told;
  readonly rows: readonly Exposed[];
  /** Where a job counts what it gives away. */
  readonly budgets?: readonly SpentBudget[];
}

/** What was run, with whom, what came out. */
export interface Narration {
  /**
   * A clause that begins in lower case or with a number: `20 participants trained one model
   * together`.
   */
  readonly title: Told;
  readonly summary: readonly Told[];
  readonly timeline?: Timeline;
  /** Who acted, where the record of the job is at hand. The account that ran it is added. */
  readonly roles?: readonly Role[];
  readonly exposure?: Exposure;
}

/** Never throws on a well-formed receipt. */
export type Narrator = (receipt: Receipt) => Narration;

/** Narrators by kind of job. A receipt of another kind is shown by its records alone. */
export type Narrators = Readonly<Partial<Record<JobKind, Narrator>>>;
