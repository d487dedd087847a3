/**
 * Where texts are wrong, disagree with themselves, or leave something open, and what this model
 * does about it. Shown with every result, because a reader of those texts will look for their
 * numbers.
 */

export interface Difference {
  readonly says: string;
  readonly rather: string;
}

/**
 * Of the analysis from which the matrix starts: Swayam, "The Case for Crypto AI: Decoding the Hype
 * with the Synergy Matrix" (2024).
 */
export const errata: readonly Difference[] = [
  {
    says: 'FLOP per second are the core metric of the limits',
    rather: 'its source counts the FLOP of one whole training run: a quantity, not a rate',
  },
  {
    says: 'latency is the most challenging limit',
    rather:
      'latency binds last by 2030, in fewer than one draw of a thousand; power binds first, and data are the most uncertain',
  },
  {
    says: 'the ceiling of global computing is 10,000 times today’s',
    rather:
      'the largest single run that US power allows is 10,000 times GPT-4 (2e29 against 2e25 FLOP); the 50,000 times are the limit of chips',
  },
  {
    says: 'chip capacity is a matter of verifiability',
    rather:
      'chip supply limits performance; only the share of chips that can attest limits verifiability, and it is a number of its own here',
  },
  {
    says: 'data scarcity is a matter of privacy (and the text stops there)',
    rather:
      'the indexed web has about 500 trillion tokens, with private data about 3,000 trillion: 6 times the tokens, 36 times the computing at 0.3 D²',
  },
];

/** Of Epoch AI’s text of 20 August 2024 with itself. */
export const inconsistencies: readonly Difference[] = [
  { says: 'upper end of chips: 300,000 times GPT-4 (summary)', rather: '250,000 times (body)' },
  {
    says: 'effective tokens: 400 trillion to 20 quadrillion',
    rather: '450 trillion to 23 quadrillion (elsewhere)',
  },
  { says: 'share of the largest run: 10 to 40 %', rather: '16 to 40 % (the parameters)' },
  {
    says: 'latency: 4 products per layer, 3 GPUs, log2(TP / 8) levels (appendix E)',
    rather: '8 products, 2.75 GPUs, sqrt(TP) / 2.75 pods (body)',
  },
  { says: 'footnote 99 has N and M', rather: 'the body has them the other way round' },
];

/** What we had to decide, and what came of it. */
export const readings: readonly Difference[] = [
  {
    says: 'four separate intervals, of which the reader takes the least median',
    rather: 'the least of the four in each draw: the joint limit, and which constraint it is',
  },
  {
    says: 'latency, with the inconsistencies above',
    rather:
      'the body’s factors, and batch and layers growing from Llama 3.1 405B (16 million tokens, 120 layers): this gives the printed 290 to 440 µs and about 3e31 FLOP',
  },
  {
    says: 'latency with a batch of 60 million tokens: 2e30 to 2e32 FLOP',
    rather:
      'the printed microseconds come out, the FLOP 2.5 to 5 times lower; unexplained, so only the growing batch is used',
  },
  {
    says: 'yearly production of chips that grows',
    rather:
      'taken at mid-year, which gives the printed 100 million; from the start or the end of the years it would be 70 or 175 million',
  },
  {
    says: 'the largest campus of 2030',
    rather: 'in another year larger or smaller as all US data centres are; ours',
  },
  {
    says: 'nothing of privacy or verification',
    rather: 'an overhead of X leaves 1/X of the run’s time for useful work, for latency the worst case; ours',
  },
];
