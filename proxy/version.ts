import { existsSync, readFileSync } from 'node:fs';

/** The package's version, from the nearest package.json above: it is one folder higher in sources than in a build. */
export const version: string = readVersion(new URL('./package.json', import.meta.url));

function readVersion(at: URL): string {
  if (existsSync(at)) return (JSON.parse(readFileSync(at, 'utf8')) as { version: string }).version;
  const above = new URL('../package.json', at);
  if (above.href === at.href) throw new Error('wiretracer: package.json not found above proxy/');
  return readVersion(above);
}
