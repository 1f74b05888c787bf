import type { Command, OptionGroup } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands.ts';
import { EXIT, type ExitName, type ExitStatus, exits } from '../../src/cli/exit-codes.ts';
import { environmentOf, optionFacts, optionUsage } from '../../src/cli/help.ts';
import { operandUsage, synopses } from '../../src/cli/synopsis.ts';

/** The pages that list the options of these commands: here they would take too much room. */
const OPTIONS_IN: Readonly<Record<string, string>> = {
  serve: 'configuration.md',
  chp: 'chp.md',
  doctor: 'configuration.md',
};

/** docs/cli.md. */
export function cliPage(): string {
  return `# Command line

<!-- Made by \`npm run docs\` from the commands in src/cli: change them there. -->

\`signalbox COMMAND --help\` shows what stands here as a manual page. \`signalbox completion\` makes shells complete it.

${commands.map(({ name, summary }) => `- [\`signalbox ${name}\`](#signalbox-${name}): ${summary}`).join('\n')}

Commands that ask a running Signalbox find its API by \`--api\` or \`SIGNALBOX_API_URL\` (else by the settings of the daemon,
\`SIGNALBOX_API_SOCKET\` and \`SIGNALBOX_API\`, else at \`http://127.0.0.1:8001\`), and its token in the file named by \`--token-file\`, else in \`SIGNALBOX_API_TOKEN\` or \`CONFIGPROXY_AUTH_TOKEN\`. A token is never an option: other users
could see it. \`--json\` is for programs: it has no colours, its fields stay. Colours are used on a terminal only, and not with
\`NO_COLOR\` or \`TERM=dumb\`.

## Exit codes

| Code | Meaning |
| --- | --- |
${exits(...(Object.keys(EXIT) as ExitName[]))
  .map(({ code, meaning }) => `| ${code} | ${meaning} |`)
  .join('\n')}

\`signalbox chp\` has those of configurable-http-proxy instead: 1 for a wrong command line, 2 after a signal.

${commands.map((command) => chapter(command, [command.name])).join('\n')}`;
}

function chapter(command: Command, words: readonly string[]): string {
  const { summary, description, subcommands, exits, examples } = command;
  const own = subcommands.length === 0;
  const parts = [
    `${'#'.repeat(words.length + 1)} signalbox ${words.join(' ')}`,
    `${capital(summary)}.`,
    fence(synopses(command, words).join('\n')),
    ...description,
    ...(own ? [optionList(command), ownList(command), exitList(exits), variables(command)] : []),
    ...(own && examples.length > 0 ? [fence(examples.map(exampleText).join('\n\n'))] : []),
  ].filter((part) => part !== '');
  return [`${parts.join('\n\n')}\n`, ...subcommands.map((sub) => chapter(sub, [...words, sub.name]))].join('\n');
}

function optionList({ name, operands, options }: Command): string {
  const optionsIn = OPTIONS_IN[name];
  if (optionsIn !== undefined)
    return [
      ...options.filter(({ title }) => title === undefined).flatMap(groupRows),
      `- all of [${optionsIn}](${optionsIn})`,
    ].join('\n');
  const rows = [
    ...operands.map((operand) => `- \`${operandUsage(operand)}\`: ${operand.about}`),
    ...options.flatMap(groupRows),
  ];
  return rows.join('\n');
}

function groupRows({ options }: OptionGroup): string[] {
  return Object.entries(options).map(([name, option]) => {
    const facts = optionFacts(option).map((text) => ` (${text})`);
    return `- \`${optionUsage(name, option)}\`: ${option.about.replace(/\.$/, '')}${facts.join('')}`;
  });
}

function ownList({ list }: Command): string {
  if (list === undefined) return '';
  const rows = list.rows.map(([name, about]) => `- ${code(name)}: ${about}`);
  return [`${capital(list.title.toLowerCase())}:`, '', ...rows].join('\n');
}

function exitList(exits: readonly ExitStatus[]): string {
  return `Exit codes: ${exits.map(({ code, meaning }) => `${code} ${meaning}`).join('; ')}.`;
}

function variables(command: Command): string {
  if (command.name in OPTIONS_IN) return '';
  return environmentOf(command)
    .map(([names, about]) => `- ${names.split(', ').map(code).join(', ')}: ${about}`)
    .join('\n');
}

function exampleText({ about, command }: { about: string; command: string }): string {
  return `# ${about}\n${command}`;
}

function fence(text: string): string {
  return `\`\`\`sh\n${text}\n\`\`\``;
}

function code(text: string): string {
  return `\`${text}\``;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
