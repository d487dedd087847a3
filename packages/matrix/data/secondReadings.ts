/**
 * The second reading of each project: its items of levels 1 and 2 coded anew from the sources alone,
 * claim by claim. Most are by readers who saw claims and sources, and neither the first reading nor
 * its verdict. The others are by the first reader in a later pass, which the data say, and do not
 * count as a second reviewer. Reasons are kept where the two differ. Short form: `+` true, `-`
 * false, `?` not decided by the sources.
 */
import type { SecondReading, Subject } from '../src/evaluation/records.ts';

type Codes = Readonly<Record<string, string>>;
type Because = Readonly<Record<string, string>>;

/** By a reader who had claims and sources, and not the first reading. */
function read(codes: Codes, because: Because = {}): SecondReading {
  return {
    reader: 'a second reader of this project, who had claims and sources and not the first reading',
    independent: true,
    date: '2026-11-30',
    codes: listCodes(codes, because),
  };
}

function samePass(codes: Codes, because: Because = {}): SecondReading {
  return {
    reader: 'the first reader again, in a later pass over the sources',
    independent: false,
    date: '2026-11-30',
    codes: listCodes(codes, because),
  };
}

function listCodes(codes: Codes, because: Because): SecondReading['codes'] {
  return Object.entries(codes).flatMap(([claim, text]) =>
    text.split(' ').map((code) => {
      const on = code.slice(0, -1) as Subject;
      const reason = because[`${claim} ${on}`];
      return {
        claim,
        on,
        value: { '+': 'true', '-': 'false', '?': 'unknown' }[code.slice(-1)] as 'true' | 'false' | 'unknown',
        ...(reason === undefined ? {} : { because: reason }),
      };
    }),
  );
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
    'only-sums': 'p1.kept+ p2.unreadable+ p2.default- d1.operators+ d2.unstoppable-',
    'bounded-disclosure': 'p1.kept+ p2.default- d1.operators+ d2.unstoppable-',
    'proven-answers': 'v1.documented+ v1.inspectable+ v2.detectable+ s1.tests+ s1.disclosure+ s2.audited?',
  }),
  ritual: samePass({
    'thinking-contracts': 'v1.documented+ v1.inspectable? coupling?',
    'private-multimodal': 'p1.kept+ p2.unreadable?',
  }),
  wrapper: samePass({ 'onchain-intelligence': 'H1+ v2.detectable- coupling-' }),
  akash: read(
    {
      market: 'f1.figures? f2.overhead? d1.operators+ d2.unstoppable+',
      'ledger-exchange': 'f1.figures? f2.overhead? d1.operators+ d2.unstoppable+ coupling+',
    },
    {
      'market d2.unstoppable':
        "x/market/handler/server.go has no admin key for orders, bids or leases, and every parameter change asks for the governance module's address (app/types/app.go).",
    },
  ),
  ambient: read(
    {
      'verified-outputs':
        'v1.documented+ v1.inspectable? v2.detectable? d1.operators? d2.unstoppable- coupling-',
      speed: 'f1.figures? f2.overhead? d1.operators? d2.unstoppable- coupling+',
    },
    {
      'verified-outputs d1.operators':
        'The What-is-Ambient page speaks of miners and validators, but neither it nor auction-api README.md says how another operator runs one.',
      'verified-outputs d2.unstoppable':
        'auction-api src/state/config_policy_v2.rs and src/instruction/set_config_policy_v2.rs let one admin authority, without any delay, set flags that let a service account override commitment, result and finalisation.',
      'verified-outputs coupling':
        'The What-is-Ambient page rests the check on a hash of logits and one recomputed token, which any second party can do without a ledger.',
      'speed d1.operators':
        'The What-is-Ambient page speaks of miners and validators, but neither it nor auction-api README.md says how another operator runs one.',
      'speed d2.unstoppable':
        'auction-api src/state/config_policy_v2.rs and src/instruction/set_config_policy_v2.rs let one admin authority, without any delay, set flags that let a service account override commitment, result and finalisation.',
      'speed coupling':
        'The claimed resistance to censorship and the market of miners come from the ledger and its auction (What-is-Ambient page, auction-api), and would be lost without it.',
    },
  ),
  deepprove: read(
    {
      'chain-integrity':
        'v1.documented+ v1.inspectable+ v2.detectable+ s1.tests+ s1.disclosure? s2.audited- coupling-',
      speed: 'f1.figures- f2.overhead? s1.tests+ s1.disclosure? s2.audited-',
    },
    {
      'chain-integrity s1.tests':
        '.github/workflows/tests.yml runs cargo test on each pull request and on master.',
      'chain-integrity s2.audited':
        "zkml/README.md says: 'This codebase is not audited and not production ready'.",
      'chain-integrity coupling':
        'The proof is checked by zkml/src/iop/verifier.rs without any ledger; the repository has no contract at all.',
      'speed f1.figures':
        'README.md gives proving times for two models without the hardware on which they were taken.',
      'speed s1.tests': '.github/workflows/tests.yml runs cargo test on each pull request and on master.',
      'speed s2.audited': "zkml/README.md says: 'This codebase is not audited and not production ready'.",
    },
  ),
  dstack: read(
    {
      'private-by-hardware': 'p1.kept+ p2.unreadable+ p2.default+ s1.tests+ s1.disclosure+ s2.audited+',
      'physical-access': 'p1.kept+ p2.unreadable- p2.default- s1.tests+ s1.disclosure+ s2.audited?',
      reproducible: 'v1.documented+ v1.inspectable+ v2.detectable+ s1.tests+ s1.disclosure+ s2.audited+',
      'onchain-governance':
        'p1.kept+ p2.unreadable? p2.default? s1.tests+ s1.disclosure+ s2.audited- coupling+',
      'confidential-gpus': 'f1.figures+ f2.overhead+ s1.tests+ s1.disclosure+ s2.audited?',
    },
    {
      'private-by-hardware p2.unreadable':
        'Within the stated threat model (software of the host) dstack/vmm launches TDX or SEV-SNP guests and dstack/dstack-util/src/system_setup.rs encrypts storage with keys that the host does not get.',
      'physical-access p2.unreadable':
        'The pinned Safeheron article reports that with physical access an interposer on the memory bus recovered attestation keys, on platforms that include Intel TDX; docs/security/security-model.md makes no claim against physical access.',
      'physical-access p2.default':
        'As p2.unreadable does not hold against physical access, no default makes it hold (Safeheron article; dstack/vmm/vmm.toml has no setting for it).',
      'physical-access s2.audited':
        "docs/security/dstack-audit.pdf covers dstack's software; the memory encryption of TDX under physical access is not in its scope.",
      'onchain-governance p2.default':
        'docs/deployment.md offers auth-simple (a JSON file) or auth-eth behind the same webhook of dstack/kms/kms.toml, so authorisation by contract is a choice and not shown as the default.',
      'onchain-governance s2.audited':
        'docs/security/dstack-audit.pdf lists dstack-kms and related flows as unreviewed and asks for a further audit of them; contracts are not in its scope.',
    },
  ),
  ezkl: read(
    {
      'onchain-verification':
        'v1.documented+ v1.inspectable+ v2.detectable+ s1.tests+ s1.disclosure+ s2.audited+ coupling-',
    },
    {
      'onchain-verification coupling':
        "README.md says that the same proof is verified 'in a browser, or on a device' too, so the check stays without a ledger.",
    },
  ),
  elizaos: read(
    {
      'on-device': 'p1.kept+ p2.unreadable? p2.default? d1.operators+ d2.unstoppable+',
      'owner-approves': 'f1.figures? f2.overhead? s1.tests+ s1.disclosure+ s2.audited? coupling-',
    },
    {
      'on-device d2.unstoppable':
        'README.md says that local-only use needs no account or cloud and, once the model is there, works with no network, so no key of another party stands in the way.',
      'owner-approves s1.tests':
        ".github/workflows/test.yml runs the suites, plugins included, on each push to develop; the wallet's confirmation gate has a test of its own.",
      'owner-approves coupling':
        'The approval is a local gate (plugins/plugin-wallet security/wallet-financial-confirmation.ts keeps a write pending until the owner replies); it would guard any payment in the same way.',
    },
  ),
  fetch: read(
    {
      almanac: 'v1.documented? v1.inspectable? v2.detectable? d1.operators+ d2.unstoppable- coupling+',
      secured: 'v1.documented? v1.inspectable+ v2.detectable+ s1.tests+ s1.disclosure+ s2.audited?',
    },
    {
      'almanac v1.documented':
        'README.md says only that agents register on a contract; who checks a registration, and how, is not told there, and python/docs is generated from docstrings.',
      'almanac v1.inspectable':
        'python/src/uagents/registration.py shows the client; the contract is only an address in python/src/uagents/config.py, and the service of the project is not in the repository.',
      'almanac d2.unstoppable':
        "python/src/uagents/resolver.py asks the project's own service first and uses the endpoints that it answers without a check; the contract comes only when the service does not answer.",
      'almanac coupling':
        "Without the contract only the project's own service is left (python/src/uagents/registration.py skips the ledger when there is none), so agents still find one another but the registry is no longer shared or checkable.",
      'secured v1.documented':
        'README.md has one sentence and no description of what is signed or who checks it.',
    },
  ),
  flock: read(
    {
      'secure-alliance': 'f1.figures? f2.overhead? s1.tests? s1.disclosure? s2.audited? coupling+',
      'voted-updates':
        'v1.documented+ v1.inspectable? v2.detectable? d1.operators+ d2.unstoppable- coupling+',
      validation: 'v1.documented+ v1.inspectable+ v2.detectable+ d1.operators+ d2.unstoppable-',
    },
    {
      'secure-alliance coupling':
        'Stakes that can be lost and the random roles are held by the contract (docs, smart-contracts-deep-dive and components), so without ledger and token the mechanism is gone.',
      'voted-updates d2.unstoppable':
        "docs, smart-contracts-deep-dive: 'The owner can mark a task as finished if necessary (finishTask(...))'; no delay is named.",
      'voted-updates coupling':
        'The vote is commit and reveal weighted by stake in a contract (docs, smart-contracts-deep-dive), so without the ledger the vote is gone.',
      'validation d1.operators': 'README.md says how another validator runs it (with a key of FLock).',
      'validation d2.unstoppable':
        'src/client/fed_ledger.py gets each task from, and hands each result to, one service at fed-ledger-prod.flock.io with an API key.',
    },
  ),
  gensyn: read(
    {
      markets: 'v1.documented+ v1.inspectable+ v2.detectable- d1.operators+ d2.unstoppable- coupling+',
      receipts: 'v1.documented+ v1.inspectable- v2.detectable+ d1.operators+ d2.unstoppable-',
    },
    {
      'markets v2.detectable':
        "DynamicParimutuelMarket.sol submitWinner takes the creator's word for the outcome: it checks only caller, status and index, and there is no way to dispute it.",
      'receipts v2.detectable':
        'ree README.md and ree.sh: the verify subcommand re-runs the inference of a receipt on another machine and checks the output.',
      'receipts d2.unstoppable':
        'Every run and every check goes through one closed image that Gensyn publishes under its licence (ree README.md, ree.sh pulls gensynai/ree), so one party may withdraw or change it.',
    },
  ),
  'gensyn-swarm': read(
    {
      'permissionless-swarm': 'f1.figures- f2.overhead? d1.operators+ d2.unstoppable-',
      identity: 'v1.documented+ v1.inspectable? v2.detectable? d1.operators+ d2.unstoppable- coupling+',
    },
    {
      'permissionless-swarm f1.figures':
        'technical_report.pdf gives rewards for three Qwen-2.5-1.5B models without the hardware on which they were trained.',
      'permissionless-swarm d2.unstoppable':
        'SwarmCoordinator_0.4.2.json has owner and stage-manager roles and upgradeToAndCall, code-gen-swarm.yaml names one judge of Gensyn, and README.md says that no official swarm is running.',
      'identity v1.inspectable':
        "The client and the contract's interface with bytecode are there (code_gen_exp), but not the contract's source.",
      'identity d2.unstoppable':
        'README.md says that the account keys are stored by Alchemy, and SwarmCoordinator_0.4.2.json can be upgraded by its owner without a visible delay.',
      'identity coupling':
        'An identity on the ledger with its history is the claim itself (README.md); without it only the local swarm.pem is left.',
    },
  ),
  gonka: read(
    {
      'useful-work': 'f1.figures- f2.overhead? s1.tests+ s1.disclosure? s2.audited? coupling-',
      'validated-inference': 'v1.documented+ v1.inspectable+ v2.detectable+ d1.operators+ d2.unstoppable?',
    },
    {
      'useful-work f1.figures':
        "README.md states 'nearly 100%' and 'just 1-10% of tasks' with neither hardware nor model.",
      'useful-work coupling':
        'The property is the share of computing that goes to AI instead of securing a chain (README.md); without a ledger there is nothing to secure, and the share stays.',
    },
  ),
  ionet: read(
    {
      'on-ledger-transactions':
        'v1.documented+ v1.inspectable? v2.detectable? s1.tests? s1.disclosure? s2.audited? coupling+',
      'proof-of-work': 'v1.documented+ v1.inspectable? v2.detectable? c1.tens+ c2.hundreds?',
    },
    {
      'on-ledger-transactions coupling':
        "Records that anybody can check and nobody can change are what the ledger gives (tne-on-chain.mdx); without it io.net's own books are left.",
      'proof-of-work c1.tens':
        'proposed-device-block-reward-multiplier.mdx documents an addition of over 800 H200 GPUs to the network, every device of which is checked hourly by proof-of-work.mdx.',
    },
  ),
  nillion: read(
    {
      'confidential-machines': 'p1.kept+ p2.unreadable- p2.default- s1.tests+ s1.disclosure? s2.audited?',
      'checked-by-nodes':
        'v1.documented+ v1.inspectable+ v2.detectable+ d1.operators+ d2.unstoppable- coupling+',
    },
    {
      'confidential-machines p2.unreadable':
        'nilcc-agent/src/services/disk.rs writes the environment variables and files of a workload in the clear into an ISO on the host, and repositories/workload.rs keeps the variables in its database, so the operator of the host reads these inputs.',
      'confidential-machines p2.default':
        'nilcc-agent/src/services/vm.rs always sets enable_cvm, but the unencrypted ISO of disk.rs is the default path as well.',
      'confidential-machines s1.tests':
        '.github/workflows/rust-ci.yml runs cargo test on each pull request and push to main.',
      'checked-by-nodes d2.unstoppable':
        'TESTToken.sol lets one owner mint the stake by which nodes are drawn, and StakingOperators.sol lets the slasher role jail a node, both without delay.',
    },
  ),
  olas: read(
    {
      'decentralised-agents':
        'v1.documented+ v1.inspectable+ v2.detectable+ d1.operators+ d2.unstoppable- coupling+',
      market: 'f1.figures? f2.overhead? s1.tests+ s1.disclosure+ s2.audited+ coupling+',
    },
    {
      'decentralised-agents d2.unstoppable':
        'packages/valory/skills/termination_abci/behaviours.py ends the service and hands the multisig to the service owner as soon as the owner alone sends a signal.',
      'market s2.audited':
        'audit/README.md links an external audit by Cantina of 19.02.2025 (the report itself is not in the repository and was not read).',
    },
  ),
  openverifiablellm: read(
    { 'verifiable-training': 'v1.documented? v1.inspectable+ v2.detectable+ d1.operators+ d2.unstoppable+' },
    {
      'verifiable-training d2.unstoppable':
        'No key, server or owner is in openverifiablellm/: each party recomputes the hashes alone.',
    },
  ),
  ora: read(
    {
      'anyone-challenges':
        'v1.documented+ v1.inspectable? v2.detectable? d1.operators? d2.unstoppable- coupling+',
      'fault-proofs':
        'v1.documented+ v1.inspectable+ v2.detectable+ s1.tests+ s1.disclosure? s2.audited- coupling+',
    },
    {
      'anyone-challenges v1.inspectable':
        "opml contracts/Challenge.sol shows the game, but the contract behind OAO's IOpml interface, in which a challenge would be made, is in neither repository.",
      'anyone-challenges v2.detectable':
        'opml has a challenge for its example, but OAO holds only the interface startChallenge (IOpml.sol), and AIOracle.sol has models marked unverifiable that skip it.',
      'anyone-challenges d1.operators':
        'AIOracle.sol takes results only from addresses that its owner put on a whitelist, and no document says how another operator gets there.',
      'anyone-challenges d2.unstoppable':
        'AIOracle.sol lets one owner exchange the opml contract (setOpml), remove or change models and set the whitelist and blacklist, all at once.',
      'fault-proofs s1.tests':
        '.github/workflows/test_challenge_simple.yml runs the challenge scenario on each pull request.',
      'fault-proofs s2.audited': "opml README.md: 'This code is unaudited.'",
    },
  ),
  'prime-intellect': read(
    {
      toploc: 'v1.documented+ v1.inspectable+ v2.detectable+ c1.tens? c2.hundreds+',
      'decentralised-compute': 'f1.figures? f2.overhead? c1.tens? c2.hundreds?',
      'open-entry': 'f1.figures? f2.overhead? d1.operators? d2.unstoppable- coupling+',
    },
    {
      'toploc c2.hundreds':
        'The abstract of arXiv:2505.07291v1 records a run of a model with 32 billion parameters in which TOPLOC verifies the rollouts.',
      'decentralised-compute c2.hundreds':
        'The abstract of arXiv:2505.07291 records a run of 32 billion parameters but does not say that it ran on this protocol; protocol README.md says local runs only.',
      'open-entry d1.operators':
        "protocol docs/development-setup.md says how to run every part on one's own machine, but README.md says that joining a public network is not yet supported, and a worker must first be whitelisted.",
      'open-entry d2.unstoppable':
        "protocol's prime_network_contract.rs and compute_pool_contract.rs let one key whitelist providers, eject or blacklist nodes and invalidate work, without delay.",
      'open-entry coupling':
        "Membership, stake and payment are the contracts themselves (protocol README.md); without the ledger the orchestrator's own list is left.",
    },
  ),
  psyche: read(
    {
      'untrusted-training': 'f1.figures? f2.overhead? c1.tens? c2.hundreds?',
      witnesses: 'v1.documented+ v1.inspectable+ v2.detectable- d1.operators+ d2.unstoppable-',
      'ledger-coordinates': 'f1.figures? f2.overhead? d1.operators+ d2.unstoppable- coupling+',
    },
    {
      'witnesses v2.detectable':
        "shared/client/src/state/steps.rs compares a result only with its sender's own commitment; recomputing by verifiers is 'todo!()' in shared/coordinator/src/coordinator.rs, and verification_percent is 0 in almost every file of config/.",
      'witnesses d2.unstoppable':
        'lib.rs of the coordinator program lets the main_authority alone pause a run (set_paused) and change its configuration, model and progress (update), without delay.',
      'ledger-coordinates d2.unstoppable':
        'lib.rs of the coordinator program lets the main_authority alone pause a run (set_paused) and change its configuration, model and progress (update), without delay.',
    },
  ),
  'risc-zero': read(
    {
      'proof-of-execution':
        'v1.documented+ v1.inspectable+ v2.detectable+ s1.tests+ s1.disclosure+ s2.audited+',
      'on-ledger':
        'v1.documented+ v1.inspectable+ v2.detectable+ s1.tests+ s1.disclosure+ s2.audited+ coupling-',
      recursion: 'v1.documented+ v1.inspectable+ v2.detectable+ c1.tens? c2.hundreds?',
    },
    {
      'on-ledger s2.audited':
        'rz-security audits/README.md lists the audit of the SNARK verifier contract by Hexens, June 2024 (the file itself is not in the stored copy).',
      'on-ledger coupling':
        'The same receipt is verified off the ledger by risc0/zkvm/src/receipt.rs; the contract is one more place in which to check it.',
    },
  ),
  'ritual-infernet': read({
    'offchain-compute':
      'v1.documented+ v1.inspectable+ v2.detectable+ s1.tests+ s1.disclosure? s2.audited+ coupling+',
  }),
  sahara: read(
    {
      'secure-interactions': 'f1.figures? f2.overhead? s1.tests? s1.disclosure? s2.audited? coupling+',
      guardrail: 'v1.documented+ v1.inspectable+ v2.detectable+ s1.tests- s1.disclosure? s2.audited?',
    },
    {
      'secure-interactions coupling':
        'The organisation page: the open record of agents, datasets and services is the ledger itself, so without it the transparency claimed is gone.',
      'guardrail s1.tests': 'The tree has no tests and no .github workflows.',
    },
  ),
  secret: read(
    {
      'private-by-default': 'p1.kept+ p2.unreadable? p2.default? d1.operators+ d2.unstoppable? coupling+',
      scalable: 'p1.kept+ p2.unreadable? p2.default? c1.tens+ c2.hundreds? coupling-',
    },
    {
      'private-by-default p2.default':
        'As p2.unreadable; besides, execute_message.rs also accepts a plaintext input, so that the default rests on the client.',
      'scalable p2.default': 'As p2.unreadable; besides, execute_message.rs also accepts a plaintext input.',
      'scalable c1.tens':
        'The list of machines of the network in attestation.rs has 149 entries and the production list of validators 72.',
      'scalable coupling':
        'Privacy comes from the enclaves and every validator executes every contract, so the ledger adds nothing to scale and its absence would lose none of it.',
    },
  ),
  sentient: read(
    {
      fingerprints: 'v1.documented+ v1.inspectable+ v2.detectable+ s1.tests- s1.disclosure? s2.audited?',
      enclaves: 'p1.kept- p2.unreadable- p2.default- s1.tests- s1.disclosure? s2.audited?',
    },
    {
      'fingerprints s1.tests': 'The tree has no tests and no .github workflows.',
      'enclaves p1.kept':
        'reference_apps/inference_server/src/main.rs serves prompts over plain HTTP, which pf-proxy carries through the host, and pf-proxy/README.md merely advises TLS for sensitive data.',
      'enclaves p2.unreadable':
        'pipeline/src/lib.rs runs any bash command that the host sends, without authentication, and sends back any file of the enclave; prompts of the inference server pass the host in plain HTTP.',
      'enclaves p2.default':
        'As p2.unreadable: the quick start in README.md starts the enclave in debug mode with the pipeline server open to the host.',
      'enclaves s1.tests':
        'Tests lie in fs-monitor/tests and reference_apps/*/tests, but the tree has no .github or other configuration that runs them on a change.',
    },
  ),
  sorachain: read(
    {
      'private-federation': 'p1.kept+ p2.unreadable- p2.default- d1.operators+ d2.unstoppable- coupling-',
      'validated-contributions':
        'v1.documented+ v1.inspectable+ v2.detectable- d1.operators+ d2.unstoppable- coupling+',
    },
    {
      'private-federation p2.default':
        'As p2.unreadable: sft_job_FedAPI.py sends each update to the FedAvg server with no more than optional quantisation.',
      'validated-contributions v2.detectable':
        "src/AggregationAndValidation.sol joins the trainers' hashes and pays all alike, and only the task creator may call it; neither repository has code by which another party checks a contribution.",
      'validated-contributions d1.operators':
        'docs.sorachain.ai data-flow lets a subnet have one or more aggregators and several trainers and validators, and testnet-AILayer-Node README.md gives the command to start a server.',
      'validated-contributions coupling':
        'The claim is a proof posted on the chain and pay by contract (data-flow, AggregationAndValidation.sol), which end without the ledger.',
    },
  ),
  templar: read(
    {
      'internet-training': 'c2.hundreds+',
      network: 'd1.operators+ d2.unstoppable- coupling+',
      'honest-work': 'v1.documented+ v1.inspectable+ v2.detectable+ d1.operators+ d2.unstoppable- coupling+',
    },
    {
      'network d2.unstoppable':
        'src/tplr/comms.py and neurons/validator.py: the validator with the highest stake alone posts the start window and the list of peers whose gradients are gathered, and checkpoints are read from its bucket first.',
      'honest-work d2.unstoppable':
        'src/tplr/comms.py and neurons/validator.py: the validator with the highest stake alone posts the start window and the list of peers whose gradients are gathered, and checkpoints are read from its bucket first.',
    },
  ),
  vana: read(
    {
      'control-over-data':
        'p1.kept? p2.unreadable? p2.default? s1.tests- s1.disclosure? s2.audited+ coupling-',
      'permissionless-pools': 'p1.kept? p2.unreadable? p2.default? d1.operators+ d2.unstoppable-',
    },
    {
      'control-over-data p1.kept':
        'DataRegistryImplementation.sol keeps a URL and, for each grantee, an encryption key, which suggests encrypted files, but nothing in the repository documents or enforces that the raw file is encrypted in transit and at rest.',
      'control-over-data s1.tests':
        'test/ has tests, but the only workflows (release.yml, semantic-pull-request.yml) release and check titles of pull requests; none runs the tests.',
      'control-over-data coupling':
        'Confidentiality comes from encryption and trusted hardware; the contract (addFilePermission) only records a key that the owner could hand over directly.',
      'permissionless-pools p1.kept':
        'DataRegistryImplementation.sol keeps a URL and, for each grantee, an encryption key, which suggests encrypted files, but nothing in the repository documents or enforces that the raw file is encrypted in transit and at rest.',
      'permissionless-pools d2.unstoppable':
        'DataRegistryImplementation.sol and TeePoolImplementation.sol: DEFAULT_ADMIN_ROLE upgrades without delay and MAINTAINER_ROLE pauses; DLPRegistryImplementation.sol lets the maintainer unverify a pool.',
    },
  ),
  verathos: read(
    {
      'proven-operations':
        'v1.documented+ v1.inspectable- v2.detectable+ d1.operators+ d2.unstoppable- coupling+',
      overhead: 'f1.figures- f2.overhead? s1.tests- s1.disclosure? s2.audited?',
    },
    {
      'proven-operations v1.inspectable':
        'verallm/verifier and verallm/prover hold compiled .so files only, and zkllm is a pre-built wheel in dist/; the source of prover and verifier is not published at the commit.',
      'proven-operations v2.detectable':
        "neurons/validator.py and verallm/validator/core.py verify a miner's proof on any validator, though through the compiled verifier.",
      'proven-operations d2.unstoppable':
        'contracts/src/ModelRegistry.sol: the owner changes roots, authorises registrants and upgrades without delay, SubnetConfig.sol lets the owner blacklist miners, and Deploy.s.sol makes the deployer that owner (a multisig contract exists but is not shown to own them).',
      'overhead f1.figures':
        'docs/inference_protocol.md gives times and percentages by model but names no hardware for them.',
      'overhead s1.tests': 'The tree has no tests and no .github workflows.',
    },
  ),
  verinf: read(
    {
      'proven-inference': 'v1.documented+ v1.inspectable+ v2.detectable+ c1.tens? c2.hundreds+',
      cost: 'f1.figures+ f2.overhead? s1.tests- s1.disclosure? s2.audited-',
    },
    {
      'cost s1.tests':
        '.github/workflows/verifier-ci.yml tests the verifier when verifier/ changes and says itself that the prover is not covered, so tests do not run on every change of the mechanism.',
      'cost s2.audited': 'README.md: "Research prototype; no security audit of the full construction."',
    },
  ),
  virtuals: read(
    {
      'voted-contributions':
        'v1.documented+ v1.inspectable+ v2.detectable+ d1.operators? d2.unstoppable- coupling+',
      'paid-jobs': 'v1.documented? v1.inspectable+ v2.detectable+ s1.tests- s1.disclosure? s2.audited?',
    },
    {
      'voted-contributions v2.detectable':
        'contracts/virtualPersona/AgentDAO.sol lets holders of votes other than the contributor attest or reject a contribution; nothing in it re-runs or tests one.',
      'voted-contributions d1.operators':
        'README.md speaks of several validators to whom stakers delegate, but does not document how another operator becomes one or runs the system.',
      'voted-contributions d2.unstoppable':
        'README.md: AgentFactory, AgentNft, ServiceNft and AgentReward are upgradable with admin roles and the protocol backend distributes rewards; no delay or sharing of these keys is shown.',
      'voted-contributions coupling':
        'The vote and its execution are contract calls (AgentDAO.sol), so they end without the ledger.',
      'paid-jobs v1.documented':
        'Only the header comment of ACPSimple.sol says which party signs in which phase; README.md does not mention it and nothing says how an evaluator checks a job.',
      'paid-jobs v2.detectable':
        "ACPSimple.sol lets an evaluator, or the client where none is named, approve or reject the provider's result by signature; nothing re-runs it.",
      'paid-jobs s1.tests':
        'test/ has tests, but the tree has no .github or other configuration that runs them on a change.',
    },
  ),
  world: read(
    {
      anonymous: 'p1.kept+ p2.unreadable+ p2.default+ s1.tests+ s1.disclosure+ s2.audited+',
      'direct-use': 'v1.documented+ v1.inspectable+ v2.detectable+ d1.operators+ d2.unstoppable- coupling+',
    },
    {
      'direct-use d2.unstoppable':
        'contracts/src/core/abstract/WorldIDBase.sol: the owner alone upgrades registry and verifier without a delay, and no shared owner is shown.',
    },
  ),
  'world-id-3': read(
    {
      'anonymous-uniqueness': 'p1.kept? p2.unreadable? p2.default? s1.tests+ s1.disclosure? s2.audited+',
      'verified-on-ledger':
        'v1.documented+ v1.inspectable+ v2.detectable+ d1.operators- d2.unstoppable- coupling+',
    },
    {
      'anonymous-uniqueness p1.kept':
        'README.md says that only a hash-equivalent of the iris need be stored (on a blockchain); where picture and iris code lie and how they travel is not in the repository.',
      'anonymous-uniqueness p2.unreadable':
        'src/SemaphoreVerifier.sol hides which member proves, but what the operator of orb and sequencer sees at enrolment is not shown, and inclusion proofs are fetched from the sequencer (docs/user-flows.md).',
      'anonymous-uniqueness p2.default': 'As p2.unreadable.',
      'anonymous-uniqueness s2.audited':
        'audits/NM_0411_0446...pdf (Nethermind, February 2025) covers verifyProof in WorldIDIdentityManagerImplV3.sol; the circuits are out of its scope.',
      'verified-on-ledger d1.operators':
        'README.md and WorldIDIdentityManagerImplV1.sol: one identity operator alone registers and deletes identities; one may deploy another set of contracts, but not operate this one.',
      'verified-on-ledger d2.unstoppable':
        'README.md: the owner (to be a multi-signature wallet) upgrades at once and sets the operator, timelocks were decided against, and the single identity operator can stop enrolment.',
    },
  ),
  zama: read(
    {
      'encrypted-state': 'p1.kept+ p2.unreadable+ p2.default+ s1.tests+ s1.disclosure+ s2.audited? coupling+',
      'threshold-keys': 'p1.kept+ p2.unreadable+ p2.default+ d1.operators+ d2.unstoppable-',
      'scalable-processing': 'p1.kept+ p2.unreadable+ p2.default+ c1.tens? c2.hundreds? coupling-',
      'verified-on-ledger':
        'v1.documented+ v1.inspectable+ v2.detectable+ d1.operators+ d2.unstoppable- coupling+',
    },
    {
      'threshold-keys d2.unstoppable':
        'Keys are shared among 13 nodes (kms.md), but gateway-contracts/contracts/GatewayConfig.sol lets any one pauser pause all gateway contracts, and contracts are upgradable by one owner address (a DAO on mainnet by the runbook) without a delay in the code.',
      'scalable-processing c1.tens': 'kms.md names 13 key nodes; how many coprocessors run is not stated.',
      'scalable-processing coupling':
        'Scale comes from taking computation off the ledger to coprocessors (coprocessor.md) and privacy from encryption; neither needs the ledger.',
      'verified-on-ledger d2.unstoppable':
        'Keys are shared among 13 nodes (kms.md), but gateway-contracts/contracts/GatewayConfig.sol lets any one pauser pause all gateway contracts, and contracts are upgradable by one owner address (a DAO on mainnet by the runbook) without a delay in the code.',
    },
  ),
  disco: read(
    { 'no-central-coordination': 'p1.kept+ p2.unreadable+ p2.default- d1.operators+ d2.unstoppable-' },
    {
      'no-central-coordination d2.unstoppable':
        'docs/PRIVACY.md and decentralized_client.ts: even without a central model, one server names the peers of each round and forwards their signals, so its operator can stop a round.',
    },
  ),
  flower: read(
    { federated: 'p1.kept+ p2.unreadable+ p2.default- c1.tens? c2.hundreds?' },
    {
      'federated p2.unreadable':
        'framework/py/flwr has SecAgg and SecAgg+ (secaggplus_mod.py, secaggplus_workflow.py) with which the server sees only the sum.',
    },
  ),
  hivemind: read(
    {
      'no-master-node': 'f1.figures+ f2.overhead? d1.operators+ d2.unstoppable-',
      hundreds: 'f1.figures+ f2.overhead? c1.tens? c2.hundreds?',
    },
    {
      'no-master-node d2.unstoppable':
        'No key or master can stop a run, but in hivemind/averaging (allreduce.py, partition.py) one peer reduces each part alone and nothing checks what it returns, so a single peer can alter the result.',
      'hundreds c1.tens':
        'README.md names four projects without a number of peers, and the run with 1,024 DHT participants in docs/user/benchmarks.md was on one machine.',
    },
  ),
  nvflare: read(
    { 'privacy-preservation': 'p1.kept+ p2.unreadable+ p2.default- s1.tests+ s1.disclosure? s2.audited?' },
    {
      'privacy-preservation p2.default':
        'docs/programming_guide/filters.rst and docs/installation.rst: homomorphic encryption is an optional filter and extra; the usual FedAvg sends each update in the clear to the server.',
    },
  ),
  petals: read(
    { 'distributed-inference': 'f1.figures- f2.overhead? d1.operators+ d2.unstoppable-' },
    {
      'distributed-inference f1.figures':
        'README.md gives 6 tokens/sec for Llama 2 (70B) without hardware, number of servers or network, and sends the reader to a paper that is not pinned.',
      'distributed-inference d2.unstoppable':
        "README.md: data are processed by other people's machines, and nothing in src/petals checks the output of a server, so one server can alter a result; besides, the public swarm starts from two bootstrap hosts of one operator (constants.py).",
    },
  ),
};
