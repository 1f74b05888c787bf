import { chp } from './chp.ts';
import type { Command } from './command.ts';
import { completionCommand } from './completion.ts';
import { routes } from './routes.ts';
import { serve } from './serve.ts';
import { status } from './status.ts';

/** All commands, in the order of the help. */
export const commands: readonly Command[] = [serve, chp, routes, status, completionCommand(() => commands)];
