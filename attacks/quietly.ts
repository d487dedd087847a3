/** Runs an attack for its test: no notes, files kept in memory. */
import { worstVerdict } from '../apps/cli/src/commands/attack/findings.ts';
import type { Attack } from './attack.ts';

/** What the attack found, with its verdict and its files. */
export async function attackQuietly(attack: Attack, seed = 1) {
  const files = new Map<string, Uint8Array>();
  const findings = await attack.run({
    seed,
    long: false,
    note: () => {},
    keep: (file, bytes) => void files.set(file, bytes),
  });
  return { findings, verdict: worstVerdict(findings), files };
}
