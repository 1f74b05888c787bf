import { join } from 'node:path';
import type { Config } from '../config/schema.ts';
import { describeError } from '../errors.ts';
import type { Catalogue } from '../render/catalogue.ts';
import { oddFolder } from '../render/odd-folder.ts';
import { ownFiles, type TemplateFiles, templatesOf, withOwnFiles } from '../render/template-files.ts';
import { readIfThere, replaceFile } from '../system/files.ts';
import type { Log } from '../system/log.ts';
import { TemplateTrial } from './template-trial.ts';

export interface OpenTemplates<T> {
  readonly catalogue: Catalogue;
  readonly config: Pick<Config, 'templates' | 'stateDir'>;
  readonly make: (files: TemplateFiles) => T;
  readonly log: Log;
}

/**
 * The templates of a driver. The user's files that its proxy took last are kept in the state folder, so that a start with a
 * broken template goes on with them.
 */
export function openTemplates<T>({ catalogue, config, make, log }: OpenTemplates<T>): TemplateTrial<T> {
  const { templates } = config;
  const odd = templates === undefined ? undefined : oddFolder(templates, catalogue);
  if (odd !== undefined) log.warn({}, odd);
  const kept = join(config.stateDir, `templates-${catalogue.proxy}.json`);
  return new TemplateTrial({
    read: () => templatesOf(catalogue, templates),
    make,
    kept: templates === undefined ? undefined : readKept(kept, catalogue),
    keep: (files) => {
      if (templates !== undefined) keep(kept, files, log);
    },
    log,
  });
}

function readKept(path: string, catalogue: Catalogue): TemplateFiles | undefined {
  try {
    const text = readIfThere(path);
    return text === undefined ? undefined : withOwnFiles(templatesOf(catalogue, undefined), JSON.parse(text));
  } catch {
    // A file that can't be read counts as none.
    return undefined;
  }
}

/** If this fails, everything works except a start with broken templates. */
function keep(path: string, files: TemplateFiles, log: Log): void {
  try {
    replaceFile(path, JSON.stringify(ownFiles(files)));
  } catch (error) {
    log.warn({ reason: describeError(error) }, 'the good templates could not be kept for a later start');
  }
}
