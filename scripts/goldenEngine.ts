/**
 * The golden runs and limits as one script for the shell of a JavaScript engine: prints a line of
 * JSON for each, `{name, hash}`, or `{error}`.
 */
import './goldenEngineShims.ts';
import { addressOfGoldenLimits, goldenLimits } from '../packages/limits/test/goldenLimits.ts';
import { goldenRuns, hashOf } from '../packages/tensor/test/goldenRuns.ts';

/** Every shell has it; Node's is called otherwise. */
declare const print: ((line: string) => void) | undefined;
const report = (value: object) => (typeof print === 'function' ? print : console.log)(JSON.stringify(value));

async function main(): Promise<void> {
  for (const run of goldenRuns) report({ name: run.name, hash: await hashOf(run) });
  report({ name: goldenLimits.name, hash: addressOfGoldenLimits() });
}

main().catch((error: unknown) => report({ error: String(error) }));
