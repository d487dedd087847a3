/**
 * Branches. A condition that is known when the file is read leaves one branch; one that is computed
 * leaves both, and the model takes the result of one of them.
 */
import { equalShapes } from '../../graph/shape.ts';
import type { NodeReader, Operators, Value } from '../reading.ts';
import { reshapeTo, shapeOf, since, tensorValue } from './build.ts';

/** Of two results of one type and shape, the one that a computed condition chooses. */
function choose(n: NodeReader, first: Value, second: Value): Value {
  const typeOf = (value: Value) => (value.kind === 'tensor' ? value.type : value.constant.type);
  const [a, b] = [n.place(first), n.place(second)];
  const [shape, other] = [shapeOf(n, a), shapeOf(n, b)];
  if (typeOf(first) !== typeOf(second) || !equalShapes(shape, other)) {
    n.refuse(
      'branches that give one type and shape, or a condition that is known',
      `${typeOf(first)}[${shape.join(',')}] and ${typeOf(second)}[${other.join(',')}]`,
      'Fix the input that decides when importing: importOnnx(bytes, { values: { NAME: 1 } }).',
    );
  }
  const condition = reshapeTo(n, n.tensor(0), []);
  return tensorValue(n.g.add({ kind: 'where', operands: [condition, a, b] }), typeOf(first));
}

function branched(n: NodeReader): readonly Value[] {
  const condition = n.value(0);
  if (condition.kind === 'constant') {
    n.ignore('then_branch', 'else_branch');
    if (condition.constant.data.length !== 1) n.refuse('one condition', `${condition.constant.data.length}`);
    return n.branch(condition.constant.data[0] === 0 ? 'else_branch' : 'then_branch');
  }
  const [first, second] = [n.branch('then_branch'), n.branch('else_branch')];
  if (first.length !== second.length)
    n.refuse('as many outputs of both branches', `${first.length} and ${second.length}`);
  return first.map((value, i) => choose(n, value, second[i]));
}

/** Control flow, by name. */
export const control: Operators = { If: since(1, branched) };
