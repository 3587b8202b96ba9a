import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClientResult, ClientSpec } from '../../protos/control/fault-client.ts';
import { type Certificates, openCertificates } from '../certificates/certificates.ts';
import { runClient } from '../run/run-client.ts';

export type Fixtures = { certificates: Certificates; remove(): void };

/** A fresh set of certificates in a folder of its own. */
export async function openFixtures(): Promise<Fixtures> {
  const parent = mkdtempSync(join(tmpdir(), 'fault-client-'));
  const certificates = await openCertificates(join(parent, 'certs'));
  return { certificates, remove: () => rmSync(parent, { recursive: true, force: true }) };
}

export function runSpec(fixtures: Fixtures, spec: ClientSpec): Promise<ClientResult> {
  return runClient(
    { timeoutMs: 10_000, ...spec },
    { certificates: fixtures.certificates, onSocket: () => {} },
  );
}
