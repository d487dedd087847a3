/**
 * `npm run fuzz:time`: looks for input whose reading takes more than its share of time. Every
 * reader of what others wrote (readers.ts) is given valid values grown at one place or at two
 * (growths.ts); sixteen times the input may take about sixteen times the work. Prints what takes more,
 * and exits 1 where there is any.
 *
 *     npm run fuzz:time                      every growth at one place, then pairs for a minute
 *     npm run fuzz:time -- yaml 600 7        one reader, pairs for 600 seconds, seed 7
 */
import { type Growth, growthsOf } from './growths.ts';
import { measureGrowth, mostRatio } from './measureGrowth.ts';
import { type Json, lengthOf, type Reader, readers } from './readers.ts';

const [only, seconds = '60', seedText = '1'] = process.argv.slice(2);

let state = (Number(seedText) * 2654435761) >>> 0 || 1;

/** Xorshift32: the run of a seed can be repeated. */
function draw<T>(items: readonly T[]): T {
  state ^= state << 13;
  state ^= state >>> 17;
  state = (state ^ (state << 5)) >>> 0;
  return items[state % items.length]!;
}

let tried = 0;
let found = 0;

async function tryGrowth(
  name: string,
  { read }: Reader,
  seed: Json,
  growths: readonly Growth[],
): Promise<void> {
  tried++;
  const make = (size: number) => growths.reduce((value, growth) => growth.grow(value, size), seed);
  const { size, milliseconds, ratio } = await measureGrowth(make, read, lengthOf);
  if (ratio <= mostRatio) return;
  found++;
  const how = growths.map((growth) => growth.name).join(', and ');
  console.log(
    `${name}: ${how}: ${size} parts take ${milliseconds.toFixed(0)} ms, sixteen times the input ${ratio.toFixed(0)} times as long`,
  );
}

const chosen = Object.entries(readers).filter(([name]) => only === undefined || name === only);
for (const [name, reader] of chosen) {
  for (const seed of reader.seeds) {
    for (const growth of growthsOf(seed)) await tryGrowth(name, reader, seed, [growth]);
  }
  console.log(`${name}: ${tried} growths so far`);
}
const end = Date.now() + 1000 * Number(seconds);
while (Date.now() < end) {
  const [name, reader] = draw(chosen);
  const seed = draw(reader.seeds);
  const growths = growthsOf(seed);
  await tryGrowth(name, reader, seed, [draw(growths), draw(growths)]).catch(() => undefined);
}
console.log(`${tried} growths tried, ${found} take more than their share; seed ${seedText}`);
process.exitCode = found === 0 ? 0 : 1;
