import { federationMechanisms } from '@nonet/federation';
import { profileOf } from '@nonet/matrix';
import { expect, test } from 'vitest';

test.each(federationMechanisms.map((mechanism) => [mechanism.id, mechanism] as const))(
  'the matrix has a profile of %s that serves the cells which it declares',
  (id, { cells }) => {
    const served = profileOf(id)?.serves.map(({ cell }) => cell) ?? [];
    expect(served.toSorted()).toEqual(cells.toSorted());
  },
);
