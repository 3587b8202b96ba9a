import { createHash } from 'node:crypto';
import { settingName, settings } from '../../../protos/h2/constants.ts';
import type { Field } from '../../../protos/hpack/dynamic-table.ts';
import type { SettingPair } from './settings-state.ts';

/**
 * The fingerprint of wiretracer 1.50: settings of the first SETTINGS frame, lower-case, sorted by name.
 * `windowUpdateBefore` is the increment of a connection WINDOW_UPDATE that came before that frame, which is never legal.
 */
export function h2Fingerprint(
  pairs: readonly SettingPair[],
  windowUpdateBefore: number | null,
): { h2fp: string; profile: string } {
  const values = new Map(pairs.map(([id, value]) => [fingerprintName(id), value]));
  const parts = [...values].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${name}=${value}`);
  if (windowUpdateBefore !== null) parts.push(`conn_wu=${windowUpdateBefore}`);
  const profile = parts.join(';') || 'none';
  return { h2fp: `h2fp1:${createHash('sha256').update(profile).digest('hex').slice(0, 16)}`, profile };
}

/** What Akamai's fingerprint is made of, in wire order, up to the first request. */
export type AkamaiInput = {
  settings: readonly SettingPair[];
  windowUpdate: number | null;
  priorities: readonly string[];
  fields: readonly Field[];
};

/** `SETTINGS|WINDOW_UPDATE|PRIORITY|pseudo-header order`, and its MD5 where the platform has it. */
export function akamaiFingerprint(input: AkamaiInput): { akamai: string; akamai_hash: string | null } {
  const akamai = [
    input.settings.map(([id, value]) => `${id}:${value}`).join(';'),
    input.windowUpdate ?? '00',
    input.priorities.join(',') || '0',
    input.fields.flatMap(([name]) => pseudoLetters[name] ?? []).join(','),
  ].join('|');
  return { akamai, akamai_hash: md5(akamai) };
}

/** Null where the crypto library has no MD5, as under FIPS. */
function md5(text: string): string | null {
  try {
    return createHash('md5').update(text).digest('hex');
  } catch {
    return null;
  }
}

const pseudoLetters: Readonly<Record<string, string>> = {
  ':method': 'm',
  ':authority': 'a',
  ':scheme': 's',
  ':path': 'p',
};

/** 1.50 did not know the name of this one; a new name would change fingerprints people have stored. */
function fingerprintName(id: number): string {
  return id === settings.NO_RFC7540_PRIORITIES ? String(id) : settingName(id).toLowerCase();
}
