const UNITS = { B: 1, KB: 1_000, MB: 1_000_000, GB: 1_000_000_000, KiB: 1 << 10, MiB: 1 << 20, GiB: 1 << 30 } as const;

/** Reads `500KB`, `64MB`, `1GiB` as bytes; undefined when the text is none of them. */
export function parseSize(text: string): number | undefined {
  const parts = /^(?<count>\d{1,9})(?<unit>[KMG]i?B|B)$/.exec(text)?.groups;
  return parts === undefined ? undefined : Number(parts.count) * UNITS[parts.unit as keyof typeof UNITS];
}

/** Bytes in the largest unit that keeps them whole: `64MB`. */
export function formatSize(bytes: number): string {
  for (const unit of ['GB', 'MB', 'KB'] as const) {
    if (bytes >= UNITS[unit] && bytes % UNITS[unit] === 0) return `${bytes / UNITS[unit]}${unit}`;
  }
  return `${bytes}B`;
}
