/**
 * Mechanisms: how guarantees are delivered. This is the declaration, which runs nothing; the code
 * that delivers it lives in the package that owns it and yields evidence.
 */
import type { CellId } from './evidence.ts';
import type { Figures } from './figures.ts';
import type { Job } from './job.ts';

/**
 * What a package declares of a guarantee that it implements: what it protects against whom, under
 * which assumptions, at which cost.
 */
export interface Mechanism<Parameters> {
  readonly id: string;
  readonly cells: readonly CellId[];
  readonly protects: string;
  readonly against: string;
  readonly assumptions: readonly string[];
  /** Throws `mechanism.parameters` on parameters that are not its own. */
  parse(parameters: unknown): Parameters;
  /**
   * Predicted cost of a job on a machine, by figure name. Throws `job.kind` on a job of a kind that
   * it does not serve.
   */
  predict(job: Job, parameters: Parameters, machine: Figures): Figures;
}
