/** What a fresh clone ships: the project's own measurements, named by machine and command. */
import { evidenceSchema } from '@nonet/core/records';
import { describe, expect, it } from 'vitest';
import { measurements } from '../data/measurements.ts';
import { entriesOf } from '../scripts/writeMeasurements.ts';

describe('the measurements that are shipped', () => {
  it('are records of runs with machine, commit and the command that repeats them', () => {
    expect(measurements.length).toBeGreaterThan(3);
    for (const { evidence, independent } of measurements) {
      expect(evidenceSchema.parse(evidence)).toEqual(evidence);
      expect(evidence.kind).not.toBe('assumption');
      expect(evidence.origin).toMatchObject({ type: 'run', machine: expect.stringContaining('Node') });
      expect(evidence.check).toMatchObject({ how: 'command' });
      // One runner's word: nothing here may claim independent parties or a ledger of others.
      expect(independent).toBeUndefined();
    }
  });

  it('leave out assumptions and single rounds of a receipt, and keep the size of its job', () => {
    const [record] = measurements;
    const receipt = {
      job: { kind: 'train', arithmetic: { entries: 7 } },
      evidence: [
        record!.evidence,
        { ...record!.evidence, figures: { round: { value: 1, unit: '', min: 1, max: 1, n: 1 } } },
      ],
    };
    const entries = entriesOf(receipt, 'npm start');
    expect(entries).toHaveLength(1);
    expect(entries[0]?.workload).toEqual({ kind: 'train', parameters: 7 });
    expect(entries[0]?.evidence.check).toEqual({ how: 'command', command: 'npm start' });
  });
});
