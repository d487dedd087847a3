/** Where and with what something was run: what evidence says about its origin. */
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { version } from '../version.ts';

/** Processors, platform and Node of this machine: one line. */
export function describeMachine(): string {
  const processors = cpus();
  return `${processors.length} x ${processors[0]?.model.trim() ?? 'unknown processor'}, ${process.platform} ${process.arch}, Node ${process.versions.node}`;
}

/** Published packages are JavaScript. */
export const isCheckout = import.meta.filename.endsWith('.ts');

/** The commit of this installation's source, if it is a checkout; else its version. */
export function describeCommit(): string {
  // A package may lie within another project's checkout.
  if (!isCheckout) return `nonet ${version}`;
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return `nonet ${version}`;
  }
}
