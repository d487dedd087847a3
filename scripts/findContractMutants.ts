/**
 * Finds the checks of the contracts in solc's syntax trees, and writes contracts that hold every
 * mutant at once: each condition is followed by what is put in its place where the block's miner is
 * the mutant's number. So that a hundred mutants are compiled and deployed once, and none of them is
 * switched on on a chain whose miner is 0.
 */

/** One check, taken out or turned. */
export interface ContractMutant {
  /** From 1 on: the address of the miner that switches it on. */
  readonly number: number;
  readonly file: string;
  /** The function that it is in. */
  readonly within: string;
  /** The condition as it is written, on one line. */
  readonly check: string;
  readonly change: string;
}

/** A node of solc's syntax tree; its other fields are nodes, lists of them, or values. */
interface Node {
  readonly nodeType: string;
  /** `start:length:file`, in bytes. */
  readonly src: string;
  readonly [field: string]: unknown;
}

interface Site {
  readonly start: number;
  readonly end: number;
  /** By the number of the mutant: `true`, `false`, or the operator that takes its place. */
  readonly turns: { readonly number: number; readonly by: string }[];
  readonly node: Node;
}

const boundaries: Readonly<Record<string, string>> = { '<': '<=', '<=': '<', '>': '>=', '>=': '>' };

/**
 * The mutants of a file for which `isChosen` holds, numbered from `first` on, and the file with all
 * of them in it. `source` has one character for each byte.
 */
export function findContractMutants(
  file: string,
  source: string,
  tree: unknown,
  first: number,
  isChosen: (check: string) => boolean,
): { readonly mutants: readonly ContractMutant[]; readonly source: string } {
  const mutants: ContractMutant[] = [];
  const sites = new Map<string, Site>();

  function add(node: Node, within: string, change: string, by: string): void {
    const [start, length] = node.src.split(':').map(Number) as [number, number];
    const check = decodeText(source.slice(start, start + length)).replace(/\s+/g, ' ');
    if (!isChosen(check)) return;
    const site = sites.get(node.src) ?? { start, end: start + length, turns: [], node };
    if (site.turns.some((turn) => turn.by === by)) return;
    sites.set(node.src, site);
    const number = first + mutants.length;
    site.turns.push({ number, by });
    mutants.push({ number, file, within, check, change });
  }

  function visit(node: Node, within: string): void {
    const isFunction = node.nodeType === 'FunctionDefinition';
    const inside = isFunction ? (node.name as string) || (node.kind as string) : within;
    for (const [site, change, by] of editsOf(node)) add(site, inside, change, by);
    for (const value of Object.values(node)) {
      for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) visit(child, inside);
    }
  }

  visit(tree as Node, '');
  return { mutants, source: renderRange(source, 0, source.length, [...sites.values()]) };
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).nodeType === 'string';
}

type Edit = readonly [node: Node, change: string, by: string];

function editsOf(node: Node): Edit[] {
  const { nodeType } = node;
  if (nodeType === 'FunctionCall' && (node.expression as Node).name === 'require') {
    const [condition] = node.arguments as [Node];
    return condition.operator === '&&' ? [] : [[condition, 'left out', 'true']];
  }
  if (nodeType === 'IfStatement' || nodeType === 'Conditional') return turnsOf(node.condition as Node);
  if (nodeType === 'Return' && isNode(node.expression) && isBoolean(node.expression)) {
    return turnsOf(node.expression);
  }
  if (nodeType === 'VariableDeclarationStatement' && isNode(node.initialValue)) {
    return isBoolean(node.initialValue) ? turnsOf(node.initialValue) : [];
  }
  if (nodeType !== 'BinaryOperation') return [];
  const operator = node.operator as string;
  if (operator === '&&' || operator === '||') {
    return [node.leftExpression as Node, node.rightExpression as Node]
      .filter((operand) => operand.operator !== operator)
      .map((operand) => [operand, 'left out', operator === '&&' ? 'true' : 'false']);
  }
  const shifted = boundaries[operator];
  return shifted === undefined ? [] : [[node, `\`${shifted}\` for \`${operator}\``, shifted]];
}

function isBoolean({ typeDescriptions }: Node): boolean {
  return (typeDescriptions as { readonly typeString?: string } | undefined)?.typeString === 'bool';
}

/** Not the one that is also made, more finely, by leaving out an operand. */
function turnsOf(condition: Node): Edit[] {
  if (condition.nodeType === 'Literal') return [];
  return [
    ...(condition.operator === '&&' ? [] : [[condition, 'always', 'true'] as const]),
    ...(condition.operator === '||' ? [] : [[condition, 'never', 'false'] as const]),
  ];
}

function renderRange(source: string, start: number, end: number, sites: readonly Site[]): string {
  const within = sites.filter((site) => site.start >= start && site.end <= end);
  const outermost = within
    .filter(
      (site) => !within.some((other) => other !== site && other.start <= site.start && other.end >= site.end),
    )
    .sort((a, b) => a.start - b.start);
  let [text, at] = ['', start];
  for (const site of outermost) {
    const inner = within.filter((other) => other !== site);
    text += source.slice(at, site.start) + renderSite(source, site, inner);
    at = site.end;
  }
  return text + source.slice(at, end);
}

function renderSite(source: string, { start, end, turns, node }: Site, inner: readonly Site[]): string {
  const place = ({ src }: Node) => {
    const [from, length] = src.split(':').map(Number) as [number, number];
    return [from, from + length] as const;
  };
  const turned = ({ number, by }: Site['turns'][number]) => {
    if (by === 'true' || by === 'false') return `uint160(address(block.coinbase)) == ${number} ? ${by} : `;
    const [left, right] = [place(node.leftExpression as Node), place(node.rightExpression as Node)];
    const between = source.slice(left[1], right[0]).replace(node.operator as string, by);
    const [a, b] = [left, right].map(([from, to]) => renderRange(source, from, to, inner));
    return `uint160(address(block.coinbase)) == ${number} ? (${a}${between}${b}) : `;
  };
  return `(${turns.map(turned).join('')}(${renderRange(source, start, end, inner)}))`;
}

function decodeText(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
