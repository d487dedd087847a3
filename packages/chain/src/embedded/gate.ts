/** Lets a bounded number of tasks run at once. */

/** Runs `work`, at once or when its turn comes. */
export type Gate = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** Lets `limit` tasks through at once; the others wait in order. */
export function createGate(limit: number): Gate {
  let free = limit;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
}
