// Takes the lock of the folder it is given, says so, and waits to be killed.
import { acquireLock } from '../../../src/store/lock.ts';

const lock = acquireLock(process.argv[2] as string);
console.log('locked');
// Who lets go of a lock loses it: its database is closed with the garbage.
setInterval(() => lock, 1_000);
