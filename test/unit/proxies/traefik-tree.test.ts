import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildTree, priority, type Tree, type TreeNode } from '../../../src/proxies/traefik/tree.ts';

/** Finds a route as Traefik would: level by level, the highest priority among those that match; undefined for 404. */
function find(tree: Tree, path: string): string | undefined {
  const slashed = `${path}/`;
  const matches = ({ text, next }: TreeNode) => {
    const character = String.fromCodePoint(slashed.codePointAt(text.length) ?? 0);
    return (
      slashed.startsWith(text) &&
      (!next || (order(character) >= order(next.first) && order(character) <= order(next.last)))
    );
  };
  let node = tree.nodes[0] as TreeNode;
  for (;;) {
    const children = [
      ...tree.nodes
        .filter((child) => child.parent === node && matches(child))
        .map((child) => ({ child, text: undefined, order: priority(child.text, child.next) })),
      ...[...tree.parents]
        .filter(([text, nodes]) => nodes.includes(node) && (text === '/' || slashed.startsWith(text)))
        .map(([text]) => ({ child: undefined, text, order: priority(text) })),
    ].sort((a, b) => b.order - a.order);
    const first = children[0];
    if (first && children[1]?.order === first.order) throw new Error(`two of the same priority for ${path}`);
    if (!first?.child) return first?.text;
    node = first.child;
  }
}

const order = (character: string) => character.codePointAt(0) as number;

function longest(texts: readonly string[], path: string): string | undefined {
  return texts.filter((text) => text === '/' || `${path}/`.startsWith(text)).sort((a, b) => b.length - a.length)[0];
}

const segment = fc.string({
  unit: fc.constantFrom(...'abcAB-.@%é中\uff00🚂🚃', ...'0123456789'),
  minLength: 1,
  maxLength: 5,
});
const texts = fc.uniqueArray(
  fc.array(segment, { maxLength: 3 }).map((names) => (names.length === 0 ? '/' : `/${names.join('/')}/`)),
  {
    minLength: 0,
    maxLength: 300,
    size: 'max',
  },
);

test('every path is led to the longest route that it is inside of', () => {
  fc.assert(
    fc.property(texts, segment, (all, more) => {
      const tree = buildTree(all);
      for (const text of all) {
        for (const path of [
          text.slice(0, -1),
          `${text}${more}`,
          `${text.slice(0, -1)}${more}`,
          text.slice(0, -2),
          `/${more}`,
        ]) {
          expect(find(tree, path), path).toBe(longest(all, path));
        }
      }
    }),
    { numRuns: 30 },
  );
});

test('no node has many children, and a request passes few of them', () => {
  const all = ['/', ...Array.from({ length: 20_000 }, (_, at) => `/user/${(at * 7919).toString(36)}${at}/`)];
  const tree = buildTree(all);
  const children = new Map<TreeNode | undefined, number>();
  for (const { parent } of tree.nodes) children.set(parent, (children.get(parent) ?? 0) + 1);
  for (const nodes of tree.parents.values())
    for (const node of nodes) children.set(node, (children.get(node) ?? 0) + 1);
  expect(Math.max(...children.values())).toBeLessThanOrEqual(2 * 24);
  const depth = (node: TreeNode): number => (node.parent ? 1 + depth(node.parent) : 1);
  expect(Math.max(...tree.nodes.map(depth))).toBeLessThanOrEqual(7);
});

test('names of thousands of different first characters stay a tree', () => {
  const tree = buildTree(Array.from({ length: 5_000 }, (_, at) => `/${String.fromCodePoint(0x4e00 + at)}/`));
  const children = new Map<TreeNode, number>();
  for (const nodes of tree.parents.values())
    for (const node of nodes) children.set(node, (children.get(node) ?? 0) + 1);
  expect(Math.max(...children.values())).toBeLessThanOrEqual(24);
  expect(find(tree, '/丁/x')).toBe('/丁/');
  expect(find(tree, '/丁x')).toBeUndefined();
});

test('the same routes in another order are the same tree', () => {
  const all = Array.from({ length: 500 }, (_, at) => `/user/${at * 37}/`);
  const shape = (tree: Tree) => tree.nodes.map(({ text, next, parent }) => [text, next, parent?.text]);
  expect(shape(buildTree(all.toReversed()))).toEqual(shape(buildTree(all)));
});
