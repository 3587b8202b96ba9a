/** What was odd on the wire of RESP; the first group leaves the rest of that side unreadable. */
export type Breach =
  /** A command's `*` is not followed by a number of arguments. */
  | 'bad_argument_count'
  /** An argument does not begin with `$` and its length. */
  | 'bad_argument_length'
  /** An inline command with a quote that is never closed. */
  | 'unbalanced_quotes'
  /** A reply of none of the types of RESP2 and RESP3. */
  | 'bad_reply_type'
  /** A length or a count of a reply is not a number. */
  | 'bad_reply_length'
  /** A reply nested deeper than is followed. */
  | 'reply_too_deep';

export type Anomaly =
  | Breach
  /** A line without an end, over 64 KiB, which Redis refuses too. */
  | 'inline_too_long'
  /** A reply to no command. */
  | 'unsolicited_reply'
  /** More commands without a reply than are followed. */
  | 'too_many_pipelined';
