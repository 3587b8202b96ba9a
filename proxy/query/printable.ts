/** Text of a peer as a terminal may show it: control characters, escape sequences among them, as `\xNN`. */
export function printable(text: string): string {
  return text.replaceAll(
    /[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
