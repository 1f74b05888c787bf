import { Worker } from 'node:worker_threads';

const WORK = `
  const { DatabaseSync } = require('node:sqlite');
  const db = new DatabaseSync(require('node:worker_threads').workerData);
  db.exec('PRAGMA wal_checkpoint(PASSIVE)');
  db.close();
`;

/**
 * Moves what is in the write-ahead log into the database, in another thread: of 100,000 rows that takes long. Where it can't be done now
 * (another program uses the database), SQLite does it with a later commit.
 */
export function checkpointAside(path: string): Promise<void> {
  return new Promise((resolve) => {
    // The main thread has said already that node:sqlite is experimental.
    const worker = new Worker(WORK, { eval: true, workerData: path, env: { NODE_NO_WARNINGS: '1' } });
    worker.on('error', () => {});
    worker.on('exit', () => resolve());
  });
}
