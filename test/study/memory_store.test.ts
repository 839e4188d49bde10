// The store in memory does what every store must.

import { describe } from 'vitest';
import { memoryStore } from '../../src/study/memory_store.js';
import { storeConformance } from '../conformance/store.js';

describe('a store in memory', () => {
  storeConformance(() => {
    const store = memoryStore();
    return { open: async () => store };
  });
});
