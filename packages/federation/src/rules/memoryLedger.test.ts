import { toHex } from '@nonet/core';
import { createSigner } from '@nonet/core/identity';
import { jobIdOf } from '@nonet/core/ports';
import { signersNeeded, testLedger } from '@nonet/core/testing';
import { ledgerRules } from '../testing/index.ts';
import { createMemoryLedger } from './memoryLedger.ts';

testLedger('memory', {
  ...ledgerRules,
  async createLedger() {
    let now = 1000;
    const ledger = createMemoryLedger({ clock: () => now });
    return {
      ledger,
      signers: Array.from({ length: signersNeeded }, (_, i) =>
        createSigner(toHex(new Uint8Array(32).fill(i + 1))),
      ),
      passTime: async (seconds) => {
        now += seconds;
      },
      fund: async () => {},
      held: async () => ledger.balanceOf(ledger.contract),
      readStorage: async ({ terms }) => ledger.stateOf(jobIdOf(terms)),
    };
  },
});
