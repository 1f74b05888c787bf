import type { TraefikDifference } from './traefik-differences.ts';

/** docs/differences-traefik.md: every difference that a test names. */
export function traefikDocument(differences: Readonly<Record<string, TraefikDifference>>): string {
  const rows = Object.values(differences).map(({ what, traefik }) => `| ${cell(what)} | ${cell(traefik)} |`);
  return `# What Traefik does otherwise than nginx

<!-- Made by scripts/generate-traefik-differences.ts from test/support/traefik-differences.ts. Change that, not this file. -->

The same suites run through nginx with each of its tables and through Traefik. A test that does not hold through Traefik is skipped
there by the name of one of these differences, and mostly has a second one that asserts what Traefik does instead. Whatever is not
listed here is the same; [differences-from-chp.md](differences-from-chp.md) compares nginx with configurable-http-proxy (CHP).

| Asked of the proxy | With Traefik |
|---|---|
${rows.join('\n')}
`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
