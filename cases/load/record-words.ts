import { causes } from '../../protos/records/causes.ts';
import { ConnRecord, EventRecord, H2ctlRecord, TlsRecord } from '../../protos/records/records.ts';
import { isObject } from '../json.ts';

const kinds = { conn: ConnRecord, tls: TlsRecord, event: EventRecord, h2ctl: H2ctlRecord };
/** What a rule says besides its pattern. */
const ruleKeys = new Set(['as', 'count', 'after', 'before', 'within', 'client']);

/**
 * Finds words no record can have, so that a misspelled guard is an error and not a guard that never strikes: kinds, keys of
 * the kind, enumerated values, causes and terms. Only literals are judged; what an operator says is its own affair.
 */
export function wrongWords(rule: unknown, path: string): { path: string; text: string }[] {
  if (!isObject(rule)) return [];
  const kind = rule.kind;
  if (typeof kind === 'string' && !(kind in kinds)) {
    return [
      { path: `${path}/kind`, text: `no record is of kind ${kind}; write ${Object.keys(kinds).join(', ')}` },
    ];
  }
  const schemas = typeof kind === 'string' ? [kinds[kind as keyof typeof kinds]] : Object.values(kinds);
  const wrong: { path: string; text: string }[] = [];
  for (const [key, value] of Object.entries(rule)) {
    if (ruleKeys.has(key) || key.startsWith('$')) continue;
    const properties = schemas.flatMap(
      (schema) => (schema.properties as Record<string, Property>)[key] ?? [],
    );
    const at = `${path}/${key}`;
    if (properties.length === 0) {
      wrong.push({
        path: at,
        text: `no ${typeof kind === 'string' ? kind : ''} record has the key ${key}`.replace('  ', ' '),
      });
    } else if (typeof value === 'string') {
      const text = wrongValue(key, value, properties);
      if (text !== null) wrong.push({ path: at, text });
    }
  }
  return wrong;
}

type Property = { enum?: string[]; anyOf?: Property[] };

function wrongValue(key: string, value: string, properties: Property[]): string | null {
  if (key === 'cause' && !(value.split(':')[0]! in causes)) {
    return `no cause is called ${value}; the words are in protos/records/causes.ts`;
  }
  if (key === 'term' && !/^[CSPRIKcspTt-][RQCHD-]$/.test(value)) {
    return `no term is ${value}; write two letters of the model in protos/records/causes.ts`;
  }
  const words = properties.map(
    (property) => property.enum ?? property.anyOf?.flatMap((part) => part.enum ?? []) ?? [],
  );
  if (words.some((list) => list.length === 0) || words.flat().includes(value)) return null;
  return `${key} is never ${value}; write ${words.flat().join(', ')}`;
}
