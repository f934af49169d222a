// Finds folders that import each other in a circle, at any depth and also by types alone.
import path from 'node:path';
import { COMPOSITION } from '../.dependency-cruiser.mjs';

/**
 * In each folder, its sub-folders and its own files are the nodes; an import leads from the entry that holds the importing
 * file to the entry that holds the imported one. Files are nodes of their own, so that `x.module.ts` may import every
 * room while every room imports `x.errors.ts`.
 *
 * @param {{ source: string, dependencies: { resolved: string }[] }[]} modules as dependency-cruiser reports them
 * @returns {{ from: string, to: string }[]} the imports that lie on a circle of entries of one folder
 */
export function folderCycles(modules) {
  /** Folder → entry → entries it imports, with one import as the example. */
  const folders = new Map();
  for (const { source, dependencies } of modules) {
    if (!source.startsWith('src/') || new RegExp(COMPOSITION).test(source)) continue;
    for (const { resolved } of dependencies) if (resolved.startsWith('src/')) add(folders, source, resolved);
  }
  return [...folders.values()].flatMap(importsOnCycles);
}

function add(folders, from, to) {
  const [one, other] = [from.split('/'), to.split('/')];
  let depth = 0;
  while (one[depth] === other[depth] && depth < Math.min(one.length, other.length) - 1) depth++;
  if (one[depth] === other[depth]) return;
  const folder = one.slice(0, depth).join('/') || path.sep;
  const graph = folders.get(folder) ?? folders.set(folder, new Map()).get(folder);
  const edges = graph.get(one[depth]) ?? graph.set(one[depth], new Map()).get(one[depth]);
  edges.set(other[depth], [...(edges.get(other[depth]) ?? []), { from, to }]);
}

/** Two entries lie on one circle when each reaches the other. */
function importsOnCycles(graph) {
  const reach = new Map([...graph.keys()].map((entry) => [entry, reachable(graph, entry)]));
  return [...graph].flatMap(([entry, edges]) =>
    [...edges].flatMap(([other, imports]) => (reach.get(other)?.has(entry) ? imports : [])),
  );
}

function reachable(graph, start) {
  const seen = new Set();
  const open = [start];
  while (open.length > 0) {
    for (const next of graph.get(open.pop())?.keys() ?? []) {
      if (seen.has(next)) continue;
      seen.add(next);
      open.push(next);
    }
  }
  return seen;
}
