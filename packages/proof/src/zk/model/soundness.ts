/**
 * The soundness error of a proof, term by term (docs/specs/zk.md §11): proven bits only, round by
 * round, in unique decoding, by the sizes of the relations alone.
 */
import { quarticBits } from '@nonet/algebra';
import { type Layout, positionLog, queries } from '../commitment/layout.ts';
import { reject } from '../rejection.ts';
import { countWeights } from './combine.ts';
import type { Program, ProgramRanges } from './program.ts';
import { claimCount, inferenceRelations, type Relations, registrationRelations } from './relations.ts';
import {
  patchProducts,
  pointVariables,
  relationDegree,
  relationLayouts,
  relationVariables,
} from './shape.ts';

/** One way for a false statement to pass, at most 2^-bits of the time. */
export interface SoundnessTerm {
  readonly name: string;
  readonly bits: number;
}

/** All terms, and the bits of their sum. */
export interface Soundness {
  readonly terms: readonly SoundnessTerm[];
  readonly bits: number;
}

/** What a program must reach. */
export const requiredBits = 100;

/** §11.1: 2 s n / |K|. A commitment of one row has nothing to combine. */
function proximityError({ rowLog, ...layout }: Layout): number {
  return 2 * rowLog * 2 ** positionLog({ rowLog, ...layout });
}

/** The bits of what rests on several proofs. */
export function combineBits(...proofs: readonly Soundness[]): number {
  return -Math.log2(proofs.reduce((sum, { bits }) => sum + 2 ** -bits, 0));
}

/** The bits of a proof of these relations. */
export function estimateSoundness(relations: Relations): Soundness {
  const layouts = relationLayouts(relations);
  const { components, table, lookups } = relations;
  const functionLookups = components.reduce(
    (sum, c) => sum + c.lookups.filter(({ b }) => b !== undefined).length * 2 ** c.variables,
    0,
  );
  /** Of events that `count` in |K| challenges lead to. */
  const among = (name: string, count: number): SoundnessTerm => ({
    name,
    bits: quarticBits - Math.log2(count),
  });
  const rowRounds = Math.max(...layouts.map(({ rowLog }) => rowLog));
  const terms = [
    { name: 'queries', bits: queries * Math.log2(8 / 5) },
    among(
      'proximity',
      Math.max(
        1,
        layouts.reduce((sum, layout) => sum + proximityError(layout), 0),
      ),
    ),
    among('look-ups', 1.5 * lookups + functionLookups + 3 * 2 ** table.variables),
    among('equations at a random point', pointVariables(relations)),
    among('weights of equations', countWeights(relations)),
    among('sumcheck of relations', relationDegree * relationVariables(relations)),
    among('weights of claims', claimCount(relations)),
    among('sumcheck of the opening', Math.max(1, 2 * rowRounds)),
  ];
  const patches = patchProducts(relations);
  if (patches.length > 0) {
    const rounds = Math.max(...patches.map(({ source }) => source.variables));
    terms.push(among('sumcheck of patches, and their weights', 2 * rounds + patches.length));
  }
  return { terms, bits: -Math.log2(terms.reduce((sum, { bits }) => sum + 2 ** -bits, 0)) };
}

/** The bits of registration and largest batch. Refuses with `program.soundness` and `program.lookups`. */
export function assertSoundness(program: Program, ranges: ProgramRanges): Soundness {
  const registration = estimateSoundness(registrationRelations(program, ranges));
  const rows = Array<number>(program.maximumBatch).fill(0);
  const largest = estimateSoundness(inferenceRelations(program, ranges, program.maximumBatch, rows));
  const bits = combineBits(registration, largest);
  if (bits < requiredBits) reject('program.soundness', `at least ${requiredBits} bits`, bits.toFixed(2));
  return registration;
}
