import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';

const filesEnding = (suffix: string) => [
  `packages/*/{src,test}/**/*${suffix}`,
  `apps/*/{src,test}/**/*${suffix}`,
  `tests/**/*${suffix}`,
  `attacks/**/*${suffix}`,
];
const slow = filesEnding('.slow.test.ts');

export default defineConfig({
  test: {
    setupFiles: ['vitest.setup.ts'],
    // Suites of whole runs wait more than they compute; the default on two cores is one worker.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // The tiers (CONTRIBUTING.md). Without `--project` vitest runs both.
    projects: [
      {
        extends: true,
        test: {
          name: 'fast',
          include: filesEnding('.test.ts'),
          exclude: [...configDefaults.exclude, ...slow],
        },
      },
      { extends: true, test: { name: 'slow', include: slow } },
    ],
  },
});
