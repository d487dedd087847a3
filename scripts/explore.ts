/**
 * `npm run explore [-- NAME...]`: plays small jobs through every reachable state and checks what
 * the rules promise (docs/specs/round.md §0). Prints a table and, where a promise is broken, the
 * shortest history that breaks it; exits 1 then.
 */
import { type Exploration, explore, scenarios } from '@nonet/federation/explore';

const names = process.argv.slice(2);
const chosen = names.length === 0 ? scenarios : scenarios.filter(({ name }) => names.includes(name));
if (chosen.length === 0) {
  console.error(`expected names of scenarios: ${scenarios.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
const row = (...cells: readonly (string | number)[]) =>
  console.log(
    cells.map((cell, i) => (i === 0 ? String(cell).padEnd(28) : String(cell).padStart(12))).join(''),
  );

row('dishonest', 'states', 'transitions', 'waits', 'all seen', 'seconds');
const explorations: Exploration[] = [];
for (const scenario of chosen) {
  const started = performance.now();
  const found = await explore(scenario);
  explorations.push(found);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  row(found.scenario, found.states, found.transitions, found.waits, found.whole ? 'yes' : 'no', seconds);
}
const broken = explorations.filter(({ violation }) => violation !== undefined);
row(
  'together',
  explorations.reduce((sum, { states }) => sum + states, 0),
  '',
  '',
  '',
  '',
);
for (const { scenario, violation } of broken) {
  const { property, because, history } = violation!;
  console.error(`\n${scenario}: not ${property}: ${because}\n  ${history.join('\n  ')}`);
}
console.log(broken.length === 0 ? '\nno promise is broken' : `\n${broken.length} promises broken`);
process.exitCode = broken.length === 0 ? 0 : 1;
