/**
 * What changes with "Scaling Intelligence", Epoch AI and EPRI, August 2025. The paper gives ranges;
 * where the model wants three percentiles, its range is taken as the 10th to the 90th and the
 * median is ours, as each entry says.
 */
import { applyOverlay } from '../scenario.ts';
import { epoch2024 } from './epoch2024.ts';

const date = '2025-08';

export const epri2025 = applyOverlay(epoch2024, {
  id: 'epri2025',
  title: 'Epoch AI and EPRI, August 2025',
  sources: [
    {
      title: 'Scaling Intelligence: the exponential growth of AI’s power needs',
      authors: 'Epoch AI and EPRI',
      url: 'https://epoch.ai/blog/power-demands-of-frontier-ai-training',
      date,
      licence: 'figures cited from its published summary',
    },
  ],
  estimates: {
    campusWatts: {
      p10: 4e9,
      p50: 8e9,
      p90: 1.6e10,
      from: 'the largest run in 2030 draws 4 to 16 GW; the median is their geometric mean, and one site is taken to hold it',
      date,
    },
    efficiencyGrowth: {
      p10: 1.26,
      p50: 1.33,
      p90: 1.4,
      from: '26 % a year over all GPUs to 40 % for the leading ones; the median is the middle',
      date,
    },
    dataCentreGrowth: {
      p10: 1.13,
      p50: 1.18,
      p90: 1.32,
      from: 'over 50 GW for AI in the US by 2030, which 18 % growth of all data centres gives; p90 as in 2024',
      date,
    },
  },
  correlations: [],
  trend: {
    flop2024: 3.8e25,
    growthPerYear: 4.5,
    from: 'compute of the largest runs grows by 4 to 5 a year; the middle, from the start of the 2024 paper',
  },
});
