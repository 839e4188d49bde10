import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Model sessions hold native memory and both cores: files run side by side, but not more than the cores.
    maxWorkers: 2,
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // A condition is waited for as long as a busy machine may need; a test that never meets it fails all the same.
    expect: { poll: { timeout: 60_000 } },
  },
});
