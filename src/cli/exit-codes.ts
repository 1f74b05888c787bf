/** The exit codes of every command; docs/configuration.md lists them. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/** What each code means, for the documentation. */
const EXIT_MEANINGS: Record<keyof typeof EXIT, string> = {
  ok: 'done, or stopped by SIGTERM or SIGINT in good order',
  failed: 'failed while starting or running; the message says why',
  usage: 'the command line or the configuration is wrong; nothing was started',
};

/** The codes in the form the documentation wants. */
export function documentedExitCodes(): { code: number; meaning: string }[] {
  return (Object.keys(EXIT) as (keyof typeof EXIT)[]).map((name) => ({
    code: EXIT[name],
    meaning: EXIT_MEANINGS[name],
  }));
}
