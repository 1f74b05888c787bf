import { parse } from 'yaml';
import { checkNginx } from './nginx.ts';
import { checkRules } from './rules.ts';
import type { Scene } from './scene.ts';
import { checkSettings } from './settings.ts';
import type { Shell } from './shell.ts';

export interface Check {
  /** Nothing to be done with the block itself. */
  readonly elsewhere?: true;
  run(text: string, scene: Scene, shell: Shell): Promise<void> | void;
}

/** What is done with a block of each language; one of any other needs a marker. */
export const checks: Readonly<Record<string, Check>> = {
  sh: { run: (text, _scene, shell) => shell.run(text) },
  nginx: { run: checkNginx },
  // All at once, in python.test.ts.
  python: { elsewhere: true, run: () => undefined },
  json: { run: (text) => void JSON.parse(text) },
  yaml: { run: (text, scene) => (isRules(text) ? checkRules(text, scene) : checkSettings(text)) },
  // What a program prints, a tree of files, a sketch.
  text: { elsewhere: true, run: () => undefined },
};

function isRules(text: string): boolean {
  return Array.isArray((parse(text) as { groups?: unknown } | null)?.groups);
}
