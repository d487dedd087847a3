/** Where a training is: what it takes to resume it, and the file that keeps it. */
import { NonetError } from '@nonet/core';
import type { Parameter, Parameters } from '../files/parameters.ts';
import { decodeSafetensors, encodeSafetensors } from '../files/safetensors.ts';

/** All that a training needs to go on from where it is. */
export interface TrainingState {
  readonly parameters: Parameters;
  /** The optimiser's, such as velocities. */
  readonly states: Parameters;
  /** How many steps led here. */
  readonly step: number;
}

/** One safetensors file with the parameters, the optimiser's states and the number of the step. */
export function encodeTrainingState({ parameters, states, step }: TrainingState): Uint8Array<ArrayBuffer> {
  const names = (tensors: Parameters) => tensors.map(({ name }) => name);
  return encodeSafetensors([...parameters, ...states], {
    'nonet.training': JSON.stringify({ step, parameters: names(parameters), states: names(states) }),
  });
}

/**
 * Reads what `encodeTrainingState` writes. Throws `safetensors.malformed` or `training.malformed`.
 * Whether the state fits a model and its optimiser is checked by the training that resumes it.
 */
export function decodeTrainingState(bytes: Uint8Array): TrainingState {
  const { tensors, metadata } = decodeSafetensors(bytes);
  const { step, parameters, states } = parseHeader(metadata['nonet.training']);
  const known = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const take = (name: string): Parameter => {
    const tensor = known.get(name);
    known.delete(name);
    if (tensor?.data instanceof Float32Array) return { ...tensor, data: tensor.data };
    return refuse(`one F32 tensor ${name.slice(0, 80)}`, tensor === undefined ? 'none' : 'another type');
  };
  const state = { step, parameters: parameters.map(take), states: states.map(take) };
  if (known.size > 0) refuse('no other tensor', [...known.keys()].join(', ').slice(0, 80));
  return state;
}

interface Header {
  readonly step: number;
  readonly parameters: readonly string[];
  readonly states: readonly string[];
}

function parseHeader(text: string | undefined): Header {
  if (text === undefined) return refuse('the metadata nonet.training', 'none');
  const isNames = (value: unknown) => Array.isArray(value) && value.every((name) => typeof name === 'string');
  try {
    const value = JSON.parse(text) as Partial<Header> | null;
    const { step = -1, parameters, states } = value ?? {};
    if (Number.isSafeInteger(step) && step >= 0 && isNames(parameters) && isNames(states))
      return value as Header;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  return refuse('step, parameters and states in the metadata nonet.training', text.slice(0, 80));
}

function refuse(expected: string, found: string): never {
  throw new NonetError({ code: 'training.malformed', expected, found });
}
