import { join } from 'node:path';
import type { Config } from '../config/schema.ts';
import { describeError } from '../errors.ts';
import { oddFolder } from '../render/odd-folder.ts';
import { ownFiles, readTemplateFiles, type TemplateFiles, withOwnFiles } from '../render/template-files.ts';
import { readIfThere, replaceFile } from '../system/files.ts';
import type { Log } from '../system/log.ts';
import { TemplateTrial } from './template-trial.ts';

export interface OpenTemplates<T> {
  /** Of the proxy: its folder in the user's one. */
  readonly name: string;
  /** The folder of ours. */
  readonly ours: string;
  readonly config: Pick<Config, 'templates' | 'stateDir'>;
  readonly make: (files: TemplateFiles) => T;
  readonly log: Log;
}

/**
 * The templates of a driver. The user's files that its proxy took last are kept in the state folder, so that a start with a
 * broken template goes on with them.
 */
export function openTemplates<T>({ name, ours, config, make, log }: OpenTemplates<T>): TemplateTrial<T> {
  const own = config.templates === undefined ? undefined : join(config.templates, name);
  const odd = config.templates === undefined ? undefined : oddFolder(config.templates, name, ours);
  if (odd !== undefined) log.warn({}, odd);
  const kept = join(config.stateDir, `templates-${name}.json`);
  return new TemplateTrial({
    read: () => readTemplateFiles(ours, own),
    make,
    kept: own === undefined ? undefined : readKept(kept, ours),
    keep: (files) => {
      if (own !== undefined) keep(kept, files, log);
    },
    log,
  });
}

function readKept(path: string, ours: string): TemplateFiles | undefined {
  try {
    const text = readIfThere(path);
    return text === undefined ? undefined : withOwnFiles(readTemplateFiles(ours, undefined), JSON.parse(text));
  } catch {
    // What can't be read is as good as none.
    return undefined;
  }
}

/** Without it everything works, but for a start with broken templates. */
function keep(path: string, files: TemplateFiles, log: Log): void {
  try {
    replaceFile(path, JSON.stringify(ownFiles(files)));
  } catch (error) {
    log.warn({ reason: describeError(error) }, 'the good templates could not be kept for a later start');
  }
}
