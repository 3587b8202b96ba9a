/**
 * What `wiretracer diagnose --json` prints: one JSON object, or with `--follow` one per line for each finding that is new or
 * has grown. Every key is always present; what is unknown or does not apply is null (or empty). Times are epoch seconds.
 */
import Type from 'typebox';

const open = { additionalProperties: false } as const;
const text = Type.String();
const maybeText = Type.Union([Type.String(), Type.Null()]);
const count = Type.Integer({ minimum: 0 });
const line = Type.Integer({ minimum: 1 });
const maybeTime = Type.Union([Type.Number(), Type.Null()]);

/** A record that proves something: its `id` (null in text that is no record) and its line, and the fields that matter. */
export const Evidence = Type.Object(
  {
    record: maybeText,
    line,
    kind: text,
    /** By the record's own names, dots for what is nested: `tls.alpn`, `request.path`. */
    fields: Type.Record(text, Type.Unknown()),
    says: text,
  },
  open,
);

/** Another explanation, and the record that speaks against it; null when the absence of any record does. */
export const RuledOut = Type.Object(
  { what: text, says: text, record: maybeText, line: Type.Union([line, Type.Null()]) },
  open,
);

/** One thing to do: in words, and as the line or command to use where there is one. */
export const NextStep = Type.Object({ do: text, config: maybeText, command: maybeText }, open);

const counted = Type.Object({ value: text, count }, open);

/** How much one property of the clients explains: `failures` of `of_failures` have it, `successes` of `of_successes`. */
export const Group = Type.Object(
  {
    dimension: Type.Enum(['client_ip', 'issuer', 'subject', 'ja4', 'sni', 'tls_version', 'alpn']),
    value: text,
    failures: count,
    of_failures: count,
    successes: count,
    of_successes: count,
  },
  open,
);

export const Finding = Type.Object(
  {
    /** Stable kebab-case word of a rule, and which of its ways; both are in the table of the README. */
    id: text,
    variant: maybeText,
    /** `note`: nothing is wrong, though it may look so. Never counted as a finding. */
    severity: Type.Enum(['finding', 'note']),
    /** `proof`: records leave no other reading; `strong`: another is unlikely; `hint`: look here first. */
    certainty: Type.Enum(['proof', 'strong', 'hint']),
    /** What findings are sorted by, greatest first. */
    score: Type.Number(),
    /** What is wrong, in one sentence, with names. */
    title: text,
    cause: text,
    /** How often: `count` of the `of` connections or exchanges that took the same way. */
    unit: Type.Enum(['connections', 'exchanges', 'lines']),
    count,
    of: count,
    since: maybeTime,
    until: maybeTime,
    /** For whom, most often first; `more_clients` were not kept apart. */
    clients: Type.Array(counted),
    more_clients: count,
    listeners: Type.Array(counted),
    upstreams: Type.Array(counted),
    evidence: Type.Array(Evidence),
    ruled_out: Type.Array(RuledOut),
    next: Type.Array(NextStep),
    /** Other findings this one is easily taken for, and what would be different. */
    look_alikes: Type.Array(Type.Object({ id: text, differs: text }, open)),
    group: Type.Union([Group, Type.Null()]),
  },
  open,
);

export const Diagnosis = Type.Object(
  {
    schema: Type.Literal('wiretracer-findings/1'),
    version: text,
    input: Type.Object(
      {
        files: Type.Array(text),
        lines: count,
        records: count,
        /** Records as wiretracer 1.50 writes them. */
        old_records: count,
        kinds: Type.Record(text, count),
        /** Numbers of `seq` that no line has. */
        missing_records: count,
        problems: Type.Array(
          Type.Object(
            {
              kind: text,
              lines: count,
              first: Type.Array(Type.Object({ file: text, line, text }, open)),
            },
            open,
          ),
        ),
      },
      open,
    ),
    connections: count,
    exchanges: count,
    findings: Type.Array(Finding),
    /** With `--notes` or `--explain`, else empty. */
    notes: Type.Array(Finding),
  },
  open,
);

export type Evidence = Type.Static<typeof Evidence>;
export type RuledOut = Type.Static<typeof RuledOut>;
export type NextStep = Type.Static<typeof NextStep>;
export type Group = Type.Static<typeof Group>;
export type Finding = Type.Static<typeof Finding>;
export type Diagnosis = Type.Static<typeof Diagnosis>;
