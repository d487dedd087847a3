/**
 * ONNX's published operator test cases, all of them: each passes within the tolerance of ONNX's own
 * runner, or is refused with a reason. docs/onnx-cases.md is written from what this test finds
 * (`npx vitest run packages/tensor/test/onnxNodes.test.ts -u`).
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadOnnxCases, type OnnxCase, runOnnxCase } from './onnxCases.ts';

const { version, cases } = loadOnnxCases();

/** Farther than 5 ulp from what is published, and why. */
const farther: Readonly<Record<string, string>> = {
  test_averagepool_2d_ceil_last_window_starts_on_pad: 'published with four decimals',
  test_nllloss_NCd1d2d3d4d5_mean_weight:
    'a mean of thousands of losses, summed in order here and pairwise there',
  test_sce_NCd1d2d3d4d5_mean_weight: 'likewise',
  test_sce_NCd1d2d3d4d5_mean_weight_log_prob: 'likewise',
};

/** Answered otherwise than published, and who says so. */
const otherwise: Readonly<Record<string, string>> = {
  test_resize_downsample_scales_cubic_align_corners:
    'published by the scaled extent before it is rounded; ONNX Runtime and PyTorch take the extent',
  test_resize_downsample_scales_linear_align_corners: 'likewise',
};

interface NotPassed {
  readonly name: string;
  readonly reason: string;
}

/**
 * What was expected, without the node's and the tensors' own names, so that like refusals stand
 * together.
 */
function reasonOf({ omitted }: OnnxCase, expected: string, found: string): string {
  if (omitted !== undefined) return `not carried: ${omitted} bytes of data`;
  if (expected.startsWith('an operator that the graph has')) {
    const [operator, because] = found.split(': ');
    return because === undefined
      ? `operator ${operator}: not among the operations`
      : `operator ${operator}: ${because}`;
  }
  if (
    expected.startsWith('numbers in') ||
    expected.startsWith('numbers as') ||
    expected.startsWith('a type that')
  ) {
    return `element type ${found}: f32 and i32 only`;
  }
  if (expected.startsWith('positive extents') || expected.startsWith('positive parts')) {
    return 'an empty tensor: every extent is at least 1';
  }
  if (expected.startsWith('at least one position')) return 'an empty tensor: every extent is at least 1';
  const wanted = expected
    .replace(/ in node \S+ (\(\S+\))/, ' $1')
    .replace(/ (as|in) (input|output) \S+/, ' $1 the $2');
  return `wanted ${wanted}, found ${found}`;
}

describe(`the ${cases.length} operator test cases of onnx ${version}`, async () => {
  const passed: { readonly name: string; readonly ulp: number }[] = [];
  const notPassed: NotPassed[] = [];
  const wrong: string[] = [];
  for (const entry of cases) {
    const { name } = entry;
    const result = await runOnnxCase(entry);
    if (result.status === 'wrong') wrong.push(name);
    else if (result.status === 'refused') {
      notPassed.push({ name, reason: reasonOf(entry, result.expected, result.found) });
    } else if (entry.omitted !== undefined) notPassed.push({ name, reason: reasonOf(entry, '', '') });
    else passed.push({ name, ulp: result.ulp });
  }

  it('gives no other answers than those published, but for cases with a reason', () => {
    expect(wrong.sort()).toEqual(Object.keys(otherwise).sort());
  });

  it('stays within 5 ulp of the largest entry, but for cases with a reason', () => {
    const beyond = passed.filter(
      ({ name, ulp }) => ulp > 5 && farther[name.replace(/_expanded$/, '')] === undefined,
    );
    expect(beyond).toEqual([]);
  });

  it('passes or has a reason: docs/onnx-cases.md', async () => {
    const exact = passed.filter(({ ulp }) => ulp === 0).length;
    const reasons = Map.groupBy(notPassed, ({ reason }) => reason);
    const rows = [...reasons]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([reason, list]) => {
        const names = list.map(({ name }) => name.replace(/^test_/, '')).join(', ');
        return `- **${reason}** (${list.length}): ${names}`;
      });
    const page = [
      '# ONNX operator test cases',
      '',
      '<!-- Written by packages/tensor/test/onnxNodes.test.ts; run it with -u after a change. -->',
      '',
      `The package \`onnx\` ${version} publishes ${cases.length} operator test cases (Apache-2.0; \`vectors/onnx/nodeCases.bin.gz\`, packed by \`bench/peers/packOnnxCases.py\`).`,
      `**${passed.length} pass**: ${exact} bit for bit, the others within 5 ulp of the largest entry of the tensor, but for the`,
      `${Object.keys(farther).length} named below. ${notPassed.length} are refused with a reason, ${wrong.length} answered as ONNX Runtime and PyTorch do.`,
      '',
      '## Passed, farther than 5 ulp',
      '',
      ...Object.entries(farther).map(([name, reason]) => `- ${name.replace(/^test_/, '')}: ${reason}`),
      '',
      '## Answered otherwise',
      '',
      ...Object.entries(otherwise).map(([name, reason]) => `- ${name.replace(/^test_/, '')}: ${reason}`),
      '',
      '## Refused',
      '',
      ...rows,
      '',
    ].join('\n');
    console.info(
      `onnx ${version}: ${passed.length} of ${cases.length} cases pass, ${notPassed.length} refused`,
    );
    await expect(page).toMatchFileSnapshot('../../../docs/onnx-cases.md');
    const overview = readFileSync(new URL('../../../docs/onnx.md', import.meta.url), 'utf8');
    expect(overview).toContain(`${passed.length} of ${cases.length} pass`);
  });
});
