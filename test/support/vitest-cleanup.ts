import { afterAll } from 'vitest';
import { releaseAll } from './cleanup.ts';

// A set-up file of vitest: runs at the start of each test file, in the same module world as the file.
afterAll(releaseAll);
