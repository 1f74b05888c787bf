// Takes the lock of the folder it is given, says so, and waits to be killed.
import { acquireLock } from '../../../src/store/lock.ts';

acquireLock(process.argv[2] as string);
console.log('locked');
setInterval(() => {}, 1_000);
