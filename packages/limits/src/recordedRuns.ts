/**
 * Training runs over the internet, with what was published of them. FLOP are 6 N D where parameters
 * and tokens are known. A record states what its source says, and nothing else.
 */

export interface RecordedRun {
  readonly name: string;
  /** When it was reported, `YYYY-MM-DD` or `YYYY-MM`. */
  readonly date: string;
  readonly parameters: number;
  readonly tokens?: number;
  /** Absent where nothing published says it. */
  readonly flop?: number;
  readonly completed: boolean;
  /** Whether the computers were joined by the internet. */
  readonly decentralised: boolean;
  readonly setting: string;
  readonly source: string;
}

export const recordedRuns: readonly RecordedRun[] = [
  {
    name: 'INTELLECT-1',
    date: '2024-12-02',
    parameters: 10e9,
    tokens: 1e12,
    flop: 6e22,
    completed: true,
    decentralised: true,
    setting: 'up to 14 nodes and 112 H100 in 5 countries, 42 days; DiLoCo, int8',
    source: 'arXiv 2412.01152',
  },
  {
    name: 'INTELLECT-2',
    date: '2025-05',
    parameters: 32e9,
    completed: true,
    decentralised: true,
    setting: 'reinforcement learning with rollouts from strangers, checked by TOPLOC; trainer in one place',
    source: 'arXiv 2505.07291',
  },
  {
    name: 'Protocol Model 8B',
    date: '2025-06',
    parameters: 8e9,
    completed: true,
    decentralised: true,
    setting: 'pipeline over links of 80 Mbit/s, activations compressed up to 100 times',
    source: 'arXiv 2506.01260',
  },
  {
    name: 'Consilience-40B',
    date: '2025-05',
    parameters: 40e9,
    tokens: 20e12,
    flop: 4.8e24,
    completed: false,
    decentralised: true,
    setting: 'DeMo, coordinated on Solana; planned tokens, completion not confirmed',
    source: 'Nous Research, announcement of Psyche',
  },
  {
    name: 'INTELLECT-3',
    date: '2025-11',
    parameters: 106e9,
    completed: true,
    decentralised: false,
    setting: '512 H200 in one place with InfiniBand: the honest counter-example',
    source: 'Prime Intellect, announcement',
  },
  {
    name: 'Covenant-72B',
    date: '2026-03-10',
    parameters: 72.7e9,
    tokens: 1.1e12,
    flop: 4.8e23,
    completed: true,
    decentralised: true,
    setting:
      '20 aggregated peers of 8 B200, over 70 taking part; SparseLoCo, 146 times compressed, 94.5 % computing',
    source: 'arXiv 2603.08163',
  },
];
