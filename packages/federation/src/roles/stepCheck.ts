/**
 * Whether the model that a round starts from is one that a site may tell something about. The next
 * round opens while the last step can still be objected to (docs/specs/round.md §3.4), and what a
 * site has told stays told where that step turns out wrong: so it recomputes what is not final
 * (§12.12). Rounds that take longer than an objection find every earlier one final, and nothing is
 * read for them.
 */
import type { BlobStore, JobState } from '@nonet/core/ports';
import type { RoundJob } from '@nonet/core/records';
import { isOver } from '../rules/state.ts';
import { createModelReader } from './modelReader.ts';
import { createStepReader } from './stepReader.ts';

/** `unread`: a step can still be objected to, and what it was made of cannot be read yet. */
export type StepVerdict = 'right' | 'wrong' | 'unread';

export interface StepCheck {
  /**
   * About all steps before a round. Wrong is also a final one that was found wrong before. Throws
   * what stores throw.
   */
  judge(state: JobState, number: number): Promise<StepVerdict>;
}

/** How long one look may take; reading goes on behind it. */
const lookMilliseconds = 1000;

export function createStepCheck(store: BlobStore, job: RoundJob, signal: AbortSignal): StepCheck {
  const models = createModelReader(store, job.arithmetic, signal);
  const reader = createStepReader({ store, job, signal });
  /** By round and posted model: a step that was objected to may be made again. */
  const known = new Map<string, boolean>();

  return {
    async judge(state, number) {
      for (const [earlier, round] of state.rounds.slice(0, number).entries()) {
        const { phase, posted } = round;
        if (posted === undefined || phase === 'void') continue;
        const name = `${earlier} ${posted.model}`;
        if (!known.has(name) && !isOver(round)) {
          const until = Date.now() + lookMilliseconds;
          const start = await models.read(round.model, until);
          const reading = await reader.readStep(state, earlier, start, until);
          if (!('step' in reading)) return 'unread';
          known.set(name, reading.step?.address === posted.model);
          reader.forget(earlier + 1);
        }
        if (known.get(name) === false) return 'wrong';
      }
      return 'right';
    },
  };
}
