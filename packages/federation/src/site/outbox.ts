/**
 * What a role has sent, or was about to send, by number: of the step, or of the round. It is
 * written here before it leaves, so that after a crash the same bytes are sent again: two different
 * updates for one step would let their difference be seen.
 */
export interface Outbox {
  read(number: number): Promise<Uint8Array | undefined>;
  /** Durable when it resolves. */
  write(number: number, bytes: Uint8Array): Promise<void>;
  /** Nothing if there is nothing. Best effort: a disk may keep a copy. */
  erase(number: number): Promise<void>;
}

/** For tests and simulations: survives a role, not the process. */
export function createMemoryOutbox(): Outbox {
  const kept = new Map<number, Uint8Array>();
  return {
    read: async (number) => kept.get(number),
    write: async (number, bytes) => void kept.set(number, bytes.slice()),
    erase: async (number) => void kept.delete(number),
  };
}
