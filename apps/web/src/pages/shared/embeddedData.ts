/** The data embedded in the document; null in a page without any. */
export function embeddedData(page: string): unknown {
  try {
    return JSON.parse(document.getElementById(page)?.textContent ?? 'null');
  } catch {
    return 'not JSON';
  }
}
