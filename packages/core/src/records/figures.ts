/**
 * Figures and their vocabulary. A figure is a number of samples of one quantity, under a name and
 * in a unit; a declaration says once what that name means, and a figure is written and read through
 * it, so that two files never agree by sharing a string. Each package declares its own figures
 * beside its mechanisms; `joinVocabularies` refuses a name that two of them declare.
 *
 * @example
 *   const figures = declareFigures({
 *     accuracy: { unit: 'fraction', meaning: 'share of test examples that were right', better: 'higher' },
 *   });
 *   const record = { ...rest, figures: createFigures([[figures.accuracy, 0.97]]) };
 *   readFigure(record, figures.accuracy)?.value; // 0.97
 */
import { z } from 'zod';
import { MisuseError } from '../errors.ts';
import { textSchema } from './text.ts';

/** Samples of one quantity: `value` is their median. */
export const figureSchema = z
  .strictObject({
    value: z.number(),
    unit: textSchema,
    min: z.number(),
    max: z.number(),
    n: z.int().positive(),
  })
  .refine(({ min, value, max }) => min <= value && value <= max, 'min, value and max are not in order');
/** The samples of one quantity, summed up: median, least, greatest, how many. */
export type Figure = Readonly<z.infer<typeof figureSchema>>;

/** The figures of a record, by name. */
export type Figures = Readonly<Record<string, Figure>>;

/**
 * What the matrix reads a figure as, whatever its name. Of a record about one mechanism:
 *
 * - `overhead`: time with the mechanism over time without it (unit `times`);
 * - `time without`, `time added`: seconds of the work itself, and those that the mechanism added;
 * - `bytes`, `gas`, `joules`, `accuracy lost`: what else it took;
 *
 * and of any record: `parties`, how many took part, and `accuracy`, how good the final result is.
 */
export type FigureRole =
  | 'overhead'
  | 'time without'
  | 'time added'
  | 'bytes'
  | 'gas'
  | 'joules'
  | 'accuracy lost'
  | 'parties'
  | 'accuracy';

/** What a figure's name means. */
export interface FigureDeclaration {
  /** In camel case; segments are separated by dots, as in `gas.commit`. */
  readonly name: string;
  /** Plural, as `figureText` takes it: `seconds`, `bytes`, `fraction`, or empty. */
  readonly unit: string;
  /** What it counts or measures: a phrase without a full stop. */
  readonly meaning: string;
  /** Which direction is an improvement; `neither` where that is no question. */
  readonly better: 'lower' | 'higher' | 'neither';
  readonly role?: FigureRole;
}

/** Declarations of one package, by name. */
export type FigureVocabulary = Readonly<Record<string, FigureDeclaration>>;

/** Declares figures, each under its own name. */
export function declareFigures<const Names extends string>(
  declarations: Readonly<Record<Names, Omit<FigureDeclaration, 'name'>>>,
): Readonly<Record<Names, FigureDeclaration>> {
  const entries = Object.entries<Omit<FigureDeclaration, 'name'>>(declarations);
  return Object.fromEntries(entries.map(([name, rest]) => [name, { name, ...rest }])) as Record<
    Names,
    FigureDeclaration
  >;
}

/**
 * One of a family of figures, for example the time of one kernel among many: `qualifyFigure(time,
 * 'f32.1024')` is `time.f32.1024`. The declared name belongs to the whole family.
 */
export function qualifyFigure(declaration: FigureDeclaration, qualifier: string): FigureDeclaration {
  return { ...declaration, name: `${declaration.name}.${qualifier}` };
}

/** All declarations as one vocabulary. Throws `figure.repeated` on a name declared twice. */
export function joinVocabularies(...vocabularies: readonly FigureVocabulary[]): FigureVocabulary {
  const joined: Record<string, FigureDeclaration> = {};
  for (const declaration of vocabularies.flatMap((each) => Object.values(each))) {
    if (Object.hasOwn(joined, declaration.name)) {
      throw new MisuseError({
        code: 'figure.repeated',
        expected: `one declaration of the figure ${declaration.name}`,
        found: `"${joined[declaration.name]!.meaning}" and "${declaration.meaning}"`,
      });
    }
    joined[declaration.name] = declaration;
  }
  return joined;
}

/**
 * The figure of one sample or of several: median, range and count, in the declared unit. Throws
 * `figure.samples` on none, and on non-finite ones.
 */
export function createFigure(
  { name, unit }: Pick<FigureDeclaration, 'name' | 'unit'>,
  samples: number | readonly number[],
): Figure {
  const sorted = [samples].flat().toSorted((a, b) => a - b);
  if (sorted.length === 0 || !sorted.every(Number.isFinite)) {
    throw new MisuseError({
      code: 'figure.samples',
      expected: `at least one sample of ${name}, all of them finite`,
      found: `[${sorted.join(', ')}]`,
    });
  }
  const middle = sorted.length >> 1;
  const value = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { value, unit, min: sorted[0]!, max: sorted.at(-1)!, n: sorted.length };
}

/** The figures of a record, each under its declared name. Throws `figure.samples`. */
export function createFigures(
  samples: readonly (readonly [FigureDeclaration, number | readonly number[]])[],
): Record<string, Figure> {
  return Object.fromEntries(
    samples.map(([declaration, values]) => [declaration.name, createFigure(declaration, values)]),
  );
}

/**
 * What a record says of a declared figure: undefined if nothing, or in another unit than the
 * declared one.
 */
export function readFigure(
  { figures }: { readonly figures: Figures },
  { name, unit }: Pick<FigureDeclaration, 'name' | 'unit'>,
): Figure | undefined {
  const figure = Object.hasOwn(figures, name) ? figures[name] : undefined;
  return figure?.unit === unit ? figure : undefined;
}

/**
 * What a record says in one role: the figures whose declarations have it, in the order of the
 * vocabulary.
 */
export function readFiguresIn(
  record: { readonly figures: Figures },
  vocabulary: FigureVocabulary,
  role: FigureRole,
): Figure[] {
  return Object.values(vocabulary).flatMap((declaration) =>
    declaration.role === role ? (readFigure(record, declaration) ?? []) : [],
  );
}
