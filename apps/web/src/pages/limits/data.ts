/**
 * What the limits page starts with: a request and what came of it, made by `nonet limits --html`.
 * The page computes further ones itself.
 */
import type { LimitsRequest, LimitsView } from '@nonet/limits';

export interface LimitsPage {
  readonly request: LimitsRequest;
  /** Ages of estimates count from this day. */
  readonly asOf: string;
  readonly view: LimitsView;
}
