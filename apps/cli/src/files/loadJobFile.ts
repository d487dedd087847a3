/** Reads a job file. A `.ts` one is evaluated, so it must be its reader's own. */
import { existsSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MisuseError, NonetError } from '@nonet/core';
import type { JobFile } from './jobFile.ts';
import { readYamlJob } from './yamlJob.ts';

/**
 * Evaluates a `.ts` or `.js` job file, or reads a `.yaml` one. Throws `job.file` where there is
 * none, or not of these kinds.
 */
export async function loadJobFile(path: string): Promise<JobFile> {
  const file = resolve(path);
  const extension = extname(file);
  if (!existsSync(file)) {
    throw new MisuseError({
      code: 'job.file',
      expected: `a job file at ${path}`,
      found: 'no such file',
      hint: 'Write one with `npx nonet init DATA.csv --target COLUMN --sites 3`, or start from examples/digits.job.ts.',
    });
  }
  if (['.yaml', '.yml'].includes(extension)) return readYamlJob(file);
  if (!['.ts', '.js', '.mts', '.mjs'].includes(extension)) {
    throw new MisuseError({
      code: 'job.file',
      expected: 'a job file that ends in .ts, .js or .yaml',
      found: path,
    });
  }
  const module = await evaluate(file, path);
  if (module.default?.job?.model === undefined || module.default.job.data === undefined) {
    throw new MisuseError({
      code: 'job.file',
      expected: `${path} to export a job as its default: export default defineJob({ job: ... })`,
      found:
        module.default === undefined ? 'no default export' : 'a default export without job.model or job.data',
    });
  }
  return module.default;
}

async function evaluate(file: string, path: string): Promise<{ default?: JobFile }> {
  try {
    return (await import(pathToFileURL(file).href)) as { default?: JobFile };
  } catch (cause) {
    if (cause instanceof NonetError) throw cause;
    const { name, message, stack = '' } = cause instanceof Error ? cause : new Error(String(cause));
    // The author's own line, out of a stack that is otherwise ours.
    const at = /:\d+(?::\d+)?/.exec(stack.split(pathToFileURL(file).href)[1] ?? '')?.[0] ?? '';
    throw new MisuseError({
      code: 'job.file',
      expected: `${path} to be a job file that can be evaluated`,
      found: `${name}: ${message.split('\n')[0]} (${path}${at})`,
      cause,
    });
  }
}
