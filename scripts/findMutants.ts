/**
 * Finds the checks of a TypeScript file in its syntax tree, and says for each what the text is
 * without it. A check is a condition that decides something: an early return, an operand of `&&` or
 * `||`, the test of `? :`, what is asked of a list (`filter`, `some`, `every`, `find`), a
 * comparison (whose boundary shifts), or what a function that answers true or false returns. Loops
 * are left alone: without their tests they do not end.
 */
import { parseSync } from 'vite';

/** One check, taken out or turned. */
export interface Mutant {
  /** The function that it is in. */
  readonly within: string;
  readonly line: number;
  /** The condition as it is written, on one line. */
  readonly check: string;
  /** What becomes of it: `left out`, `always`, `never`, or the comparison that takes its place. */
  readonly change: string;
  /** The whole file. */
  readonly text: string;
}

/** A node of the ESTree; its other fields are nodes, lists of them, or values. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

interface Edit {
  readonly node: Node;
  readonly change: string;
  readonly by: string;
}

/**
 * The mutants of `text` in the order of the file; an edit that says the same as another is made
 * once.
 */
export function findMutants(text: string): Mutant[] {
  const { program, errors } = parseSync('rules.ts', text, { lang: 'ts' });
  if (errors.length > 0) throw new Error(`expected TypeScript, found ${errors[0]!.message}`);
  const mutants = new Map<string, Mutant & { readonly start: number }>();
  visit(program as unknown as Node, [], (node, parents) => {
    for (const { node: edited, change, by } of editsOf(node, parents, text)) {
      const mutated = text.slice(0, edited.start) + by + text.slice(edited.end);
      if (mutants.has(mutated)) continue;
      mutants.set(mutated, {
        start: edited.start,
        within: nameOf(node, parents),
        line: text.slice(0, edited.start).split('\n').length,
        check: text.slice(edited.start, edited.end).replace(/\s+/g, ' '),
        change,
        text: mutated,
      });
    }
  });
  return [...mutants.values()].sort((a, b) => a.start - b.start).map(({ start: _, ...mutant }) => mutant);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

function visit(
  node: Node,
  parents: readonly Node[],
  see: (node: Node, parents: readonly Node[]) => void,
): void {
  see(node, parents);
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child) && !child.type.startsWith('TSType')) visit(child, [...parents, node], see);
    }
  }
}

const always = (node: Node): Edit => ({ node, change: 'always', by: 'true' });
const never = (node: Node): Edit => ({ node, change: 'never', by: 'false' });

const boundaries: Readonly<Record<string, string>> = { '<': '<=', '<=': '<', '>': '>=', '>=': '>' };

function editsOf(node: Node, parents: readonly Node[], text: string): Edit[] {
  const parent = parents.at(-1);
  switch (node.type) {
    case 'IfStatement':
      return isEarlyReturn(node)
        ? turnsOf(node.test as Node)
            .filter(({ by }) => by === 'false')
            .map((edit) => ({ ...edit, change: 'left out' }))
        : [];
    case 'ConditionalExpression':
      return turnsOf(node.test as Node);
    case 'LogicalExpression':
      return operandsOf(node);
    case 'BinaryExpression': {
      const shifted = boundaries[node.operator as string];
      if (shifted === undefined || parent?.type === 'ForStatement') return [];
      const [left, right] = [node.left as Node, node.right as Node];
      const between = text.slice(left.end, right.start).replace(node.operator as string, shifted);
      const by = text.slice(node.start, left.end) + between + text.slice(right.start, node.end);
      return [{ node, change: `\`${shifted}\` for \`${node.operator}\``, by }];
    }
    case 'CallExpression':
      return listEdits(node, parents);
    case 'ReturnStatement':
      return isNode(node.argument) && answersBoolean(parents) ? turnsOf(node.argument) : [];
    default:
      return [];
  }
}

/**
 * The condition as always and as never true; of `&&` and `||` not the one that is also made, more
 * finely, by leaving out an operand.
 */
function turnsOf(condition: Node): Edit[] {
  if (condition.type === 'Literal') return [];
  const inner = condition.type === 'ParenthesizedExpression' ? (condition.expression as Node) : condition;
  return [
    ...(inner.operator === '&&' ? [] : [always(condition)]),
    ...(inner.operator === '||' ? [] : [never(condition)]),
  ];
}

/** Without an operand of `||` it never holds, without one of `&&` it always does. */
function operandsOf(node: Node): Edit[] {
  if (node.operator === '??') return [];
  const by = node.operator === '||' ? 'false' : 'true';
  return [node.left as Node, node.right as Node]
    .filter(({ type, operator }) => type !== 'LogicalExpression' || operator !== node.operator)
    .map((operand) => ({ node: operand, change: 'left out', by }));
}

function isEarlyReturn({ alternate, consequent }: Node): boolean {
  if (alternate !== null) return false;
  const statement = consequent as Node;
  const statements = statement.type === 'BlockStatement' ? (statement.body as Node[]) : [statement];
  return statements.at(-1)?.type === 'ReturnStatement' || statements.at(-1)?.type === 'ThrowStatement';
}

/**
 * `some` that never holds, where it is not a condition by itself; `filter` and `find` that take
 * everything.
 */
function listEdits(node: Node, parents: readonly Node[]): Edit[] {
  const callee = node.callee as Node;
  if (callee.type !== 'MemberExpression') return [];
  const name = (callee.property as Node).name as string;
  const around = parents.findLast(({ type }) => type !== 'UnaryExpression')!.type;
  if (name === 'some' || name === 'every') {
    if (/^(If|Return)Statement$|^(Logical|Conditional)Expression$/.test(around)) return [];
    return [name === 'some' ? never(node) : always(node)];
  }
  const [asked] = node.arguments as Node[];
  if (!/^(filter|find(Last)?(Index)?)$/.test(name) || asked === undefined) return [];
  return [{ node: asked, change: 'left out', by: '() => true' }];
}

/** Whether the innermost function is declared to return a boolean. */
function answersBoolean(parents: readonly Node[]): boolean {
  const inner = parents.findLast(({ type }) => /Function/.test(type));
  const annotation = (inner?.returnType as Node | undefined)?.typeAnnotation as Node | undefined;
  return annotation?.type === 'TSBooleanKeyword';
}

function nameOf(node: Node, parents: readonly Node[]): string {
  const named = [...parents, node].findLast(
    ({ type, id, key, value }) =>
      (type === 'FunctionDeclaration' && isNode(id)) ||
      (type === 'Property' && isNode(key) && isNode(value) && /Function/.test(value.type)),
  );
  return ((named?.id ?? named?.key) as Node | undefined)?.name as string;
}
