/**
 * The projects judged in depth, Nonet first. Each is one file; docs/adding/project.md says how to
 * add one.
 */
import type { Project } from '../../src/evaluation/records.ts';
import { deepprove } from './deepprove.ts';
import { disco } from './disco.ts';
import { dstack } from './dstack.ts';
import { ezkl } from './ezkl.ts';
import { flock } from './flock.ts';
import { flower } from './flower.ts';
import { gensyn } from './gensyn.ts';
import { hivemind } from './hivemind.ts';
import { nonet } from './nonet.ts';
import { nvflare } from './nvflare.ts';
import { ora } from './ora.ts';
import { petals } from './petals.ts';
import { primeIntellect } from './prime-intellect.ts';
import { psyche } from './psyche.ts';
import { riscZero } from './risc-zero.ts';
import { ritual } from './ritual.ts';
import { secret } from './secret.ts';
import { sorachain } from './sorachain.ts';
import { templar } from './templar.ts';
import { world } from './world.ts';
import { wrapper } from './wrapper.ts';
import { zama } from './zama.ts';

export const projects: readonly Project[] = [
  nonet,
  deepprove,
  dstack,
  ezkl,
  flock,
  gensyn,
  ora,
  primeIntellect,
  psyche,
  riscZero,
  ritual,
  secret,
  sorachain,
  templar,
  world,
  zama,
  disco,
  flower,
  hivemind,
  nvflare,
  petals,
  wrapper,
];

export type { Lead } from '../../src/evaluation/leads.ts';
export { incidents } from '../incidents.ts';
export { leads, leadsReadOn } from '../leads.ts';
export { probeSample } from '../probeSample.ts';
