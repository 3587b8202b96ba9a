#!/usr/bin/env node
// Plain old JavaScript: it must still parse on a Node too old for the program, and say so in words.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    'wiretracer needs Node 22.18 or newer; this is Node ' +
      process.versions.node +
      ' (' +
      process.execPath +
      ').\nRun it as "npx wiretracer …" or by an npm script: the project brings its own Node 24 with "npm ci".',
  );
  process.exit(2);
}
await import('./cli.ts');
