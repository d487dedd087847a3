import { expect, test } from 'vitest';
import { attack } from './inconsistency.ts';
import { attackQuietly } from './quietly.ts';

test('a dead model isolates an update, and is not the model of the round', async () => {
  const { findings, verdict } = await attackQuietly(attack);
  expect(verdict).toBe('holds');
  const [without, guarded] = findings[0]!.trials;
  // All but ten biases and the weight, which the others move, too.
  expect(without!.measured).toBe("6,491 of 6,502 numbers of the victim's update in the sum");
  expect(guarded!.measured).toContain('5 of 5 sites find that it is not the model');
});
