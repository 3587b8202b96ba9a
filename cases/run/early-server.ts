import type { ServerObservation } from '../../protos/control/fault-server.ts';
import { freshFolder } from './certificates.ts';
import { type FaultServer, spawnFaultServer } from './fault-server.ts';
import { faultServerCommand } from './own-programs.ts';

/** The fault-server of a run that begins to start before the run is known: it needs nothing of the cases. */
export type EarlyServer = {
  /** Gives it to a run, once; null when it was given away before. */
  take(onObservation: (observation: ServerObservation) => void): Promise<FaultServer> | null;
  /** Ends it where no run took it. */
  discard(): Promise<void>;
};

/**
 * `given`: the command of another fault-server than our own. Why it could not start, whoever takes it is told. Null where the
 * certificates have to be issued first: a run that is refused leaves nothing behind.
 */
export function startServerEarly(given: string | undefined): EarlyServer | null {
  const certificates = freshFolder();
  if (certificates === null) return null;
  let observe: (observation: ServerObservation) => void = () => undefined;
  let isTaken = false;
  const { program, ready } = spawnFaultServer(faultServerCommand(given, certificates), (observation) =>
    observe(observation),
  );
  ready.catch(() => undefined);
  return {
    take: (onObservation) => {
      if (isTaken) return null;
      isTaken = true;
      observe = onObservation;
      return ready;
    },
    discard: async () => {
      if (isTaken) return;
      isTaken = true;
      await program.stop(2000);
    },
  };
}
