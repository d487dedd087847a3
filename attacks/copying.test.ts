import { expect, test } from 'vitest';
import { attack } from './copying.ts';
import { attackQuietly } from './quietly.ts';

test('an update is copied in the clear, and neither under masks nor under its own name', async () => {
  const { findings, verdict } = await attackQuietly(attack);
  expect(verdict).toBe('holds');
  const [content, whole] = findings;
  expect(content!.trials[0]!.measured).toBe("accepted, with 6,502 of 6,502 numbers of the author's update");
  expect(content!.trials[1]!.measured).toBe(
    "it adds 0 of 6,502 numbers of the author's update, and no step follows: the round is void",
  );
  expect(whole!.trials.slice(1).map(({ measured }) => measured)).toEqual([
    'refused (WrongParticipant)',
    'refused (participant)',
    'refused (participant)',
  ]);
});
