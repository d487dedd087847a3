/**
 * How fast a transfer has been lately: its bytes, of which those of the past count the less the
 * longer ago they came (e-fold less every 2 s). A new one starts with a credit of 64 KiB, so one
 * that goes on at 32 KiB/s or more is never behind one that merely connects, however often others
 * do. Where places are short, the transfer with the slowest pace makes way.
 */
const memoryMilliseconds = 2000;
const creditBytes = 2 ** 16;

/** Times are those of one monotonic clock: milliseconds. */
export interface Pace {
  advance(bytes: number, now: number): void;
  /** Bytes that count at this time. */
  recent(now: number): number;
}

/** A transfer that begins `now`. */
export function createPace(now: number): Pace {
  let bytes = creditBytes;
  let at = now;
  const recent = (now: number) => bytes * Math.exp((at - now) / memoryMilliseconds);
  return {
    recent,
    advance(more, now) {
      bytes = recent(now) + more;
      at = now;
    },
  };
}
