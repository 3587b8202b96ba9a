/** A scenario as a case: real programs around the proxy, started by `scripts/scenarios`, and the finding they must lead to. */
import Type from 'typebox';

const closed = { additionalProperties: false } as const;

export const ScenarioShape = Type.Object(
  {
    tid: Type.String({ pattern: '^[a-z0-9]+(_[a-z0-9]+)*$' }),
    title: Type.String({ minLength: 1 }),
    /** As `npm run scenario` lists it: `A.http1-only`. */
    scenario: Type.String({ pattern: '^[A-L]\\.[a-z0-9-]+$' }),
    expect: Type.Object(
      {
        /** The most likely finding, `id` or `id/variant`; null: none may be found. */
        finding: Type.Union([Type.String({ pattern: '^[a-z0-9-]+(/[a-z0-9-]+)?$' }), Type.Null()]),
      },
      closed,
    ),
  },
  closed,
);

export const ScenarioFile = Type.Object(
  { area: Type.Optional(Type.String()), scenarios: Type.Array(ScenarioShape, { minItems: 1 }) },
  closed,
);

export type ScenarioShape = Type.Static<typeof ScenarioShape>;
export type ScenarioFile = Type.Static<typeof ScenarioFile>;
