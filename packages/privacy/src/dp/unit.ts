/**
 * Privacy units: what one change of the data is. docs/specs/dp.md §1. An epsilon means nothing
 * without its unit and its neighbouring relation, so both are one value here.
 */

/**
 * How neighbouring datasets differ. `addOrRemove`: one has one unit more. `zeroOut`: one has a unit
 * whose contribution is zero; for units whose presence is public. `replace`: any other unit in its
 * place, which doubles the sensitivity.
 */
export type NeighbouringRelation = 'addOrRemove' | 'zeroOut' | 'replace';

/**
 * `record`, distributed: a Poisson-sampled sum of gradients clipped one by one; each participant
 * adds a share of the noise, and the honest shares together protect a record. `record`, silo: each
 * participant adds all of the noise itself, so epsilon holds against all others together.
 * `participant`: a participant's whole update is clipped, and the shares protect it. Who takes part
 * is public on a ledger, so no relation hides that.
 */
export type PrivacyUnit =
  | {
      readonly of: 'record';
      readonly noise: 'distributed' | 'silo';
      /** `addOrRemove` only where no one learns how many records a participant has. */
      readonly relation: NeighbouringRelation;
    }
  | {
      readonly of: 'participant';
      readonly noise: 'distributed';
      readonly relation: Exclude<NeighbouringRelation, 'addOrRemove'>;
    };

/** How many clipping norms apart the sums of neighbours may be. */
export function clippingNormsApart(relation: NeighbouringRelation): 1 | 2 {
  return relation === 'replace' ? 2 : 1;
}
