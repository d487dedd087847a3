/**
 * Groups of a masked round, a robust rule over their sums, and what both cost: pure functions.
 * docs/specs/groups.md numbers each step.
 */
export { assignGroups, type GroupDraw } from './assignGroups.ts';
export { type GroupPlan, type GroupPrice, priceGroups } from './priceGroups.ts';
export { type GroupSum, type TrimmedSum, trimGroups } from './trimGroups.ts';
