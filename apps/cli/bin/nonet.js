#!/usr/bin/env node
// Plain JavaScript, so that an old Node prints this message and not a syntax error.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(
    `nonet: expected Node 24 or newer, found ${process.versions.node}. ` +
      'In this repository use `npx nonet` or `npm start`, which bring their own Node; elsewhere install Node 24.\n',
  );
  process.exit(2);
}
const { main } = await import('../src/nonet.ts');
await main(process.argv);
