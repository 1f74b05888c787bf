import { describe } from 'vitest';
import { createMemoryStore } from '../../support/memory-store.ts';
import { storeContract } from './contract.ts';

describe('memory store', () => {
  storeContract(async () => createMemoryStore());
});
