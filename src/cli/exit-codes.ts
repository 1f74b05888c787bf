/** The exit codes of every command; docs/configuration.md lists them. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/** What each code means, for the documentation. */
export const EXIT_MEANINGS: Record<keyof typeof EXIT, string> = {
  ok: 'done, or stopped by SIGTERM or SIGINT in good order',
  failed: 'failed while starting or running; the message says why',
  usage: 'the command line or the configuration is wrong; nothing was started',
};
