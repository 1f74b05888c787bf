import { variableRows } from '../../render/variable-rows.ts';
import { alignColumns } from '../client/columns.ts';
import { defineCommand } from '../command.ts';
import { EXIT, exits } from '../exit-codes.ts';
import { FOLDER_OPTIONS, findLayered, NAME, openFolder } from './folder.ts';

/** `signalbox templates show`. */
export const show = defineCommand({
  name: 'show',
  summary: 'print a template, or what it gets as variables',
  description: ['Prints the template that is in use: yours, else ours.'],
  operands: [NAME],
  options: {
    ours: { about: 'Print ours, even where there is one of yours.' },
    variables: { about: 'List the variables that it gets, with their types.' },
    json: { about: 'Print the variables as JSON.' },
    ...FOLDER_OPTIONS,
  },
  exits: exits('ok', 'failed', 'usage', ['notFound', 'there is no such template']),
  examples: [
    { about: 'How are requests proxied?', command: 'signalbox templates show proxy.conf' },
    { about: 'What can I use in a snippet?', command: 'signalbox templates show --variables snippets/server.conf' },
  ],

  async run({ options: { ours, variables, json, ...options }, operands: [name = ''], io }) {
    const folder = openFolder(options, io.env);
    const layered = findLayered(folder, name);
    if (!variables && !json) {
      io.out((ours ? layered.ours : (layered.own ?? layered.ours)) ?? '');
      return EXIT.ok;
    }
    const groups = folder.proxy.catalogue.templates[name]?.gets ?? [];
    const rows = groups.flatMap(({ schema }) => variableRows(schema));
    if (json) io.out(`${JSON.stringify(rows, undefined, 2)}\n`);
    else io.out(alignColumns([['VARIABLE', 'TYPE', ''], ...rows.map((row) => [row.name, row.type, row.about])]));
    return EXIT.ok;
  },
});
