import type { Command } from './command.ts';

/** All of `signalbox --help`. */
export function overview(commands: readonly Command[]): string {
  const rows = [
    ...commands.map(({ name, summary }) => [name, summary] as const),
    ['help', 'show this, or with a command all its options'] as const,
  ];
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  return `Signalbox lets a stock nginx or Traefik serve JupyterHub's routes.

Usage: signalbox COMMAND [OPTIONS]

Commands:
${rows.map(([name, summary]) => `  ${name.padEnd(width)}${summary}`).join('\n')}

  -h, --help     the same as help; also behind a command
  -V, --version  show the version
`;
}
