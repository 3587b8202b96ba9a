import { rules } from './rules/index.ts';

/** What each rule recognises: for people, or as JSON for whoever makes documents of it. */
export function ruleList(json: boolean): string {
  if (!json) return rules.map(({ id, looksFor }) => `${id.padEnd(34)} ${looksFor}`).join('\n');
  const listed = rules.map(
    ({ id, severity, certainty, looksFor, evidence, cause, advice, variants, lookAlikes }) => ({
      id,
      severity: severity ?? 'finding',
      certainty,
      looks_for: looksFor,
      evidence,
      cause,
      advice,
      variants: variants ?? {},
      look_alikes: lookAlikes,
    }),
  );
  return JSON.stringify(listed, null, 2);
}
