import { layerState } from '../../render/layers.ts';
import { alignColumns } from '../client/columns.ts';
import { defineCommand } from '../command.ts';
import { EXIT, exits } from '../exit-codes.ts';
import { FOLDER_OPTIONS, openFolder } from './folder.ts';

/** `signalbox templates list`. */
export const list = defineCommand({
  name: 'list',
  summary: 'list the templates: what each is, and which are yours',
  description: [
    'A template is ours or yours. "ours has changed" means that ours is another one than when you copied it with templates eject, as after an upgrade: templates diff shows both sides. "yours alone" is a file of a name that we have no template of; it is used only where one of yours renders it.',
  ],
  options: { json: { about: 'Print it as JSON.' }, ...FOLDER_OPTIONS },
  exits: exits('ok', 'failed', 'usage'),
  examples: [{ about: 'What could I change?', command: 'signalbox templates list' }],

  async run({ options: { json, ...options }, io }) {
    const { layers, proxy } = openFolder(options, io.env);
    const rows = layers.map((layered) => ({
      template: layered.name,
      state: layerState(layered),
      ejectedFrom: layered.original?.version ?? null,
      about: proxy.catalogue.templates[layered.name]?.about ?? '',
    }));
    if (json) io.out(`${JSON.stringify(rows, undefined, 2)}\n`);
    else
      io.out(
        alignColumns([['TEMPLATE', 'STATE', 'WHAT IT IS'], ...rows.map((row) => [row.template, row.state, row.about])]),
      );
    return EXIT.ok;
  },
});
