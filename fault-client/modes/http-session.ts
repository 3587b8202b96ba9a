import type { RequestSpec } from '../../protos/control/fault-client.ts';
import type { Exchange } from '../run/exchange.ts';

/** What the modes need of a protocol: HTTP/1.1, HTTP/2 and emulated gRPC give the same. */
export type HttpSession = {
  /** Start one request. Neither promise rejects: what goes wrong is in the exchange. */
  start(request: RequestSpec, exchange: Exchange): StartedRequest;
  /** The peer has announced that it ends the connection (`Connection: close`). */
  peerWillEnd?(): boolean;
  /** This side says it is done, the protocol's way (GOAWAY where there is one), and sends its FIN. */
  close(): void;
};

export type StartedRequest = {
  /** Every byte of the request is with the kernel. */
  sent: Promise<void>;
  /** The answer is whole, or failed for good. */
  answered: Promise<void>;
};
