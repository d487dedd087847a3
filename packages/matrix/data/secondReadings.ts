/**
 * The second reading of each project: its items coded anew from the sources alone, claim by claim.
 * It was made by the same reader in a later pass, which the data say; so it finds slips and doubtful
 * items, and does not count as a second reviewer. A reading by another reader replaces an entry and
 * says so. Short form: `+` true, `-` false, `?` not decided by the sources.
 */
import type { SecondReading, Subject } from '../src/evaluation/records.ts';

type Codes = Readonly<Record<string, string>>;

const reader = 'the first reader again, in a later pass over the sources';

function samePass(codes: Codes, because: Readonly<Record<string, string>> = {}): SecondReading {
  return {
    reader,
    independent: false,
    date: '2026-11-30',
    codes: Object.entries(codes).flatMap(([claim, text]) =>
      text.split(' ').map((code) => {
        const on = code.slice(0, -1) as Subject;
        const reason = because[`${claim} ${on}`];
        return {
          claim,
          on,
          value: { '+': 'true', '-': 'false', '?': 'unknown' }[code.slice(-1)] as
            | 'true'
            | 'false'
            | 'unknown',
          ...(reason === undefined ? {} : { because: reason }),
        };
      }),
    ),
  };
}

/** Second readings by the project's name. */
export const secondReadings: Readonly<Record<string, SecondReading>> = {
  nonet: samePass({
    'recomputable-aggregates':
      'v1.documented+ v1.inspectable+ v2.detectable+ d1.operators+ d2.unstoppable- coupling+',
    'one-model-one-set': 'v2.detectable+ s1.tests+ s1.disclosure+ s2.audited? coupling+',
    'one-set-for-all': 'v2.detectable+ d2.unstoppable- coupling+',
    'data-stay': 'p1.kept+ p2.unreadable- d2.unstoppable-',
    'anybody-checks': 'v2.detectable+ v3.permissionless? d2.unstoppable-',
  }),
  akash: samePass(
    { market: 'd1.operators+ f1.figures?', 'ledger-exchange': 'd1.operators+ d2.unstoppable? coupling+' },
    { 'ledger-exchange d2.unstoppable': 'who has how much of the stake that governs was not read' },
  ),
  ambient: samePass(
    {
      'verified-outputs': 'v1.documented+ v1.inspectable? v2.detectable? d1.operators?',
      speed: 'f1.figures? d1.operators?',
    },
    {
      'verified-outputs d1.operators':
        'miners are described; whether others than the team run the test network is not',
      'speed d1.operators': 'as above',
    },
  ),
  deepprove: samePass({
    'chain-integrity': 'v1.documented+ v1.inspectable+ v2.detectable+ s2.audited? coupling?',
    speed: 'f1.figures? s2.audited?',
  }),
  dstack: samePass(
    {
      'private-by-hardware': 'p1.kept+ p2.unreadable? p2.default+ s1.tests+ s1.disclosure+ s2.audited+',
      'physical-access': 'p2.unreadable? s2.audited+',
      reproducible: 'v1.documented+ v2.detectable+ s2.audited+',
      'onchain-governance': 'p1.kept+ p2.unreadable? s2.audited? coupling+',
      'confidential-gpus': 'f1.figures+ f2.overhead+ f3.reproduced?',
    },
    {
      'confidential-gpus f3.reproduced':
        'the paper measures the same hardware, not the figures of this project',
    },
  ),
  elizaos: samePass({
    'on-device': 'p1.kept+ p2.unreadable? d1.operators+',
    'owner-approves': 's1.tests? H11? coupling?',
  }),
  ezkl: samePass({
    'onchain-verification':
      'v1.documented+ v1.inspectable+ v2.detectable+ s1.tests+ s1.disclosure+ s2.audited+ s3.closed? coupling+',
  }),
  fetch: samePass({
    almanac: 'v1.documented+ v1.inspectable+ d1.operators+ coupling-',
    secured: 'v2.detectable+ s1.tests+ s1.disclosure+',
  }),
  flock: samePass({
    'secure-alliance': 's1.tests? coupling?',
    'voted-updates': 'v1.documented+ v2.detectable? d1.operators+',
    validation: 'v1.inspectable+ v2.detectable+ d3.open-',
  }),
  gensyn: samePass({
    markets: 'v1.documented+ v1.inspectable+ d2.unstoppable- coupling+',
    receipts: 'v1.documented+ v1.inspectable- v2.detectable?',
  }),
  'gensyn-swarm': samePass(
    {
      'permissionless-swarm': 'd1.operators+ f1.figures?',
      identity: 'v1.documented+ d1.operators+ coupling-',
    },
    { 'identity coupling': 'the README calls connecting to the ledger optional' },
  ),
  gonka: samePass({
    'useful-work': 's1.tests+ f1.figures? coupling+',
    'validated-inference': 'v1.documented+ v2.detectable+ d1.operators+ d2.unstoppable? coupling+',
  }),
  ionet: samePass({
    'on-ledger-transactions': 'v1.documented+ v1.inspectable? s2.audited? coupling?',
    'proof-of-work': 'v1.documented+ v2.detectable? c1.tens?',
  }),
  nillion: samePass({
    'confidential-machines': 'p1.kept+ p2.unreadable+ p2.default+',
    'checked-by-nodes': 'v1.documented+ v2.detectable+ d2.unstoppable? coupling+',
  }),
  olas: samePass(
    {
      'decentralised-agents': 'v1.documented+ v1.inspectable+ v2.detectable? d1.operators+ coupling+',
      market: 's1.tests+ s1.disclosure+ s2.audited? coupling+',
    },
    { 'decentralised-agents v2.detectable': 'only the operators of an agent see its steps' },
  ),
  openverifiablellm: samePass({
    'verifiable-training': 'v1.documented? v1.inspectable+ v2.detectable+ d1.operators+',
  }),
  ora: samePass({
    'anyone-challenges':
      'v1.documented+ v1.inspectable+ v2.detectable+ d1.operators+ d2.unstoppable? coupling+',
    'fault-proofs': 'v2.detectable+ s2.audited? coupling+',
  }),
  'prime-intellect': samePass(
    {
      toploc: 'v1.documented+ v2.detectable+',
      'decentralised-compute': 'c2.hundreds? f1.figures?',
      'open-entry': 'd1.operators+ coupling?',
    },
    { 'decentralised-compute c2.hundreds': 'the run used other repositories than the one that is quoted' },
  ),
  psyche: samePass({
    'untrusted-training': 'f1.figures? c1.tens?',
    witnesses: 'v1.documented+ v1.inspectable+ v2.detectable?',
    'ledger-coordinates': 'd1.operators+ d2.unstoppable? coupling+',
  }),
  'risc-zero': samePass({
    'proof-of-execution':
      'v1.documented+ v1.inspectable+ v2.detectable+ s1.tests+ s1.disclosure+ s2.audited+',
    'on-ledger': 'v2.detectable+ s2.audited? coupling+',
    recursion: 'v2.detectable+ c1.tens?',
  }),
  ritual: samePass({
    'thinking-contracts': 'v1.documented+ v1.inspectable? coupling?',
    'private-multimodal': 'p1.kept+ p2.unreadable?',
  }),
  'ritual-infernet': samePass(
    { 'offchain-compute': 'v1.documented+ v1.inspectable+ v2.detectable? s1.tests+ s2.audited+ coupling+' },
    { 'offchain-compute v2.detectable': 'a verifier is optional and none is set by default' },
  ),
  sahara: samePass({
    'secure-interactions': 's1.tests? coupling?',
    guardrail: 'v1.documented+ v2.detectable+',
  }),
  secret: samePass({
    'private-by-default': 'p1.kept+ p2.unreadable? p2.default+ p3.blast- d1.operators+ coupling+',
    scalable: 'p3.blast- c1.tens?',
  }),
  sentient: samePass({
    fingerprints: 'v1.documented+ v1.inspectable+ v2.detectable+',
    enclaves: 'p1.kept+ p2.unreadable+ p2.default?',
  }),
  sorachain: samePass({
    'private-federation': 'p1.kept+ p2.unreadable- d2.unstoppable- coupling-',
    'validated-contributions': 'v1.documented+ v1.inspectable+ d2.unstoppable-',
  }),
  templar: samePass({
    'internet-training': 'f1.figures+ c2.hundreds+',
    network: 'd1.operators+ coupling+',
    'honest-work': 'v1.documented+ v2.detectable+ coupling+',
  }),
  vana: samePass({
    'control-over-data': 'p1.kept+ p2.unreadable? s2.audited+ coupling+',
    'permissionless-pools': 'd1.operators+ d2.unstoppable?',
  }),
  verathos: samePass(
    {
      'proven-operations': 'v1.documented+ v1.inspectable- d1.operators+ coupling+',
      overhead: 'f1.figures?',
    },
    { 'proven-operations v1.inspectable': 'prover and verifier come as compiled modules only' },
  ),
  verinf: samePass({
    'proven-inference': 'v1.documented+ v1.inspectable+ v2.detectable+ c2.hundreds+',
    cost: 'f1.figures+ s2.audited?',
  }),
  virtuals: samePass({
    'voted-contributions': 'v1.documented+ v1.inspectable+ v2.detectable? d2.unstoppable? coupling?',
    'paid-jobs': 'v1.inspectable+',
  }),
  world: samePass({
    anonymous: 'p1.kept+ p2.unreadable+ p2.default+ s2.audited+',
    'direct-use': 'v2.detectable+ d1.operators+ d2.unstoppable? coupling+',
  }),
  'world-id-3': samePass({
    'anonymous-uniqueness': 'p2.unreadable+ s2.audited?',
    'verified-on-ledger': 'v2.detectable+ coupling+',
  }),
  zama: samePass(
    {
      'encrypted-state': 'p1.kept+ p2.unreadable+ p2.default+ s2.audited? coupling+',
      'threshold-keys': 'p2.unreadable+ d1.operators+',
      'scalable-processing': 'c1.tens? coupling+',
      'verified-on-ledger': 'v2.detectable+ d2.unstoppable? coupling+',
    },
    {
      'scalable-processing c1.tens':
        '13 key holders and 5 coprocessors are described, not tens of nodes that compute',
    },
  ),
  disco: samePass({ 'no-central-coordination': 'p1.kept+ p2.unreadable+ p2.default- d1.operators+' }),
  flower: samePass({ federated: 'p1.kept+ p2.default-' }),
  hivemind: samePass({ 'no-master-node': 'd1.operators+ d2.unstoppable+', hundreds: 'c1.tens+' }),
  nvflare: samePass({ 'privacy-preservation': 'p1.kept+ s2.audited?' }),
  petals: samePass(
    { 'distributed-inference': 'f1.figures? d1.operators+' },
    { 'distributed-inference f1.figures': 'the figure comes with a model and without hardware' },
  ),
  wrapper: samePass({ 'onchain-intelligence': 'H1+ v2.detectable- coupling-' }),
};
