/**
 * A process of its own with an embedded chain, to be killed. It prints the proxy's URL; with a
 * block number it kills itself when that block is on disk and not yet made.
 */
import { startRpcProxy } from '../src/embedded/rpcProxy.ts';
import { startSupervisor } from '../src/embedded/supervisor.ts';

const [directory, fatalBlock] = process.argv.slice(2) as [string, string | undefined];
let blocks = 0;
const chain = await startSupervisor({
  directory,
  blocksPerSnapshot: 7,
  onJournaled: () => {
    if (++blocks === Number(fatalBlock)) process.kill(process.pid, 'SIGKILL');
  },
});
const proxy = await startRpcProxy({ chain });
console.log(proxy.url);
