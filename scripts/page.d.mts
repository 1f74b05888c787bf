/** Makes the folder anew, with `manifest.json`: the names of its files. */
export function buildPage(outdir: string): Promise<{ script: string; style: string }>;
