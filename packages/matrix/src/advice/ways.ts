/**
 * What a way of doing a workload is: what it delivers, what it asks one to believe, how far it was
 * shown, and where it can be had: from this installation, where it declares the mechanisms, or from
 * others, each with a source and its date. Whether it meets needs is decided in `objections.ts`.
 */
import type { Interval } from '../cells/interval.ts';
import type { Citation, Trust } from '../cells/profiles.ts';
import type { Needs, Requirement } from './needs.ts';

/** Something of others that can be used today, with the source that says so. */
export interface Offer extends Citation {
  /** As its makers call it. */
  readonly name: string;
}

/** The largest that a public source shows. What is absent, no source that we read says. */
export interface Shown extends Citation {
  readonly parameters?: number;
  readonly parties?: number;
}

/** Time with the way over time without it, as a source states it. */
export interface Slowdown extends Citation {
  readonly factor: Interval;
}

/**
 * Orders of computing beyond the plain workload, by which ways are ranked before anything else:
 * `none`: at most about twice; `some`: up to a hundred times; `much`: more.
 */
export const efforts = ['none', 'some', 'much'] as const;
/** One of `efforts`. */
export type Effort = (typeof efforts)[number];

/** A way of working: mechanisms that are used together. */
export interface Way {
  readonly id: string;
  readonly name: string;
  readonly workloads: readonly Needs['workload'][];
  /** Ids of profiles that Nonet would use. Empty: Nonet has no part in it. */
  readonly mechanisms: readonly string[];
  /** What of others can be used today. Empty: nothing that we know of. */
  readonly offers: readonly Offer[];
  /** The offers are parts of one whole; else one of them is enough. */
  readonly together?: true;
  readonly delivers: readonly Requirement[];
  /** Whom the guarantees rest on, at their weakest. */
  readonly trust: Trust;
  readonly effort: Effort;
  /** In plain words, besides those of its mechanisms. */
  readonly assumptions: readonly string[];
  readonly minimumParties: number;
  readonly maximumParties: number;
  /** The largest share of absent parties that it survives. */
  readonly survivesDropouts: number;
  /** Where the data have to lie; absent: wherever they are. */
  readonly data?: Needs['data'];
  /** All who take part can read the data. */
  readonly showsData?: true;
  /** It runs on machines that attest what they run; they can be rented. */
  readonly attested?: true;
  /** For answers: they come within a second wherever the model alone does. */
  readonly withinASecond?: true;
  /** A server, or machines of one's own, that do nothing besides the workload. */
  readonly plain?: true;
  /** Participants send updates over their links in rounds, so that time and traffic are known. */
  readonly rounds?: true;
  /** Bytes moved over those of plain sums; 1 where absent. */
  readonly trafficFactor?: number;
  readonly slowdown?: Slowdown;
  readonly shown?: Shown;
}

const anyNumber = 1e12;

/** What most ways have in common. */
export const commonWay = {
  mechanisms: [],
  offers: [],
  assumptions: [],
  minimumParties: 1,
  maximumParties: anyNumber,
  survivesDropouts: 0.99,
  effort: 'none',
} as const satisfies Partial<Way>;
