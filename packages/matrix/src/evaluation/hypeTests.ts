/**
 * Tests that can refute a claim: each has a question, a procedure and a result that refutes. A test
 * is confirmed by evidence of grade 2 or better, never by silence. `fatal` makes the claim `hype`
 * once the guard rails hold (`evaluate.ts`), `cap` keeps an attribute of the claim at level 1,
 * `overclaim` marks that more is claimed than shown, `question` decides nothing by itself and
 * points to ladder items. Removing the chain, test H3 of the method, is the coupling question of
 * every claim and therefore not in this list.
 */
import type { Attribute, Effort } from './ladders.ts';

export type TestEffect =
  | { readonly type: 'fatal'; readonly for?: Attribute }
  | { readonly type: 'cap'; readonly attribute?: Attribute }
  | { readonly type: 'overclaim' }
  | { readonly type: 'question' };

export interface HypeTest {
  readonly id: string;
  readonly text: string;
  readonly procedure: string;
  /** The result that confirms the test, that is, refutes the claim. */
  readonly confirmedWhen: string;
  readonly effect: TestEffect;
  readonly effort: Effort;
}

const tests = [
  {
    id: 'H1',
    text: 'It wraps a hosted model',
    procedure: 'scan dependencies and URLs; run it with the hosted models blocked',
    confirmedWhen:
      'the product stops and no own model, proof or attestation remains, while AI on a ledger is claimed',
    effect: { type: 'fatal' },
    effort: 'hours',
  },
  {
    id: 'H2',
    text: 'The token is not needed',
    procedure: 'list the functions and pay for them in another way',
    confirmedWhen: 'all functions work while the token is called a technical need',
    effect: { type: 'cap' },
    effort: 'hours',
  },
  {
    id: 'H4',
    text: 'There is no artefact behind a claimed proof of inference',
    procedure: 'ask for proof, key and public input, and verify them',
    confirmedWhen: 'they cannot be had within 14 days, or do not verify',
    effect: { type: 'fatal' },
    effort: 'days',
  },
  {
    id: 'H5',
    text: 'Zero knowledge without a verifier',
    procedure: 'find verifier, verifying key and circuit',
    confirmedWhen: 'none of them is public',
    effect: { type: 'fatal' },
    effort: 'hours',
  },
  {
    id: 'H6',
    text: 'One party has the weights',
    procedure: 'list who can serve the model; fetch the weights by hash',
    confirmedWhen: 'one host and closed weights while a decentralised model is claimed',
    effect: { type: 'fatal' },
    effort: 'hours',
  },
  {
    id: 'H7',
    text: 'An administrator can change the result',
    procedure: 'read the owner, the proxy admin, roles, setters and delays from the ledger',
    confirmedWhen: 'one key without a delay can swap the verifier, a result or a payout',
    effect: { type: 'fatal', for: 'decentralisation' },
    effort: 'minutes',
  },
  {
    id: 'H8',
    text: "Validators depend on a company's server",
    procedure: 'run a validator without the company’s key',
    confirmedWhen: 'that is impossible',
    effect: { type: 'fatal', for: 'decentralisation' },
    effort: 'hours',
  },
  {
    id: 'H9',
    text: 'Counters are self-reported',
    procedure: 'ask for a challenge and response of each device, or sample 30',
    confirmedWhen: 'there is no challenge, or fewer than 80 % of the sample answer',
    effect: { type: 'fatal', for: 'scalability' },
    effort: 'days',
  },
  {
    id: 'H10',
    text: 'The mechanism is optional',
    procedure: 'read the default configuration, and the share of use with it',
    confirmedWhen: 'it is off by default or in less than 10 % of use, while claimed of the whole',
    effect: { type: 'cap' },
    effort: 'hours',
  },
  {
    id: 'H11',
    text: 'An agent has keys and no policy',
    procedure: 'look for a spending policy outside of the model',
    confirmedWhen: 'the text of a model suffices to sign anything',
    effect: { type: 'fatal', for: 'security' },
    effort: 'hours',
  },
  {
    id: 'H12',
    text: 'The audit does not cover the claim',
    procedure: 'compare commit and scope of the audit with what runs and what is claimed',
    confirmedWhen: 'only other contracts, or another version, were audited',
    effect: { type: 'cap', attribute: 'security' },
    effort: 'hours',
  },
  {
    id: 'H13',
    text: 'The claim is newer than the code',
    procedure: 'compare the announcement with the last public commit',
    confirmedWhen: 'what was announced is absent from the public code',
    effect: { type: 'question' },
    effort: 'minutes',
  },
  {
    id: 'H14',
    text: 'The documents contradict one another',
    procedure: 'search for "not audited", "not production ready", "experimental", "archived"',
    confirmedWhen: 'the contradiction stands after a reply',
    effect: { type: 'overclaim' },
    effort: 'minutes',
  },
  {
    id: 'H15',
    text: 'The benchmark cannot be reproduced',
    procedure: 'run the same command on named hardware, three times',
    confirmedWhen: 'the figure is off by more than a factor of two',
    effect: { type: 'cap', attribute: 'performance' },
    effort: 'days',
  },
  {
    id: 'H16',
    text: 'The demonstration is theatre',
    procedure: 'read the front end for timers, bundled results and random numbers',
    confirmedWhen: 'the result shown is not computed',
    effect: { type: 'fatal' },
    effort: 'hours',
  },
  {
    id: 'H17',
    text: 'The mechanism drifted',
    procedure: 'compare the mechanism from release to release',
    confirmedWhen: 'the same claim rests on a weaker assumption, unannounced',
    effect: { type: 'overclaim' },
    effort: 'hours',
  },
  {
    id: 'H18',
    text: 'There never was a dispute',
    procedure: 'count challenges, penalties and failed proofs since launch',
    confirmedWhen: 'none, and no drill was published',
    effect: { type: 'question' },
    effort: 'hours',
  },
  {
    id: 'H19',
    text: 'Agreement of replicas is sold as correctness',
    procedure: 'ask whether the replicas call one hosted model',
    confirmedWhen: 'one model is behind all of them',
    effect: { type: 'cap', attribute: 'verifiability' },
    effort: 'hours',
  },
  {
    id: 'H20',
    text: 'Privacy by policy only',
    procedure: 'ask what a malicious operator could read',
    confirmedWhen: 'a prompt or an update',
    effect: { type: 'cap', attribute: 'privacy' },
    effort: 'hours',
  },
] as const satisfies readonly HypeTest[];

export type HypeTestId = (typeof tests)[number]['id'];
export const hypeTests: readonly (HypeTest & { readonly id: HypeTestId })[] = tests;
