/**
 * Static graphs of tensor operations with exact arithmetic, and what trains and runs them: derivatives, optimisers, kernels.
 * Datasets are `@nonet/tensor/data`, the exchange format is `@nonet/tensor/onnx`. Runs in Node and in browsers.
 */
import type { Address, Hex, RandomStream } from '@nonet/core';

export type Dtype = 'f32' | 'i32';
/** A number of elements along one axis, or the name of an axis that `bind` fixes later (`'B'`, the batch). */
export type Extent = number | string;
export type Shape = readonly Extent[];

export interface Graph {
  readonly nodes: readonly unknown[];
}

export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>;
}

/** The parameters of a graph in canonical order (order of first use from the outputs). */
export interface Parameter extends Tensor {
  readonly data: Float32Array<ArrayBuffer>;
}
export type Parameters = readonly Parameter[];

export interface Dataset {
  /** (N, ...shape), row-major. */
  readonly features: Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;
  /** Of one example. */
  readonly shape: readonly number[];
  /** (N) indices into `vocabulary`. */
  readonly labels: Int32Array<ArrayBuffer>;
  readonly vocabulary: readonly string[];
}

/** A forward graph: input x f32[B, ...features]; outputs logits f32[B,classes], probabilities f32[B,classes], label i32[B]. */
export declare function mlp(options: {
  features: readonly number[];
  standardise?: { mean: number | readonly number[]; deviation: number | readonly number[] };
  hidden: readonly number[];
  classes: number;
}): Graph;

export declare function bind(graph: Graph, extents: Readonly<Record<string, number>>): Graph;
/** Canonical CBOR; SHA-256 of it is the graph's address. Constants above 1 KiB are named by address only. */
export declare function encodeGraph(graph: Graph): Uint8Array<ArrayBuffer>;
export declare function graphAddress(graph: Graph): Address;
/** The constants above 1 KiB, to be stored beside the encoding and handed to `decodeGraph`. */
export declare function largeConstants(graph: Graph): ReadonlyMap<Address, Uint8Array<ArrayBuffer>>;
export declare function decodeGraph(bytes: Uint8Array, constants?: ReadonlyMap<Address, Uint8Array>): Graph;
export declare function printGraph(graph: Graph): string;

/** The training step of a forward graph (loss, gradients, SGD with momentum): what a job names as its step. */
export declare function stepGraph(graph: Graph): Graph;

export declare function initialParameters(graph: Graph, seed: Hex): Parameters;
export declare function flattenParameters(parameters: Parameters): Float32Array<ArrayBuffer>;
export declare function unflattenParameters(graph: Graph, flat: Float32Array): Parameters;
/** How many f32 entries the parameters have together: the length of a flat vector. */
export declare function parameterCount(graph: Graph): number;
export declare function encodeSafetensors(
  tensors: readonly Tensor[],
  metadata?: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer>;
export declare function decodeSafetensors(bytes: Uint8Array): {
  tensors: readonly Tensor[];
  metadata: Readonly<Record<string, string>>;
};
/** Safetensors bytes -> the parameters of this graph; refuses other names, shapes, dtypes, non-finite values. */
export declare function decodeParameters(graph: Graph, bytes: Uint8Array): Parameters;
export declare function encodeParameters(parameters: Parameters): Uint8Array<ArrayBuffer>;

export declare function trainLocally(options: {
  graph: Graph;
  parameters: Parameters;
  dataset: Dataset;
  epochs: number;
  batch: number;
  learningRate: number;
  momentum: number;
  /** For the order of examples: `createRandomStream` of (seed, participant, round). */
  random: RandomStream;
}): Promise<{ parameters: Parameters; loss: number; steps: number }>;

export interface Evaluation {
  readonly count: number;
  readonly correct: number;
  readonly accuracy: number;
  /** Mean cross-entropy in nats. */
  readonly loss: number;
  /** (classes, classes): row = true label, column = predicted label. */
  readonly confusion: readonly (readonly number[])[];
}
export declare function evaluate(options: {
  graph: Graph;
  parameters: Parameters;
  dataset: Dataset;
}): Promise<Evaluation>;

export declare function predict(options: {
  graph: Graph;
  parameters: Parameters;
  /** (N, ...features) */
  features: Float32Array | Uint8Array;
}): Promise<{ probabilities: Float32Array<ArrayBuffer>; labels: Int32Array<ArrayBuffer> }>;
