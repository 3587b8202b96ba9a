#!/usr/bin/env node
// Plain old JavaScript: it must still parse on a Node too old for the program, and say so in words.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    'wiretracer needs Node 22.18 or newer; this is Node ' +
      process.versions.node +
      ' (' +
      process.execPath +
      ').\nStart it as "npx wiretracer …" where the npm package "node" is installed: "npm ci" brings Node 24 in a checkout,\n' +
      '"npm install node@24" elsewhere. Or install Node from https://nodejs.org.',
  );
  process.exit(2);
}
// Whoever read the output has left, as in "--help | head": end as a program does that gets SIGPIPE. Records have their own sink.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(141);
});
// Half of the start is taking the types out of the sources and compiling them; the cache keeps the outcome.
const { enableCompileCache } = await import('node:module');
enableCompileCache();
await import('./cli.ts');
