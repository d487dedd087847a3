/** A call of a contract, or its creation, before it is a transaction. */
import type { Hex } from '@nonet/core';
import type { Account } from '@nonet/core/identity';

export interface Call {
  readonly to?: Account;
  readonly data: Hex;
  /** Wei. */
  readonly value?: bigint;
  /** Skips the estimate. */
  readonly gas?: bigint;
  /**
   * Asked when the node's simulation refuses the call: how much gas to send it with all the same,
   * if its block will judge differently.
   */
  readonly gasDespite?: (revert: Hex) => Promise<bigint | undefined>;
}
