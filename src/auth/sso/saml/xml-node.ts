/** A node as parsed by xml2js, with attributes at `$` and text at `_`. */
export interface Node {
  $?: Record<string, string>;
  _?: string;
  [child: string]: unknown;
}

export const first = (node: Node | undefined, child: string): Node | undefined =>
  (node?.[child] as Node[] | undefined)?.[0];
