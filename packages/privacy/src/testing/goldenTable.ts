/** The known answers of vectors/dp, typed. Their sources: vectors/dp/README.md. */
import { readFileSync } from 'node:fs';
import type { Release } from '../dp/index.ts';

const read = (file: string) =>
  JSON.parse(readFileSync(new URL(`../../../../vectors/dp/${file}`, import.meta.url), 'utf8')) as unknown;

/** One row of the table: a composition of subsampled Gaussians and the epsilon that others give. */
export interface GoldenRow {
  readonly noiseMultiplier: number;
  readonly samplingRate: number;
  readonly steps: number;
  readonly delta: number;
  readonly opacusRdp: number;
  readonly googleRdp: number;
  readonly googlePld: number;
  readonly prvEstimate?: number;
  readonly exact?: number;
}

/** vectors/dp/golden.json. */
export const golden = read('golden.json') as {
  readonly sampledGaussian: readonly GoldenRow[];
  readonly renyiDivergence: readonly {
    readonly samplingRate: number;
    readonly noiseMultiplier: number;
    readonly order: number;
    readonly divergence: number;
  }[];
  readonly discreteGaussian: readonly {
    readonly sigma: number;
    readonly count: number;
    readonly delta: number;
    readonly epsilon: number;
  }[];
  readonly participations: readonly {
    readonly participations: number;
    readonly delta: number;
    readonly epsilon: Readonly<Record<string, number>>;
  }[];
  readonly delta: readonly {
    readonly noiseMultiplier: number;
    readonly samplingRate: number;
    readonly steps: number;
    readonly epsilon: number;
    readonly delta: number;
  }[];
  readonly opacusCalibration: readonly {
    readonly epsilon: number;
    readonly delta: number;
    readonly samplingRate: number;
    readonly steps: number;
    readonly rdp: number;
    readonly prv: number;
  }[];
};

/** vectors/dp/computed.json, without the answers for normal tails. */
export const computed = read('computed.json') as {
  readonly laplace: readonly {
    readonly noiseMultiplier: number;
    readonly count: number;
    readonly epsilon: Readonly<Record<string, number>>;
    readonly divergence: Readonly<Record<string, number>>;
  }[];
  readonly discreteLaplace: readonly {
    readonly scale: number;
    readonly sensitivity: number;
    readonly count: number;
    readonly epsilon: Readonly<Record<string, number>>;
  }[];
  readonly mixed: Readonly<Record<string, number>>;
};

/** The default orders of Opacus: 1.1 to 10.9 by tenths, 12 to 63. */
export const opacusOrders: readonly number[] = [
  ...Array.from({ length: 99 }, (_, i) => 1 + (i + 1) / 10),
  ...Array.from({ length: 52 }, (_, i) => 12 + i),
];

/** The composition of a row. */
export function releasesOf(row: {
  readonly noiseMultiplier: number;
  readonly samplingRate: number;
  readonly steps: number;
}): readonly Release[] {
  const { noiseMultiplier, samplingRate, steps } = row;
  return [{ mechanism: { kind: 'poissonGaussian', noiseMultiplier, samplingRate }, count: steps }];
}
