/** All ways of working that advice chooses from: Nonet's own, and those of others. */
import { nonetWays } from './nonetWays.ts';
import { publishedWays } from './publishedWays.ts';
import type { Way } from './ways.ts';

/** Every way, each id once. */
export const ways: readonly Way[] = [...publishedWays, ...nonetWays];
