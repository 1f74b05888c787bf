import { jupyterPath, missingJupyterHub } from '../../e2e/jupyterhub/venv.ts';
import { runProcess } from '../../support/process.ts';

export { missingJupyterHub };

/** Loads a jupyterhub_config.py, and gives it to the classes of the Hub that it names. */
const CHECK = `
import sys
from jupyterhub.app import JupyterHub
from traitlets import TraitError
from traitlets.config import Config

config = Config()
text = sys.argv[1]
exec(compile(text, "jupyterhub_config.py", "exec"), {"c": config, "get_config": lambda: config})

known = {one.__name__: one for one in JupyterHub()._classes_inc_parents()}
wrong = []
for section, settings in config.items():
    if section not in known:
        wrong.append(f"JupyterHub has no class {section}")
        continue
    traits = known[section].class_traits(config=True)
    wrong += [f"{section} has no setting {name}" for name in settings if name not in traits]
for section in {"JupyterHub", "ConfigurableHTTPProxy"} & set(config):
    try:
        JupyterHub.clear_instance()
        known[section](config=config)
    except TraitError as error:
        wrong.append(str(error))
sys.exit("\\n".join(wrong))
`;

export async function checkPython(text: string): Promise<void> {
  const { code, output } = await runProcess('python3', ['-c', CHECK, text], {
    env: { PATH: jupyterPath, CONFIGPROXY_AUTH_TOKEN: 'a-token' },
  });
  if (code !== 0) throw new Error(`no configuration of JupyterHub: ${output}`);
}
