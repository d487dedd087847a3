/** The golden runs as one script for the shell of a JavaScript engine: prints a line of JSON for each, `{name, hash}`, or `{error}`. */
import './goldenEngineShims.ts';
import { goldenRuns, hashOf } from '../packages/tensor/test/goldenRuns.ts';

/** Every shell has it; Node's is called otherwise. */
declare const print: ((line: string) => void) | undefined;
const report = (value: object) => (typeof print === 'function' ? print : console.log)(JSON.stringify(value));

async function main(): Promise<void> {
  for (const run of goldenRuns) report({ name: run.name, hash: await hashOf(run) });
}

main().catch((error: unknown) => report({ error: String(error) }));
