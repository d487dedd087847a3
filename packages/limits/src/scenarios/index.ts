import type { Scenario } from '../scenario.ts';
import { epoch2024 } from './epoch2024.ts';
import { epri2025 } from './epri2025.ts';

/** The published scenarios, by id. */
export const scenarios: Readonly<Record<'epoch2024' | 'epri2025', Scenario>> = { epoch2024, epri2025 };
