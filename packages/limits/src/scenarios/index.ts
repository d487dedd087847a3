import type { Scenario } from '../scenario.ts';
import { epoch2024 } from './epoch2024.ts';
import { epri2025 } from './epri2025.ts';
import { mid2026 } from './mid2026.ts';

/** The published scenarios, by id, from the oldest. */
export const scenarios: Readonly<Record<'epoch2024' | 'epri2025' | 'mid2026', Scenario>> = {
  epoch2024,
  epri2025,
  mid2026,
};
