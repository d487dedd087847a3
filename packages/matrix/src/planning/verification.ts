/**
 * What checking by re-execution costs: hashing the state now and then, and a share of the windows
 * computed once more.
 */

/**
 * Factor on computing: 1 + hashing / interval + share audited. `hashingSteps` is one state hash in
 * units of one step.
 */
export function verificationOverhead({
  hashingSteps,
  interval,
  auditedShare,
}: {
  readonly hashingSteps: number;
  /** Steps between two committed states. */
  readonly interval: number;
  readonly auditedShare: number;
}): number {
  return 1 + hashingSteps / interval + auditedShare;
}

/**
 * Chance that auditing this share of the windows, chosen at random, finds a cheater who altered
 * some of them: 1 - (1 - p)^w.
 */
export function detectionProbability({
  auditedShare,
  alteredWindows,
}: {
  readonly auditedShare: number;
  readonly alteredWindows: number;
}): number {
  return 1 - (1 - auditedShare) ** alteredWindows;
}

/** How long a dispute lasts: each message crosses the link twice and one party re-executes. */
export function disputeSeconds({
  messages,
  latencySeconds,
  reexecutionSeconds,
}: {
  readonly messages: number;
  readonly latencySeconds: number;
  readonly reexecutionSeconds: number;
}): number {
  return messages * (2 * latencySeconds + reexecutionSeconds);
}
