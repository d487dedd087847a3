/** Names that a caller types: exactly, or in another case where that is unambiguous. */
export function findNamed<T>(items: readonly T[], text: string, nameOf: (item: T) => string): T | undefined {
  const exact = items.find((item) => nameOf(item) === text);
  if (exact !== undefined) return exact;
  const folded = text.toLowerCase();
  const [found, ...more] = items.filter((item) => nameOf(item).toLowerCase() === folded);
  return more.length === 0 ? found : undefined;
}

/** The name that takes the fewest changes of a character to become `text`, in either case. */
export function findNearest(names: readonly string[], text: string): string | undefined {
  const distances = names.map((name) => countChanges(name.toLowerCase(), text.toLowerCase()));
  return names[distances.indexOf(Math.min(...distances))];
}

/** Levenshtein's distance: characters put in, left out or replaced. */
function countChanges(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
