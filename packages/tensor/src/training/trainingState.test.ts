import { describe, expect, it } from 'vitest';
import { encodeSafetensors } from '../files/safetensors.ts';
import { decodeTrainingState } from './trainingState.ts';

describe('a saved training', () => {
  const tensor = { name: 'a', shape: [1], data: Float32Array.of(1) };
  const header = (value: unknown) => ({ 'nonet.training': JSON.stringify(value) });

  it.each<[string, Record<string, string>]>([
    ['has a header', {}],
    ['has a header in JSON', { 'nonet.training': '{' }],
    ['has an object as header', header(null)],
    ['has a step', header({ parameters: ['a'], states: [] })],
    ['has a step of at least 0', header({ step: -1, parameters: ['a'], states: [] })],
    ['has names', header({ step: 1, parameters: [1], states: [] })],
    ['has the tensors that it names', header({ step: 1, parameters: ['a', 'b'], states: [] })],
    ['names a tensor once', header({ step: 1, parameters: ['a'], states: ['a'] })],
    ['names all its tensors', header({ step: 1, parameters: [], states: [] })],
  ])('%s', (_, metadata) => {
    expect(() => decodeTrainingState(encodeSafetensors([tensor], metadata))).toThrow(
      expect.objectContaining({ code: 'training.malformed' }),
    );
  });

  it('holds floats', () => {
    const whole = { ...tensor, data: Int32Array.of(1) };
    const file = encodeSafetensors([whole], header({ step: 1, parameters: ['a'], states: [] }));
    expect(() => decodeTrainingState(file)).toThrow('another type');
  });
});
