/** One more thread, in Node or in a browser. */
import type { Assignment } from './protocol.ts';

/** A thread that waits to be assigned to a program. */
export interface Helper {
  /** Resolves when it is ready to work. */
  assign(assignment: Assignment): Promise<void>;
  terminate(): Promise<void>;
}
