/**
 * Leads: projects of which facts were read, but no claim is quoted and judged yet. They are
 * `under review` whatever the facts say: without a quoted claim there is nothing to judge.
 */
import { parseRecord, textSchema } from '@nonet/core/records';
import { z } from 'zod';

const leadSchema = z.strictObject({
  id: textSchema.min(1),
  name: textSchema.min(1),
  about: textSchema.min(1),
  repository: textSchema.optional(),
  homepage: textSchema.optional(),
  /** What was looked into, in the catalogue's words. */
  topics: z.array(
    z.strictObject({
      attribute: z.enum([
        'verifiability',
        'privacy',
        'performance',
        'security',
        'scalability',
        'decentralisation',
        'transparency',
      ]),
      mechanism: textSchema,
      facts: z.array(z.strictObject({ source: textSchema.min(1), fact: textSchema.min(1) })).min(1),
    }),
  ),
});
/** A project that was found in a catalogue and is not evaluated. */
export type Lead = Readonly<z.infer<typeof leadSchema>>;

const catalogueSchema = z.strictObject({
  about: textSchema,
  readOn: z.iso.date(),
  projects: z.array(leadSchema),
});

/** Throws `catalogue.malformed` that names file and field. */
export function parseCatalogue(value: unknown, file: string): z.infer<typeof catalogueSchema> {
  return parseRecord(catalogueSchema, value, 'catalogue', `the catalogue in ${file}`);
}
