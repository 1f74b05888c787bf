import type { Range } from './rule.ts';
import { hasOneSpelling } from './spelling.ts';

/**
 * Traefik tries the routers of one level one after the other. So routers form a radix tree over the texts of the keys: a node
 * matches what begins with its text, and only then are its children tried. When none of a node's children matches,
 * Traefik answers 404, so each node has a child that matches everything: the route that would be next.
 */
export interface Tree {
  readonly nodes: readonly TreeNode[];
  /** For each text the nodes that contain its route. */
  readonly parents: ReadonlyMap<string, readonly TreeNode[]>;
  /** Nodes without a child for requests that no route matches. */
  readonly open: readonly TreeNode[];
}

export interface TreeNode {
  /** What all texts in it begin with; `/` for the root. */
  readonly text: string;
  /** The node is for those of them that continue with one of these characters. */
  readonly next: Range | undefined;
  readonly parent: TreeNode | undefined;
}

/** The most children of a node: each costs a request that passes it some 0.2 µs, each level some 5. */
const MOST_CHILDREN = 24;

/** `texts`: the keys with a slash behind them, `/` for the root route. */
export function buildTree(texts: Iterable<string>): Tree {
  const builder = new Builder([...texts].sort(byCodePoint));
  return builder.build();
}

/** On one level longer texts come first, and a range comes before the text alone. */
export function priority(text: string, next?: Range): number {
  return 2 * text.length + (next ? 1 : 0);
}

class Builder {
  readonly #texts: readonly string[];
  readonly #nodes: TreeNode[] = [];
  readonly #parents = new Map<string, TreeNode[]>();
  readonly #open: TreeNode[] = [];

  constructor(texts: readonly string[]) {
    this.#texts = texts;
    for (const text of texts) this.#parents.set(text, []);
  }

  build(): Tree {
    this.#fill(0, this.#texts.length, { text: '/', next: undefined, parent: undefined }, undefined);
    return { nodes: this.#nodes, parents: this.#parents, open: this.#open };
  }

  /** Puts the texts from `start` to `end` into a node; `above`: the route for what none of them takes. */
  #fill(start: number, end: number, node: TreeNode, above: string | undefined): void {
    this.#nodes.push(node);
    const own = start < end && this.#texts[start] === node.text ? node.text : undefined;
    const first = own === undefined ? start : start + 1;
    const catchAll = own ?? above;
    if (catchAll === undefined) this.#open.push(node);
    else this.#parents.get(catchAll)?.push(node);
    if (end - first <= MOST_CHILDREN) {
      for (let at = first; at < end; at++) this.#parents.get(this.#texts[at] as string)?.push(node);
      return;
    }
    for (const bundle of bundles(this.#widen(this.#groups(first, end, node.text.length)))) {
      if (bundle.length === 1) this.#place(bundle[0] as Group, node, catchAll);
      else this.#bundle(bundle, node, catchAll);
    }
  }

  /** While there is room, the largest group is replaced by its own groups: most requests pass one level less. */
  #widen(groups: Group[]): Group[] {
    for (;;) {
      const largest = groups.reduce((a, b) => (b.end - b.start > a.end - a.start ? b : a));
      const text = commonStart(this.#texts[largest.start] as string, this.#texts[largest.end - 1] as string);
      // The group's own route takes what the others in it don't match; only a node can hold it.
      if (largest.end - largest.start === 1 || this.#texts[largest.start] === text) return groups;
      const parts = this.#groups(largest.start, largest.end, text.length);
      if (groups.length - 1 + parts.length > MOST_CHILDREN) return groups;
      const at = groups.indexOf(largest);
      groups = [...groups.slice(0, at), ...parts, ...groups.slice(at + 1)];
    }
  }

  /** A group is a route or a node with what its texts have in common. */
  #place({ start, end }: Group, parent: TreeNode, above: string | undefined): void {
    const first = this.#texts[start] as string;
    if (end - start === 1) {
      this.#parents.get(first)?.push(parent);
      return;
    }
    const text = commonStart(first, this.#texts[end - 1] as string);
    this.#fill(start, end, { text, next: undefined, parent }, above);
  }

  #bundle(groups: readonly Group[], parent: TreeNode, above: string | undefined): void {
    const [first, last] = [groups[0] as Group, groups.at(-1) as Group];
    const next = { first: first.character, last: last.character };
    this.#fill(first.start, last.end, { text: parent.text, next, parent }, above);
  }

  /** Runs of texts with the same character at this place. */
  #groups(start: number, end: number, place: number): Group[] {
    const groups: Group[] = [];
    for (let at = start; at < end; ) {
      const character = String.fromCodePoint((this.#texts[at] as string).codePointAt(place) as number);
      let last = at + 1;
      while (last < end && this.#texts[last]?.startsWith(character, place)) last++;
      groups.push({ character, start: at, end: last });
      at = last;
    }
    return groups;
  }
}

interface Group {
  readonly character: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Too many groups for one node are bundled, neighbours together, so that a range of characters tells the bundle; a character
 * that may come as a percent and two digits is in no range.
 */
function bundles(groups: readonly Group[]): Group[][] {
  if (groups.length <= MOST_CHILDREN) return groups.map((group) => [group]);
  const size = Math.max(2, Math.ceil(groups.length / MOST_CHILDREN));
  const bundled: Group[][] = [];
  let open: Group[] = [];
  for (const group of groups) {
    const ranged = hasOneSpelling(group.character);
    if (!ranged || open.length === size) open = [];
    if (open.length === 0) bundled.push(open);
    open.push(group);
    if (!ranged) open = [];
  }
  return bundled;
}

/** As Go's regular expressions order characters; JavaScript's own order is that of UTF-16. */
function byCodePoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const [x, y] = [a.charCodeAt(at), b.charCodeAt(at)];
    // A code point that UTF-16 writes as a pair is greater than all others.
    if (x !== y) return isSurrogate(x) === isSurrogate(y) ? x - y : isSurrogate(x) ? 1 : -1;
  }
  return a.length - b.length;
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff;
}

/** Never half of a surrogate pair. */
function commonStart(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  const text = a.slice(0, length);
  return text.isWellFormed() ? text : text.slice(0, -1);
}
