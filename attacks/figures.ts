/** What the figures of attacks mean: declared once, and read through these declarations. */
import { declareFigures } from '@nonet/core/records';

/** The figures that records of attacks have besides `attacks.MECHANISM`. */
export const attackFigures = declareFigures({
  /** A family, by condition. */
  recovered: {
    unit: 'fraction',
    meaning: 'share of the numbers sought that an attack found exactly',
    better: 'lower',
  },
});
