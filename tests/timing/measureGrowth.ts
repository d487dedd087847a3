/**
 * How the work of a reader grows with its input: the processor time for an input, and for one about
 * sixteen times as long. In proportion that is 16 times; in proportion to the square, 256, and far
 * above 16 also where the square is a small part of it at first. Processor time of this process,
 * since other processes share the machine; the least of several tries, since the collector runs
 * when it likes.
 */

/** What was measured of one kind of input. */
export interface Growth {
  /** The size of the smaller input. */
  readonly size: number;
  /** Milliseconds of the processor for it. */
  readonly milliseconds: number;
  /** How many times as long sixteen times the length takes; 1 where the reader hardly works. */
  readonly ratio: number;
}

/** Two and a half times as much for each doubling: sorting and the collector take their part. */
export const mostRatio = 2.5 ** 4;

/** Below this a measurement is the clock's. */
const leastMilliseconds = 15;

/** Inputs are not made longer than this to find one that takes time. */
const largest = 2 ** 18;

/**
 * Makes inputs larger until reading one takes long enough to measure or it is long, then reads one
 * about sixteen times as long: of four times the size where two places grow. An error of the reader
 * ends its work like a result.
 */
export async function measureGrowth<Input>(
  make: (size: number) => Input,
  read: (input: Input) => unknown,
  lengthOf: (input: Input) => number,
): Promise<Growth> {
  const time = async (input: Input, tries: number) => {
    const taken: number[] = [];
    for (let i = 0; i < tries; i++) taken.push(await timeOf(() => read(input)));
    return Math.min(...taken);
  };
  for (let size = 250; ; size *= 2) {
    const input = make(size);
    const milliseconds = await time(input, 2);
    const length = lengthOf(input);
    if (milliseconds < leastMilliseconds) {
      if (size < 2 ** 20 && length < largest) continue;
      return { size, milliseconds, ratio: 1 };
    }
    const fourfold = make(4 * size);
    const larger = lengthOf(fourfold) > 8 * length ? fourfold : make(16 * size);
    // What grows by itself may do so less than in proportion, as nesting that is bounded.
    const times = Math.max(16, lengthOf(larger) / length);
    let ratio = Number.POSITIVE_INFINITY;
    // Where it is near the bound, noise may decide.
    const isClear = () =>
      ratio < mostRatio / 2 || (ratio > 2 * mostRatio && ratio < Number.POSITIVE_INFINITY);
    for (let attempt = 0; attempt < 3 && !isClear(); attempt++) {
      const taken = (await time(larger, 1)) / (await time(input, 3));
      ratio = Math.min(ratio, 16 ** (Math.log(taken) / Math.log(times)));
    }
    return { size, milliseconds, ratio };
  }
}

async function timeOf(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  try {
    await work();
  } catch {
    // A refusal is an answer, too.
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
