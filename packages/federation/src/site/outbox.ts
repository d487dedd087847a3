/**
 * What a role has sent, or was about to send, by number: of the step, or of the round. It is
 * written here before it leaves, so that after a crash the same bytes are sent again: two different
 * updates for one step would let their difference be seen.
 */
export interface Outbox {
  read(key: OutboxKey): Promise<Uint8Array | undefined>;
  /** Durable when it resolves. */
  write(key: OutboxKey, bytes: Uint8Array): Promise<void>;
  /** Nothing if there is nothing. Best effort: a disk may keep a copy. */
  erase(key: OutboxKey): Promise<void>;
}

/** A number; or, of a whole job of masked updates, the sets that were answered for. */
export type OutboxKey = number | 'answered';

/** For tests and simulations: survives a role, not the process. */
export function createMemoryOutbox(): Outbox {
  const kept = new Map<OutboxKey, Uint8Array>();
  return {
    read: async (key) => kept.get(key),
    write: async (key, bytes) => void kept.set(key, bytes.slice()),
    erase: async (key) => void kept.delete(key),
  };
}
