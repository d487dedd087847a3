/** The example of a model runs, and docs/models.md shows the code that runs. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createFolder, root, runNode } from './nonet.ts';

const folder = createFolder();
afterAll(() => folder.remove());

const read = (...path: readonly string[]) => readFileSync(join(root, ...path), 'utf8');
const page = read('docs/models.md');
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^ *\`\`\`${language}\n(.*?)^ *\`\`\``, 'gms'))].map((match) => match[1]!);
/** What stands under that comment, up to the next empty line. */
const shown = (text: string) => /^[^\n]*Define, train, evaluate, save\.\n.*?(?=\n\n)/ms.exec(text)?.[0];

describe('the page on models', () => {
  test.each([
    ['ts', 'examples/train.ts'],
    ['py', 'bench/peers/digits.py'],
  ])('shows in %s what %s does', (language, file) => {
    expect(blocks(language)[0]?.trimEnd()).toBe(shown(read(file)));
  });

  test('shows the graph and the accuracy that the example prints', async () => {
    const { code, stdout, stderr } = await runNode(folder.path, join(root, 'examples/train.ts'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const graph = blocks('text')[0]!.replaceAll(/^ {2}/gm, '');
    expect(stdout).toContain(graph);
    // Arithmetic is exact, so the accuracy is too.
    expect(stdout).toContain('accuracy 96.81 %');
    expect(page).toContain('96.81 to 97.42 %');
    expect(existsSync(join(folder.path, 'digits.safetensors'))).toBe(true);
  });
});
