import { toHex } from '@nonet/core';
import { createSigner } from '@nonet/core/identity';
import { testLedger } from '@nonet/core/testing';
import { createMemoryLedger } from './memoryLedger.ts';
import { createJobState, owedTo, reduceRound } from './round.ts';

testLedger('memory', {
  async createLedger() {
    let now = 1000;
    const ledger = createMemoryLedger({ clock: () => now });
    return {
      ledger,
      signers: Array.from({ length: 12 }, (_, i) => createSigner(toHex(new Uint8Array(32).fill(i + 1)))),
      passTime: async (seconds) => {
        now += seconds;
      },
      held: async () => ledger.balanceOf(ledger.contract),
    };
  },
  createJobState,
  reduce: reduceRound,
  owedTo,
});
