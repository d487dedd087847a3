/** `nonet attack`: runs one of the repository's attacks, keeps its evidence and says what held. */
import { globSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { MisuseError, NonetError } from '@nonet/core';
import {
  createFigures,
  type Evidence,
  evidenceSchema,
  parseRecord,
  qualifyFigure,
} from '@nonet/core/records';
import { cellFigures } from '@nonet/matrix';
import { writeWhole } from '../../files/writeWhole.ts';
import { describeCommit, describeMachine, isCheckout } from '../../machine/origin.ts';
import { attacksFolder } from '../../runs/runDirectory.ts';
import { findNamed } from '../../terminal/findNamed.ts';
import { foreignText } from '../../terminal/foreignText.ts';
import { bold, dim, formatTable, note, print, printJson } from '../../terminal/terminal.ts';
import { findingText, verdictText } from './attackText.ts';
import type { AttackOptions } from './definition.ts';
import {
  type Attack,
  type AttackContext,
  type Finding,
  type Verdict,
  verdictOf,
  worstVerdict,
} from './findings.ts';

const exitCodes: Readonly<Record<Verdict, number>> = { holds: 0, broken: 1, powerless: 3 };

/**
 * Lists the attacks in `folder`, or runs one and keeps its evidence. Returns the exit code of the
 * verdict. Throws `attack.missing`, and what the attack throws.
 */
export async function runAttack(
  name: string | undefined,
  { json, out = attacksFolder, seed, long }: AttackOptions,
  folder = findAttacks(),
): Promise<number> {
  const names = attackNames(folder);
  if (name === undefined) {
    const attacks = await Promise.all(names.map((each) => loadAttack(folder, each)));
    if (json) printJson(attacks.map(({ name, about, cells }) => ({ name, about, cells })));
    else print(formatTable(attacks.map((attack) => [bold(attack.name), attack.about])));
    return 0;
  }
  const attackName = findNamed(names, name, (each) => each);
  if (attackName === undefined) {
    throw new MisuseError({
      code: 'attack.missing',
      expected: `one of the attacks ${names.join(', ')}`,
      found: JSON.stringify(name),
    });
  }
  const attack = await loadAttack(folder, attackName);
  const files: string[] = [];
  const context: AttackContext = {
    seed,
    long: long === true,
    note,
    keep(file, bytes) {
      mkdirSync(out, { recursive: true });
      files.push(join(out, file));
      writeWhole(files.at(-1)!, bytes);
    },
  };
  const started = performance.now();
  const findings = await attack.run(context);
  const seconds = (performance.now() - started) / 1000;
  const verdict = worstVerdict(findings);
  const evidence = findings.map((finding) => evidenceOf(attack, finding, context));
  mkdirSync(out, { recursive: true });
  const file = join(out, `${attackName}.json`);
  writeWhole(file, `${JSON.stringify(evidence, null, 2)}\n`);
  const origin = { machine: describeMachine(), commit: describeCommit() };
  if (json) {
    const told = findings.map((finding) => ({ ...finding, verdict: verdictOf(finding) }));
    printJson({
      attack: attackName,
      verdict,
      seed,
      seconds,
      ...origin,
      findings: told,
      files: [file, ...files],
    });
    return exitCodes[verdict];
  }
  print(`${bold(attackName)}: ${attack.about}\n`);
  for (const finding of findings) print(`${findingText(finding, process.stdout.columns)}\n`);
  print(verdictText(verdict));
  print(dim(`seed ${seed}; ${seconds.toFixed(1)} s on ${foreignText(origin.machine)}`));
  print(dim(`commit ${origin.commit.slice(0, 12)}; evidence in ${[file, ...files].join(', ')}`));
  return exitCodes[verdict];
}

/** One record for each claim: what was claimed, what was measured. */
function evidenceOf(
  { name, cells }: Attack,
  { name: finding, mechanism, claimed, power, trials, figures }: Finding,
  { seed, long }: Pick<AttackContext, 'seed' | 'long'>,
): Evidence {
  const measured = trials.map(
    ({ condition, setting, measured, succeeded }) =>
      `${condition === 'with' ? 'With it' : condition === 'without' ? 'Without it' : 'Beyond it'}, ${setting}, the attack ${succeeded ? 'succeeded' : 'failed'}: ${measured}.`,
  );
  const held = verdictOf({ trials }) === 'holds';
  const options = `${seed === 1 ? '' : ` --seed ${seed}`}${long ? ' --long' : ''}`;
  const evidence: Evidence = {
    kind: 'measurement',
    sentence: `The attack ${name}, ${finding}. Claimed: ${claimed}. Measured: ${measured.join(' ')} Power: ${power}.`,
    cells: [...cells],
    mechanism,
    origin: { type: 'run', run: `attack ${name}`, machine: describeMachine(), commit: describeCommit() },
    figures: {
      ...figures,
      ...createFigures([[qualifyFigure(cellFigures.attacks, mechanism), Number(held)]]),
    },
    check: { how: 'command', command: `nonet attack ${name}${options}` },
    date: new Date().toISOString(),
    grade: 4,
  };
  return parseRecord(evidenceSchema, evidence, 'evidence');
}

/**
 * The repository's `attacks/`. Throws `attack.missing` in a published installation, which has none.
 */
function findAttacks(): string {
  if (isCheckout) return fileURLToPath(new URL('../../../../../attacks', import.meta.url));
  throw new MisuseError({
    code: 'attack.missing',
    expected: "a checkout of Nonet's repository, where the attacks are",
    found: 'an installed package',
    hint: 'Clone the repository, run `npm ci` there, then `npx nonet attack`.',
  });
}

/** Files that only help others export no attack. */
function attackNames(folder: string): string[] {
  return globSync('*.ts', { cwd: folder })
    .filter((file) => /^export const attack\b/m.test(readFileSync(join(folder, file), 'utf8')))
    .map((file) => basename(file, '.ts'))
    .sort();
}

async function loadAttack(folder: string, name: string): Promise<Attack> {
  const { attack } = (await import(pathToFileURL(join(folder, `${name}.ts`)).href)) as { attack: Attack };
  if (attack.name === name) return attack;
  throw new NonetError({
    code: 'attack.name',
    expected: `the attack in ${name}.ts to have that name`,
    found: String(attack.name),
  });
}
