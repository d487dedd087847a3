/**
 * What a participant has sent, or was about to send, by round. A message is written here before it leaves, so that after a crash the same
 * bytes are sent again: two different updates for one round would let their difference be seen.
 */
export interface Outbox {
  read(round: number): Promise<Uint8Array | undefined>;
  /** Durable when it resolves. */
  write(round: number, bytes: Uint8Array): Promise<void>;
}

/** For tests and simulations: survives a role, not the process. */
export function createMemoryOutbox(): Outbox {
  const rounds = new Map<number, Uint8Array>();
  return {
    read: async (round) => rounds.get(round),
    write: async (round, bytes) => void rounds.set(round, bytes.slice()),
  };
}
