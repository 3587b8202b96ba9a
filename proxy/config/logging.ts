import type { Section } from './section.ts';
import type { ListenerConfig } from './types.ts';
import { readFlag, readList, readNumber, readText } from './values.ts';

/** What 1.50 captured at most of a body, whatever the file asked for. */
const BODY_CAP_BYTES = 10 * 1024 * 1024;
const REDACTED_HEADERS = ['authorization', 'cookie', 'x-api-key'];

export function readLogging(section: Section | null): {
  logging: ListenerConfig['logging'];
  jsonlPath: string | null;
} {
  if (section === null) {
    const logging = {
      logHeaders: true,
      logBody: false,
      bodyMaxBytes: BODY_CAP_BYTES,
      redactHeaders: REDACTED_HEADERS,
      redactQuery: [],
      sampleRate: 1,
      h2ControlEvents: false,
    };
    return { logging, jsonlPath: null };
  }
  return {
    jsonlPath: readText(section, 'jsonl_path'),
    logging: {
      logHeaders: readFlag(section, 'log_headers', true),
      logBody: readFlag(section, 'log_body', false),
      bodyMaxBytes: readBodyMaxBytes(section),
      redactHeaders: readNames(section, 'redact_headers') ?? REDACTED_HEADERS,
      redactQuery: readNames(section, 'redact_query') ?? [],
      sampleRate: readNumber(section, 'sample_rate', { byDefault: 1, min: 0, max: 1 }),
      h2ControlEvents: readFlag(section, 'h2_control_events', false),
    },
  };
}

function readBodyMaxBytes(section: Section): number {
  const bytes = readNumber(section, 'body_max_bytes', {
    byDefault: 0,
    min: Number.MIN_SAFE_INTEGER,
    max: Number.MAX_SAFE_INTEGER,
    whole: true,
  });
  return bytes === 0 ? BODY_CAP_BYTES : Math.max(-1, Math.min(bytes, BODY_CAP_BYTES));
}

const readNames = (section: Section, key: string): string[] | null =>
  readList(section, key)?.map(({ text }) => text.toLowerCase()) ?? null;
