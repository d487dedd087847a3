/**
 * Loads a package out of this folder's `node_modules`: an import resolves from the file that makes
 * it.
 */
export const load = (packageName: string): Promise<unknown> => import(packageName);
