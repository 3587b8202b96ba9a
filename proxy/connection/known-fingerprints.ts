import type { ClientHello } from '../../protos/tls/client-hello.ts';
import { fingerprintClientHello } from '../../protos/tls/fingerprints.ts';

const MAX_KNOWN = 256;
/** A hello written out; a browser's is under 1,000 characters. */
const MAX_KEY_LENGTH = 4096;

const known = new Map<string, Readonly<Record<string, string>>>();

/** The fingerprints of a hello. Clients say the same hello for every connection, and to hash one costs more than to look it up. */
export function fingerprintsOf(hello: ClientHello): Readonly<Record<string, string>> {
  // All that a fingerprint can depend on: what differs between two connections of one client was not parsed.
  const key = JSON.stringify(hello);
  const found = known.get(key);
  if (found !== undefined) return found;
  const fresh = Object.freeze(fingerprintClientHello(hello));
  if (key.length > MAX_KEY_LENGTH) return fresh;
  if (known.size >= MAX_KNOWN) known.delete(known.keys().next().value!);
  known.set(key, fresh);
  return fresh;
}
