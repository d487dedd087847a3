/**
 * Whether a model fits. Training in f32 holds, per parameter: 4 bytes of weights, 4 of gradients, 8
 * of Adam's moments, 4 of the outer optimiser and 4 of error feedback. Activations come on top and
 * depend on the batch.
 */

export const trainingBytesPerParameter = 24;

/** What a 32-bit WebAssembly memory holds. */
export const wasmMemoryBytes = 4 * 2 ** 30;

/** Above this, a tab is likely to be ended by its browser. */
export const browserParameters = 50e6;

/** Bytes of weights and optimiser state while training, without activations. */
export function trainingMemoryBytes({ parameters }: { parameters: number }): number {
  return trainingBytesPerParameter * parameters;
}

export type Obstacle = 'memory' | 'browser' | 'data';

/** What speaks against training a model of this size here; an empty list if nothing does. */
export function trainingObstacles({
  parameters,
  tokens,
  memoryBytes,
  inBrowser,
}: {
  readonly parameters: number;
  /** Tokens or examples that there are to train on. */
  readonly tokens: number;
  readonly memoryBytes: number;
  readonly inBrowser: boolean;
}): readonly Obstacle[] {
  return [
    ...(trainingMemoryBytes({ parameters }) > memoryBytes ? (['memory'] as const) : []),
    ...(inBrowser && parameters > browserParameters ? (['browser'] as const) : []),
    ...(tokens < parameters ? (['data'] as const) : []),
  ];
}
