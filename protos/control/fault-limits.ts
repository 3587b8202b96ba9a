/**
 * Which connections and requests meet a fault; the rest is served as by a healthy peer. Every limit that is given must
 * hold. Connections are counted from 1 in the order of accepting (server) or opening (client).
 */
import type { Static } from 'typebox';
import { Type } from '../schema/type.ts';

const fromOne = (description: string) => Type.Optional(Type.Integer({ minimum: 1, description }));

/** What chooses a connection. */
const connectionLimits = {
  first: fromOne('only the first N connections'),
  nth: fromOne('only the N-th connection'),
  probability: Type.Optional(
    Type.Number({ minimum: 0, maximum: 1, description: 'each connection with this probability' }),
  ),
  seed: Type.Optional(
    Type.Integer({ minimum: 0, description: 'repeats the choices of probability (default 1)' }),
  ),
};

/** What chooses a request on a chosen connection; of faults that answer requests. */
const requestLimits = {
  tid: Type.Optional(
    Type.String({ minLength: 1, description: 'only the request whose target has tid=TEXT' }),
  ),
  after_bytes: fromOne('only once the peer has sent N bytes above TLS on the connection'),
  after_frames: fromOne('only once the peer has sent N HTTP/2 frames on the connection'),
};

const closed = { additionalProperties: false } as const;

/** The limits of a fault-client: it has connections, and the requests are its own. */
export const ClientLimits = Type.Object(connectionLimits, closed);
export type ClientLimits = Static<typeof ClientLimits>;

/** The limits of a fault-server. */
export const FaultLimits = Type.Object({ ...connectionLimits, ...requestLimits }, closed);
export type FaultLimits = Static<typeof FaultLimits>;

export const limitNames = Object.keys(FaultLimits.properties) as (keyof FaultLimits)[];
export const requestLimitNames = Object.keys(requestLimits) as (keyof typeof requestLimits)[];

/** Whether the n-th connection, from 1, meets the fault. Depends on nothing but its arguments. */
export function choosesConnection(limits: ClientLimits, n: number): boolean {
  if (limits.first !== undefined && n > limits.first) return false;
  if (limits.nth !== undefined && n !== limits.nth) return false;
  return limits.probability === undefined || drawn(limits.seed ?? 1, n) < limits.probability;
}

/** Whether a request that has come whole meets the fault. */
export function choosesRequest(
  limits: FaultLimits,
  request: { path: string; bytes: number; frames: number },
): boolean {
  if (limits.tid !== undefined && tidOf(request.path) !== limits.tid) return false;
  if (limits.after_bytes !== undefined && request.bytes < limits.after_bytes) return false;
  return limits.after_frames === undefined || request.frames >= limits.after_frames;
}

/**
 * `name=value` pairs of a command line, divided into the fault's own parameters and its limits. A `seed` is for both: it
 * makes every random choice of a run repeatable.
 */
export function divideParameters(
  given: Record<string, string>,
  own: readonly string[],
  limits: readonly string[] = limitNames,
): { params: Record<string, string>; only: Record<string, string> } {
  const names = Object.keys(given);
  const isOwn = (name: string) => own.includes(name) || !limits.includes(name);
  const isLimit = (name: string) =>
    limits.includes(name) && (name === 'seed' ? 'probability' in given || !own.includes(name) : !isOwn(name));
  const pick = (chosen: (name: string) => boolean) =>
    Object.fromEntries(names.filter(chosen).map((name) => [name, given[name]!]));
  return { params: pick(isOwn), only: pick(isLimit) };
}

/** The raw value of the first `tid=` query parameter, as the proxy's records have it. */
function tidOf(path: string): string | null {
  return /[?&]tid=([^&#]*)/.exec(path)?.[1] ?? null;
}

/** Between 0 and 1, from a seed and a number: the finalizer of MurmurHash3, which spreads neighbours evenly. */
function drawn(seed: number, n: number): number {
  let hash = Math.imul(seed ^ Math.imul(n, 0x9e37_79b1), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
