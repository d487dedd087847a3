/** Names that a caller types: exactly, or in another case where that is unambiguous. */
export function findNamed<T>(items: readonly T[], text: string, nameOf: (item: T) => string): T | undefined {
  const exact = items.find((item) => nameOf(item) === text);
  if (exact !== undefined) return exact;
  const folded = text.toLowerCase();
  const [found, ...more] = items.filter((item) => nameOf(item).toLowerCase() === folded);
  return more.length === 0 ? found : undefined;
}
