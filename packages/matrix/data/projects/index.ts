/**
 * The projects judged in depth, Nonet first. Each is one file; docs/adding/project.md says how to
 * add one.
 */
import type { Project } from '../../src/evaluation/records.ts';
import { decaiFlags } from '../decaiFlags.ts';
import { secondReadings } from '../secondReadings.ts';
import { akash } from './akash.ts';
import { ambient } from './ambient.ts';
import { deepprove } from './deepprove.ts';
import { disco } from './disco.ts';
import { dstack } from './dstack.ts';
import { elizaos } from './elizaos.ts';
import { ezkl } from './ezkl.ts';
import { fetch } from './fetch.ts';
import { flock } from './flock.ts';
import { flower } from './flower.ts';
import { gensyn } from './gensyn.ts';
import { gensynSwarm } from './gensyn-swarm.ts';
import { gonka } from './gonka.ts';
import { hivemind } from './hivemind.ts';
import { ionet } from './ionet.ts';
import { nillion } from './nillion.ts';
import { nonet } from './nonet.ts';
import { nvflare } from './nvflare.ts';
import { olas } from './olas.ts';
import { openVerifiableLlm } from './openverifiablellm.ts';
import { ora } from './ora.ts';
import { petals } from './petals.ts';
import { primeIntellect } from './prime-intellect.ts';
import { psyche } from './psyche.ts';
import { riscZero } from './risc-zero.ts';
import { ritual } from './ritual.ts';
import { ritualInfernet } from './ritual-infernet.ts';
import { sahara } from './sahara.ts';
import { secret } from './secret.ts';
import { sentient } from './sentient.ts';
import { sorachain } from './sorachain.ts';
import { templar } from './templar.ts';
import { vana } from './vana.ts';
import { verathos } from './verathos.ts';
import { verinf } from './verinf.ts';
import { virtuals } from './virtuals.ts';
import { world } from './world.ts';
import { worldId3 } from './world-id-3.ts';
import { wrapper } from './wrapper.ts';
import { zama } from './zama.ts';

const firstReadings: readonly Project[] = [
  nonet,
  akash,
  ambient,
  deepprove,
  dstack,
  elizaos,
  ezkl,
  fetch,
  flock,
  gensyn,
  gensynSwarm,
  gonka,
  ionet,
  nillion,
  olas,
  openVerifiableLlm,
  ora,
  primeIntellect,
  psyche,
  riscZero,
  ritual,
  ritualInfernet,
  sahara,
  secret,
  sentient,
  sorachain,
  templar,
  vana,
  verathos,
  verinf,
  virtuals,
  world,
  worldId3,
  zama,
  disco,
  flower,
  hivemind,
  nvflare,
  petals,
  wrapper,
];

/** All projects that are evaluated, Nonet first, each with its second reading. */
export const projects: readonly Project[] = firstReadings.map((project) => {
  const second = secondReadings[project.id];
  const flags = decaiFlags[project.id];
  return {
    ...project,
    ...(second === undefined ? {} : { second }),
    ...(flags === undefined ? {} : { decaiFlags: flags }),
  };
});

export type { Lead } from '../../src/evaluation/leads.ts';
export { incidents } from '../incidents.ts';
export { leads, leadsReadOn } from '../leads.ts';
export { measurements } from '../measurements.ts';
export { probeSample } from '../probeSample.ts';
