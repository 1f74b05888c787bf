import { check } from './check.ts';
import { chp } from './chp.ts';
import type { Command } from './command.ts';
import { completionCommand } from './completion.ts';
import { dashboard } from './dashboard.ts';
import { doctor } from './doctor.ts';
import { render } from './render.ts';
import { routes } from './routes.ts';
import { schema } from './schema.ts';
import { serve } from './serve.ts';
import { status } from './status.ts';
import { templates } from './templates.ts';

/** All commands, in the order of the help. */
export const commands: readonly Command[] = [
  serve,
  chp,
  dashboard,
  routes,
  status,
  doctor,
  check,
  render,
  templates,
  schema,
  completionCommand(() => commands),
];
