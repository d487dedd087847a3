import type { RoundFailure } from '@nonet/core/ports';

/** Why a round came to nothing. */
export function failureText(failure: RoundFailure): string {
  switch (failure.reason) {
    case 'cohort':
      return 'void: too few updates';
    case 'reveals':
      return 'void: too few revealed their shares';
    case 'complaints':
      return `void: most participants complained about ${listParticipants(failure.accused)}, now shut out`;
    case 'deadline':
      return 'void: no aggregator acted in time';
    case 'proven':
      return `void: a lie was proven (${failure.lie.kind}), and ${failure.culprit.slice(0, 8)}… lost its bond`;
    case 'objected':
      return 'void: objected to';
    case 'built':
      return 'void: built on a step that is void';
  }
}

/** `participant 3`, `participants 3, 5`: by number on the ledger. */
function listParticipants(numbers: readonly number[]): string {
  return `participant${numbers.length === 1 ? '' : 's'} ${numbers.join(', ')}`;
}
