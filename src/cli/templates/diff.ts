import type { Layered } from '../../render/layers.ts';
import { VERSION } from '../../version.ts';
import { defineCommand } from '../command.ts';
import { EXIT, exits } from '../exit-codes.ts';
import { unifiedDiff } from '../unified-diff.ts';
import { FOLDER_OPTIONS, findLayered, NAME, openFolder } from './folder.ts';

/** `signalbox templates diff`. */
export const diff = defineCommand({
  name: 'diff',
  summary: 'show what you changed, and what has changed with us since',
  description: [
    'For each of your templates: the way from ours to yours. Where ours has changed since templates eject, what you changed is shown against the original, and after it what has changed with us, to be taken over into yours.',
  ],
  operands: [{ ...NAME, about: `${NAME.about}; all of yours without one`, optional: true }],
  options: FOLDER_OPTIONS,
  exits: exits('ok', 'failed', 'usage', ['notFound', 'there is no such template']),
  examples: [{ about: 'What is different from ours?', command: 'signalbox templates diff --templates ./templates' }],

  async run({ options, operands: [name], io }) {
    const folder = openFolder(options, io.env);
    const layers = name === undefined ? folder.layers : [findLayered(folder, name)];
    io.out(layers.map(differences).join(''));
    return EXIT.ok;
  },
});

function differences({ name, ours, own, original }: Layered): string {
  if (ours === undefined || own === undefined) return '';
  const yours = [`${name} (yours)`, own] as const;
  if (original === undefined || original.text === ours) return unifiedDiff([`${name} (ours)`, ours], yours);
  const then = [`${name} (ours in ${original.version})`, original.text] as const;
  return (
    unifiedDiff(then, yours) +
    `Ours has changed since. Take this over into yours, then run signalbox templates eject --record ${name}\n` +
    unifiedDiff(then, [`${name} (ours in ${VERSION})`, ours])
  );
}
