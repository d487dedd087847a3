/**
 * The likelihood-ratio attack (Carlini, Chien, Nasr, Song, Terzis and Tramèr, "Membership inference
 * attacks from first principles", IEEE S&P 2022, online variant): shadow models with and without an
 * example say how confident a model is of it in either case; which case fits the target better?
 */

/** How models were trained, and what they say: rows are models, columns examples. */
export interface ShadowModels {
  /** ln(p / (1 - p)), p being the probability of the right label: near to normal over models. */
  readonly confidences: readonly Float64Array[];
  /** Whether the model was trained on the example. */
  readonly isIn: readonly (readonly boolean[])[];
}

/**
 * ln of the likelihood ratio of `in` to `out` for each example, for model number `target`; all others
 * are its shadows. Each example has means of its own; variances are shared by all examples, as the
 * paper advises for fewer than 64 shadows. An example that all shadows have seen, or none, scores 0.
 */
export function scoreMembership({ confidences, isIn }: ShadowModels, target: number): Float64Array {
  const shadows = [...confidences.keys()].filter((model) => model !== target);
  const outside = estimateNormals(false);
  const inside = estimateNormals(true);
  return confidences[target]!.map((x, example) => {
    const score = logDensity(x, inside, example) - logDensity(x, outside, example);
    return Number.isNaN(score) ? 0 : score;
  });

  function estimateNormals(member: boolean): Normals {
    let [squares, freedom] = [0, 0];
    const means = confidences[target]!.map((_, example) => {
      const seen = shadows.filter((model) => isIn[model]![example] === member);
      const mean = seen.reduce((sum, model) => sum + confidences[model]![example]!, 0) / seen.length;
      for (const model of seen) squares += (confidences[model]![example]! - mean) ** 2;
      freedom += Math.max(0, seen.length - 1);
      return mean;
    });
    return { means, deviation: Math.sqrt(squares / freedom) };
  }
}

interface Normals {
  readonly means: Float64Array;
  readonly deviation: number;
}

/** But for a constant. */
const logDensity = (x: number, { means, deviation }: Normals, example: number) =>
  -Math.log(deviation) - ((x - means[example]!) / deviation) ** 2 / 2;
