import type { Config } from '../../config/schema.ts';
import { SignalboxError } from '../../errors.ts';

/** Throws BAD_CONFIG for settings that Traefik can't do; returns warnings for those without effect. */
export function checkSupported(config: Config): string[] {
  if (config.publicSocket !== undefined) refuse('public-socket', 'Traefik listens on addresses only');
  if (config.errorPath !== undefined) {
    refuse('error-path', 'Traefik has no files to answer with; error-target can serve the pages');
  }
  if (config.autoRewrite || config.protocolRewrite !== undefined) {
    refuse(config.autoRewrite ? 'auto-rewrite' : 'protocol-rewrite', 'Traefik does not rewrite redirects of backends');
  }
  if (config.traefikRule !== undefined && !isBalanced(config.traefikRule)) {
    throw new SignalboxError('BAD_CONFIG', `traefik-rule is no rule: ${config.traefikRule}`, {
      hint: 'A parenthesis or a quote is missing, or is one too many.',
    });
  }
  const idle: [boolean, string, string][] = [
    [
      config.timeout !== undefined,
      'timeout',
      "Traefik's only limit is for a whole request, which would cut long uploads",
    ],
    [config.sslDhparam !== undefined, 'ssl-dhparam', 'Go has no Diffie-Hellman ciphers'],
    [config.redirect !== undefined && !config.managed, 'redirect', "a sidecar's entry points are its operator's"],
    [config.sslCert !== undefined && !config.managed, 'ssl-cert', "a sidecar's certificates are its operator's"],
  ];
  return idle.flatMap(([given, key, why]) => (given ? `${key} has no effect: ${why}` : []));
}

function refuse(key: string, why: string): never {
  throw new SignalboxError('BAD_CONFIG', `${key} is not to be had with Traefik: ${why}`, {
    hint: `Leave ${key} out, or use --driver nginx.`,
  });
}

/** Can the rule be a part of a larger one? */
function isBalanced(rule: string): boolean {
  const bare = rule.replace(/`[^`]*`|"(?:[^"\\]|\\.)*"/g, '');
  let depth = 0;
  for (const character of bare) {
    if (character === '(') depth++;
    if (character === ')') depth--;
    if (depth < 0 || character === '`' || character === '"') return false;
  }
  return depth === 0;
}
