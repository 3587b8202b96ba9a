import { setImmediate as nextTurn } from 'node:timers/promises';
import grpc from '@grpc/grpc-js';
import type { ClientSpec } from '../../protos/control/fault-client.ts';
import type { Channel } from '../grpc/channel.ts';
import { hostOf } from '../h1/host.ts';
import { closeGraceMs, waitForEnd } from '../modes/finish-connection.ts';
import type { Run } from '../run/run.ts';
import { RunError } from '../run/run-error.ts';
import { nativeCall } from './native-call.ts';
import { openRelay, type Relay } from './relay.ts';

export type NativeChannel = Channel & { relay: Relay };

/** A grpc-js channel through a relay of this run. */
export async function nativeChannel(spec: ClientSpec, run: Run): Promise<NativeChannel> {
  const relay = await openRelay(spec, run);
  const credentials = credentialsOf(spec, run);
  const policy = policies[String(spec.grpc?.params?.service_config)];
  const open = (compression: number): grpc.Client => {
    const client = new grpc.Client(relay.address, credentials, {
      'grpc.default_authority': hostOf(spec),
      ...(spec.tls && { 'grpc.ssl_target_name_override': hostOf(spec) }),
      'grpc.default_compression_algorithm': compression,
      // A subchannel of another run must never be taken over, nor a lost connection be tried again behind our back.
      'grpc.use_local_subchannel_pool': 1,
      'grpc.enable_retries': policy ? 1 : 0,
      ...(policy && { 'grpc.service_config': JSON.stringify({ methodConfig: [{ name: [{}], ...policy }] }) }),
      'grpc.enable_http_proxy': 0,
    });
    run.own({ destroy: () => client.close() });
    return client;
  };
  const plain = open(grpc.compressionAlgorithms.identity);
  let gzip: grpc.Client | null = null;
  return {
    relay,
    seesCompression: false,
    ready: () => whenReady(plain, run),
    goaway: (limitMs) => leftReady(plain, limitMs),
    call: (method, options) => {
      if (!options.gzip) return nativeCall(plain, method, options);
      gzip ??= open(grpc.compressionAlgorithms.gzip);
      return nativeCall(gzip, method, options);
    },
    close: async () => {
      const connection = relay.connection();
      // The library's GOAWAY is ours, though the server may answer it with its FIN before we send one.
      connection?.end.self();
      // A cancelled call's RST_STREAM leaves a turn later; a user who keeps his channel open sends it, and so do we.
      await nextTurn();
      await nextTurn();
      plain.close();
      gzip?.close();
      if (connection) await waitForEnd(connection.end, closeGraceMs);
    },
  };
}

/** grpc/proposal A6: what `params.service_config` may name. */
const policies: Record<string, object | undefined> = {
  retryPolicy: {
    retryPolicy: {
      maxAttempts: 3,
      initialBackoff: '0.01s',
      maxBackoff: '0.01s',
      backoffMultiplier: 1,
      retryableStatusCodes: ['UNAVAILABLE'],
    },
  },
  hedgingPolicy: { hedgingPolicy: { maxAttempts: 2, hedgingDelay: '0.02s' } },
};

/** A failed connection is told at once, not after the library's back-off. */
async function whenReady(client: grpc.Client, run: Run): Promise<void> {
  const channel = client.getChannel();
  for (;;) {
    const state = channel.getConnectivityState(true);
    if (state === grpc.connectivityState.READY) return;
    if (state === grpc.connectivityState.TRANSIENT_FAILURE) throw run.relayError ?? unavailable();
    await new Promise<void>((resolve) => {
      channel.watchConnectivityState(state, Number.POSITIVE_INFINITY, () => resolve());
    });
  }
}

function unavailable(): RunError {
  return new RunError('tls', 'GRPC_UNAVAILABLE', 'grpc-js could not connect');
}

function leftReady(client: grpc.Client, limitMs: number): Promise<boolean> {
  const channel = client.getChannel();
  // A watcher is told of changes to come, not of one that has already been.
  if (channel.getConnectivityState(false) !== grpc.connectivityState.READY) return Promise.resolve(true);
  return new Promise((resolve) => {
    const deadline = Date.now() + limitMs;
    channel.watchConnectivityState(grpc.connectivityState.READY, deadline, (error) =>
      resolve(error === undefined),
    );
  });
}

function credentialsOf(spec: ClientSpec, run: Run): grpc.ChannelCredentials {
  if (!spec.tls) return grpc.credentials.createInsecure();
  const identity = spec.tls.cert === undefined ? null : run.certificates.get(spec.tls.cert);
  return grpc.credentials.createSsl(
    Buffer.from(run.certificates.get(spec.tls.ca ?? 'ca').cert),
    identity && Buffer.from(identity.key),
    identity && Buffer.from(identity.cert),
    { rejectUnauthorized: spec.tls.verify ?? true },
  );
}
