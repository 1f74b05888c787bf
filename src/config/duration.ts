const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** Reads `500ms`, `10s`, `2m`, `1h` as milliseconds; undefined when the text is none of them. */
export function parseDuration(text: string): number | undefined {
  const parts = /^(?<count>\d{1,9})(?<unit>ms|s|m|h)$/.exec(text)?.groups;
  return parts === undefined ? undefined : Number(parts.count) * UNITS[parts.unit as keyof typeof UNITS];
}

/** Milliseconds in the largest unit that keeps them whole: `2m`, `1500ms`. */
export function formatDuration(ms: number): string {
  for (const unit of ['h', 'm', 's'] as const) {
    if (ms >= UNITS[unit] && ms % UNITS[unit] === 0) return `${ms / UNITS[unit]}${unit}`;
  }
  return `${ms}ms`;
}
