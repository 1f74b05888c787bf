import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SignalboxError } from '../../errors.ts';
import { Originals } from '../../render/originals.ts';
import { replaceFile } from '../../system/files.ts';
import { VERSION } from '../../version.ts';
import { defineCommand } from '../command.ts';
import { EXIT, exits } from '../exit-codes.ts';
import { FOLDER_OPTIONS, findLayered, NAME, openFolder } from './folder.ts';

/** `signalbox templates eject`. */
export const eject = defineCommand({
  name: 'eject',
  summary: 'copy one of our templates into your folder, to change it there',
  description: [
    'Also keeps an untouched copy in the hidden folder .signalbox beside it, so that after an upgrade templates diff can tell what has changed with us. Keep it in the same version control as your templates.',
    'A file that is there already is never overwritten.',
  ],
  operands: [NAME],
  options: {
    record: {
      about: 'Leave your file as it is, only note that it is now based on our present one, when you have merged them.',
    },
    ...FOLDER_OPTIONS,
  },
  exits: exits('ok', ['failed', 'there is such a file already, or it can not be written'], 'usage', [
    'notFound',
    'there is no such template',
  ]),
  examples: [
    {
      about: 'Headers and limits of your own:',
      command: 'signalbox templates eject snippets/server.conf --templates ./templates',
    },
  ],

  async run({ options: { record, ...options }, operands: [name = ''], io }) {
    const folder = openFolder(options, io.env);
    const { ours } = findLayered(folder, name);
    if (folder.own === undefined) {
      throw new SignalboxError('BAD_CONFIG', 'there is no folder to put it in', {
        hint: 'Name one with --templates DIR.',
      });
    }
    if (ours === undefined) throw new SignalboxError('NOT_FOUND', `${name} is yours alone; there is none of ours`);
    const path = join(folder.own, name);
    if (!record && existsSync(path)) {
      throw new SignalboxError('STATE_UNUSABLE', `${path} is there already`, {
        hint: 'signalbox templates diff shows what you changed.',
      });
    }
    try {
      new Originals(folder.own).record(name, { text: ours, version: VERSION });
      if (!record) {
        mkdirSync(dirname(path), { recursive: true });
        replaceFile(path, ours, 0o644);
      }
    } catch (error) {
      throw new SignalboxError('STATE_UNUSABLE', `${path} cannot be written`, { cause: error });
    }
    io.out(`${path}\n`);
    return EXIT.ok;
  },
});
