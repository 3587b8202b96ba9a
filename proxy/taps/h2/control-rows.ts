import { errorCodeName } from '../../../protos/h2/constants.ts';
import type { ConnectionContext } from '../../connection/context.ts';
import type { H2ctlFields } from '../../records/log.ts';
import type { Side } from '../tap.ts';

/** Writes h2ctl rows, or nothing where the listener does not ask for them. */
export type ControlRows = {
  readonly enabled: boolean;
  row(
    from: Side,
    event: H2ctlFields['h2_event'],
    streamId: number | null,
    details: Record<string, unknown>,
    errorCode?: number,
  ): void;
};

export function createControlRows(context: ConnectionContext): ControlRows {
  if (!context.listener.logging.h2ControlEvents) return { enabled: false, row: () => {} };
  return {
    enabled: true,
    row: (from, event, streamId, details, errorCode) =>
      context.log.h2ctl(context, {
        direction: from === 'client' ? 'downstream' : 'upstream',
        h2_event: event,
        stream_id: streamId,
        details,
        error_code_name: errorCode === undefined ? null : errorCodeName(errorCode),
      }),
  };
}
