import type { RoundFailure } from '@nonet/core/ports';

/** Why a round came to nothing. */
export function failureText(failure: RoundFailure): string {
  switch (failure.reason) {
    case 'cohort':
      return 'void: too few updates';
    case 'deadline':
      return 'void: no aggregator acted in time';
    case 'proven':
      return `void: a lie was proven (${failure.lie.kind}), and ${failure.culprit.slice(0, 8)}… lost its bond`;
    case 'objected':
      return 'void: objected to';
    case 'built':
      return 'void: built on a step that was proven wrong';
  }
}
