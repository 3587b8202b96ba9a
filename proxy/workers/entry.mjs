// A worker process; started by primary.ts only. The cache as in ../bin.mjs: every worker compiles the same sources.
const { enableCompileCache } = await import('node:module');
enableCompileCache();
await import('./worker.ts');
