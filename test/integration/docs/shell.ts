import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onCleanup } from '../../support/cleanup.ts';
import { runProcess, startProcess } from '../../support/process.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';
import { fitDaemon, type Scene } from './scene.ts';

/** `set -e` overlooks a chain of `&&` that broke. */
const LAST = 'test $? = 0';

/** The blocks of one page as a reader types them: one shell, whose variables stay. */
export class Shell {
  readonly #scene: Scene;
  readonly #variables: string;

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#variables = join(makeTempDir(), 'variables');
    writeFileSync(this.#variables, '');
  }

  /** Throws with all output unless every command ends well. */
  async run(text: string): Promise<void> {
    const { env, folder } = this.#scene;
    if (/^\s*(?:[A-Z_]+=\S+ )*signalbox (?:serve|chp|dashboard)\b(?!.*--(?:help|hash-password))/m.test(text))
      return this.#runDaemon(text);
    const script = `set -ea -o pipefail\n. '${this.#variables}'\n${this.#scene.fit(text)}\n${LAST}\nexport -p > '${this.#variables}'\n`;
    const { code, output } = await runProcess('bash', ['-c', script], { cwd: folder, env, timeout: 50_000 });
    if (code !== 0) throw new Error(`ended with ${code}:\n${script}\n${output}`);
  }

  async #runDaemon(text: string): Promise<void> {
    const { env, folder } = this.#scene;
    const fitted = (await fitDaemon(text, join(makeTempDir(), 'state'))).replaceAll('/etc/signalbox', folder);
    const daemon = startProcess('bash', ['-c', `set -e\n${fitted}`], {
      cwd: folder,
      env,
      detached: true,
    });
    // The shell passes no signal on: to its whole group.
    const stop = () => daemon.exit() ?? process.kill(-daemon.pid, 'SIGTERM');
    onCleanup(() => void stop());
    await until(() => daemon.exit() || /API listens|dashboard listens/.test(daemon.output()), {
      what: 'the daemon to start',
      timeout: 20_000,
    });
    if (daemon.exit()) throw new Error(`ended at its start:\n${fitted}\n${daemon.output()}`);
    stop();
    await daemon.exited;
  }
}
