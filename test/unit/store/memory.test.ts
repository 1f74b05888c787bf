import { describe } from 'vitest';
import { createMemoryDisk } from '../../support/memory-disk.ts';
import { diskContract } from './contract.ts';

describe('memory disk', () => {
  diskContract(async () => createMemoryDisk());
});
