/** How the outcome of an attack is told on a terminal. */
import { hangText } from '../../terminal/foreignText.ts';
import { bold, dim, green, red, yellow } from '../../terminal/terminal.ts';
import { type Finding, type Verdict, verdictOf } from './findings.ts';

const indent = 11;

/** One claim: its bound, each trial, the power of the attack; lines of at most `columns`. */
export function findingText(finding: Finding, columns: number | undefined): string {
  const { name, mechanism, claimed, power, trials } = finding;
  const line = (label: string, text: string) =>
    `  ${label.padEnd(indent - 2)}${hangText(text, indent, columns)}`;
  const verdict = verdictOf(finding);
  return [
    `${bold(name)}: ${painted[verdict](verdict)}`,
    line('claimed', `${claimed} (${mechanism})`),
    ...trials.flatMap(({ condition, setting, measured, succeeded }) => [
      line(condition, setting),
      line('', `${succeeded ? 'succeeds' : 'fails'}: ${measured}`),
    ]),
    dim(line('power', power)),
  ].join('\n');
}

const painted: Readonly<Record<Verdict, (text: string) => string>> = {
  holds: green,
  broken: red,
  powerless: yellow,
};

const explained: Readonly<Record<Verdict, string>> = {
  holds: 'what succeeds without the guarantee fails with it',
  broken: 'an attack succeeded against the guarantee',
  powerless: 'an attack failed where it should succeed, so nothing follows',
};

/** The verdict on the whole attack. */
export function verdictText(verdict: Verdict): string {
  return `${bold(painted[verdict](verdict))}: ${explained[verdict]}`;
}
