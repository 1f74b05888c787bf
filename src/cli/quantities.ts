/** A stretch of time for people: `5s ago`, `1h 0m ago`, `3d ago`. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds}s ago`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours}h ${minutes % 60}m ago` : `${Math.floor(hours / 24)}d ago`;
}

/** A number of bytes for people: `17`, `1.2M`. */
export function size(bytes: number | undefined): string | undefined {
  if (bytes === undefined) return undefined;
  let value = bytes;
  for (const unit of ['', 'K', 'M', 'G']) {
    if (value < 1000) return `${value < 10 && unit ? value.toFixed(1) : Math.round(value)}${unit}`;
    value /= 1000;
  }
  return `${Math.round(value)}T`;
}
