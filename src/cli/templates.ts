import { defineGroup } from './command.ts';
import { diff } from './templates/diff.ts';
import { eject } from './templates/eject.ts';
import { list } from './templates/list.ts';
import { show } from './templates/show.ts';

/** `signalbox templates`: the user's templates and ours. */
export const templates = defineGroup({
  name: 'templates',
  summary: 'see and change the templates of the proxy configuration',
  description: [
    'A file in the folder of --templates takes the place of ours with the same name. Snippets are templates that are empty with us; they are enough for most changes. A running Signalbox takes up what changes there, once the proxy has tested it.',
  ],
  examples: list.examples,
  subcommands: [list, show, eject, diff],
  fallback: list,
});
