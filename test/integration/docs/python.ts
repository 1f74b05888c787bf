import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jupyterPath, missingJupyterHub } from '../../e2e/jupyterhub/venv.ts';
import { runProcess } from '../../support/process.ts';
import { makeTempDir } from '../../support/tmp.ts';

export { missingJupyterHub };

/** Loads each text as the Hub does its jupyterhub_config.py, and gives it to the classes of the Hub that it names. */
const CHECK = `
import json, sys
from jupyterhub.app import JupyterHub
from traitlets import TraitError
from traitlets.config import Config

known = {one.__name__: one for one in JupyterHub()._classes_inc_parents()}

def check(text):
    config = Config()
    exec(compile(text, "jupyterhub_config.py", "exec"), {"c": config, "get_config": lambda: config})
    for section, settings in config.items():
        if section not in known:
            yield f"JupyterHub has no class {section}"
            continue
        traits = known[section].class_traits(config=True)
        yield from (f"{section} has no setting {name}" for name in settings if name not in traits)
    for section in {"JupyterHub", "ConfigurableHTTPProxy"} & set(config):
        JupyterHub.clear_instance()
        known[section](config=config)

def problems(text):
    try:
        return "; ".join(check(text))
    except Exception as error:
        return f"{type(error).__name__}: {error}"

print(json.dumps([problems(text) for text in json.load(open(sys.argv[1]))]))
`;

/** What is wrong with each text, nothing being the empty string. All at once: it takes seconds until the Hub is imported. */
export async function checkPython(texts: readonly string[]): Promise<string[]> {
  const file = join(makeTempDir(), 'texts.json');
  writeFileSync(file, JSON.stringify(texts));
  const { code, stdout, output } = await runProcess('python3', ['-c', CHECK, file], {
    env: { PATH: jupyterPath, CONFIGPROXY_AUTH_TOKEN: 'a-token' },
    timeout: 60_000,
  });
  if (code !== 0) throw new Error(`JupyterHub can't be asked: ${output}`);
  return JSON.parse(stdout) as string[];
}
