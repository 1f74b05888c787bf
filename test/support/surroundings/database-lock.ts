import { startProcess } from '../process.ts';

const SCRIPT = `
  const db = new (require('node:sqlite').DatabaseSync)(process.argv[1]);
  db.exec(process.argv[2] === 'write' ? 'BEGIN IMMEDIATE' : 'BEGIN; SELECT count(*) FROM routes');
  console.log('holds it');
  setInterval(() => {}, 1000);
`;

/** Another program that holds a transaction of an SQLite database, until the function that comes back is called. */
export async function holdDatabase(path: string, kind: 'read' | 'write'): Promise<() => Promise<unknown>> {
  const child = startProcess(process.execPath, ['-e', SCRIPT, path, kind]);
  await child.waitForOutput(/holds it/);
  return () => child.stop('SIGKILL');
}
