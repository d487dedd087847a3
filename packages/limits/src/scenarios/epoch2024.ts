/**
 * The scenario of Sevilla, Besiroglu, Cottier, You, Roldán, Villalobos and Erdil, "Can AI scaling
 * continue through 2030?", Epoch AI, 20 August 2024, published under CC BY 4.0: its parameters
 * (10th, 50th, 90th percentile), correlations and trend. What we read differently:
 * `differences.ts`.
 */
import type { Correlation } from '../copula.ts';
import type { ParameterId } from '../parameters.ts';
import { checkScenario, type Estimate, type Source } from '../scenario.ts';

const epochSource: Source = {
  title: 'Can AI scaling continue through 2030?',
  authors:
    'Jaime Sevilla, Tamay Besiroglu, Ben Cottier, Josh You, Edu Roldán, Pablo Villalobos and Ege Erdil (Epoch AI)',
  url: 'https://epoch.ai/blog/can-ai-scaling-continue-through-2030',
  date: '2024-08-20',
  licence: 'CC BY 4.0',
};

const estimate = (p10: number, p50: number, p90: number, from: string): Estimate => ({
  p10,
  p50,
  p90,
  from,
  date: epochSource.date,
});
const known = (value: number, from: string): Estimate => estimate(value, value, value, from);

const common = 'appendix, common parameters';
const power = 'appendix A and section "Power constraints"';
const network = 'appendix C, bandwidth of a distributed run';
const chips = 'section "Chip manufacturing capacity" and appendix B';
const data = 'section "Data scarcity" and appendix D';
const latency = 'section "Latency wall" and appendix E';

const estimates: Record<ParameterId, Estimate> = {
  durationSeconds: estimate(5.18e6, 1.56e7, 2.33e7, `${common}: 2 to 9 months`),
  trainingShare: estimate(0.16, 0.26, 0.4, `${common}: about 33 % of the best lab, 80 % of it for training`),
  peakFlopPerSecond: estimate(1e15, 2e15, 4e15, `${common}: 8-bit floating point`),
  utilisation: estimate(0.2, 0.375, 0.6, common),
  gpuWatts: estimate(1527.9, 1704, 1846, `${power}: 700 W × 1.96 × 1.2`),
  efficiencyGrowth: estimate(1.16, 1.28, 1.42, power),
  usDataCentreWatts: estimate(3.3e10, 4.0e10, 5.0e10, power),
  usAiWatts: known(3.04e9, power),
  usTotalWatts: known(1.16e12, power),
  campusWatts: estimate(9.6e8, 2.5e9, 5.0e9, power),
  dataCentreGrowth: estimate(1.1, 1.15, 1.32, power),
  otherGrowth: estimate(1.07, 1.08, 1.1, power),
  loopKilometres: estimate(350, 2945.1, 10618.45, network),
  batchTokens: estimate(1.6e7, 6e7, 3.6e8, network),
  linkBitPerSecond: estimate(4.1e14, 8.19e14, 1.64e15, `${network}: 16 × 51.2 Tbit/s`),
  linkGrowth: estimate(1.4, 1.5, 1.6, network),
  flopGrowth: estimate(1.31, 1.44, 1.59, chips),
  gpuStock: estimate(1.4e6, 2.2e6, 3.5e6, chips),
  gpuProduction: estimate(1.0e6, 1.85e6, 4.63e6, chips),
  productionGrowth: estimate(1.3, 1.7, 2.0, `${chips}: packaging and memory together`),
  memoryProduction: known(1e9, `${chips}: counted with packaging, so no limit of its own`),
  memoryGrowth: known(1.7, `${chips}: counted with packaging`),
  wafersPerMonth: estimate(1.0e5, 1.8e5, 3.33e5, chips),
  capexGrowth: estimate(1.16, 1.23, 1.33, chips),
  waferResponse: estimate(0.25, 0.53, 0.75, chips),
  diesPerWafer: estimate(20, 28, 40, chips),
  textTokens: estimate(1.3e14, 5.1e14, 2.1e15, data),
  images: estimate(5e12, 1e13, 2e13, data),
  videoSeconds: estimate(4.31e12, 8.63e12, 1.73e13, data),
  audioSeconds: estimate(4e11, 8e11, 1.6e12, data),
  dataGrowth: estimate(1.03, 1.07, 1.1, data),
  epochs: estimate(3, 5, 15, data),
  quality: estimate(0.1, 0.2, 0.4, data),
  tokensPerFrame: estimate(2, 22, 290, data),
  tokensPerAudioSecond: estimate(2, 23, 280, data),
  layerExponent: estimate(0.21, 0.27, 0.33, latency),
  batchExponent: estimate(0.31, 0.36, 0.41, latency),
  kernelSeconds: known(4.5e-6, latency),
  exchangeSeconds: known(6.8e-6, latency),
  nodeHopSeconds: known(0.6e-6, latency),
  networkHopSeconds: known(5e-6, latency),
  rankTokens: known(330, latency),
};

/** Spearman's, as the source lists them. */
const correlations: readonly Correlation<ParameterId>[] = [
  { between: ['dataCentreGrowth', 'productionGrowth'], rho: 0.5 },
  { between: ['dataCentreGrowth', 'campusWatts'], rho: 0.5 },
  { between: ['linkGrowth', 'dataCentreGrowth'], rho: 0.3 },
  { between: ['durationSeconds', 'dataCentreGrowth'], rho: 0.5 },
  { between: ['durationSeconds', 'productionGrowth'], rho: 0.5 },
  { between: ['durationSeconds', 'flopGrowth'], rho: -0.7 },
  { between: ['textTokens', 'images'], rho: 0.7 },
  { between: ['textTokens', 'videoSeconds'], rho: 0.7 },
  { between: ['images', 'videoSeconds'], rho: 0.7 },
];

export const epoch2024 = checkScenario({
  id: 'epoch2024',
  title: 'Epoch AI, August 2024',
  baseYear: 2024,
  sources: [epochSource],
  estimates,
  correlations,
  trend: {
    flop2024: 3.8e25,
    growthPerYear: 4.1,
    from: 'summary: 3.8e25 FLOP in 2024, growing by 4.1 a year',
  },
});
