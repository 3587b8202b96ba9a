import type { ServerObservation } from '../../protos/control/fault-server.ts';

/** Where observations go: the control channel, or a person's terminal. */
export type Observe = (observation: ServerObservation) => void;

type WithoutSeen<T> = T extends unknown ? Omit<T, 'endpoint' | 'conn' | 'remote' | 'ts'> : never;

/** An observation before its connection signs it. */
export type Observed = WithoutSeen<ServerObservation>;
