import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{protos,proxy,fault-server,fault-client,cases,scripts}/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
