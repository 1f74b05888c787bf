import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import type { Command, Example } from '../../../src/cli/command.ts';
import { commands } from '../../../src/cli/commands.ts';
import { BIN } from '../../support/bin.ts';
import { anyNginx, missingNginx } from '../../support/nginx.ts';
import { runProcess } from '../../support/process.ts';
import { anyProxy } from '../../support/proxies.ts';
import { type Signalbox, startSignalbox } from '../../support/signalbox.ts';
import { describeIf } from '../../support/skip.ts';
import { makeTempDir } from '../../support/tmp.ts';

/** The examples of every command, as they stand in the help. */
function examplesOf(list: readonly Command[]): Example[] {
  return list.flatMap(({ examples, subcommands }) => [...examples, ...examplesOf(subcommands)]);
}

const examples = [...new Map(examplesOf(commands).map((example) => [example.command, example])).values()];

describeIf(anyNginx, `no nginx: ${missingNginx}`, 'an example in the help', () => {
  let signalbox: Signalbox;
  let dir: string;
  let env: Record<string, string>;
  const sh = (command: string) => runProcess('bash', ['-c', `set -o pipefail; ${command}`], { cwd: dir, env });

  beforeAll(async () => {
    signalbox = await startSignalbox({ proxy: anyProxy(), args: ['--no-pin'] });
    dir = makeTempDir();
    const bin = join(dir, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'signalbox'), `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`);
    chmodSync(join(bin, 'signalbox'), 0o755);
    env = {
      PATH: `${bin}:${process.env.PATH}`,
      HOME: dir,
      SIGNALBOX_API_URL: signalbox.apiUrl,
      SIGNALBOX_API_TOKEN: signalbox.token,
    };
  });

  // What the examples take for granted.
  beforeEach(async () => {
    const target = 'http://127.0.0.1:9001';
    const table = { '/user/ada': { target }, '/docs': { target }, '/old': { target } };
    await signalbox.api('PUT', '/api/routes', table);
    writeFileSync(join(dir, 'routes.json'), JSON.stringify(table));
  });

  for (const { command, notRun } of examples) {
    it(command, async (context) => {
      if (notRun !== undefined) return context.skip(notRun);
      if (command.includes('jq ') && (await sh('command -v jq')).code !== 0) return context.skip('no jq here');
      const done = await sh(command);
      expect([done.code, done.stderr]).toEqual([0, expect.not.stringContaining('signalbox: ')]);
    });
  }
});
