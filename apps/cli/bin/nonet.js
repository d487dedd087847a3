#!/usr/bin/env node
import module from 'node:module';

// Plain JavaScript, so that an old Node prints this message and not a syntax error.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(
    `nonet: expected Node 24 or newer, found ${process.versions.node}. ` +
      'In the repository of Nonet use `npx nonet` or `npm start`, which bring their own Node; elsewhere install Node 24.\n',
  );
  process.exit(2);
}
// Starting takes half as long when the code need not be stripped of its types and compiled again.
module.enableCompileCache();
const { main } = await import('../src/nonet.ts');
await main(process.argv);
