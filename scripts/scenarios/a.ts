/** A: an OpenTelemetry exporter says "export failed", and the collector is alive. */
import { grpcListener, plainListener } from './listeners.ts';
import { startNginx } from './nginx.ts';
import { exportByGrpc, exportByHttp, startGrpcCollector, startHttpCollector } from './otlp.ts';
import { nginx } from './peers.ts';
import type { Scenario } from './types.ts';

export const scenario: Scenario = {
  letter: 'A',
  title: 'an OpenTelemetry exporter says "export failed", and the collector is alive',
  variants: [
    {
      id: 'A.http1-only',
      role: 'symptom',
      title: 'the gRPC exporter in plaintext to an nginx that speaks only HTTP/1.1 (4318 for 4317)',
      needs: [nginx],
      async run(lab) {
        const upstream = await startNginx(lab, {});
        const proxy = await lab.proxy([plainListener('otlp', upstream.port)]);
        lab.say(`the exporter: ${await exportByGrpc(lab, proxy.port('otlp'), false)}`);
      },
    },
    {
      id: 'A.tls-without-h2',
      role: 'symptom',
      title: 'the gRPC exporter to an nginx with TLS and without HTTP/2',
      needs: [nginx],
      async run(lab) {
        const upstream = await startNginx(lab, { listen: 'ssl' });
        const proxy = await lab.proxy([grpcListener(lab, 'otlp', upstream.port)]);
        lab.say(`the exporter: ${await exportByGrpc(lab, proxy.port('otlp'), true)}`);
      },
    },
    {
      id: 'A.h2-not-grpc',
      role: 'symptom',
      title: 'the gRPC exporter to an nginx with HTTP/2 that knows no gRPC',
      needs: [nginx],
      async run(lab) {
        const upstream = await startNginx(lab, {
          listen: 'ssl http2',
          directives: ['location / { return 200 "well\\n"; }'],
        });
        const proxy = await lab.proxy([grpcListener(lab, 'otlp', upstream.port)]);
        lab.say(`the exporter: ${await exportByGrpc(lab, proxy.port('otlp'), true)}`);
      },
    },
    {
      id: 'A.client-cert-required',
      role: 'symptom',
      title: 'the gRPC exporter to an nginx that requires a client certificate',
      needs: [nginx],
      async run(lab) {
        const upstream = await startNginx(lab, {
          listen: 'ssl http2',
          directives: [`ssl_client_certificate ${lab.certs}/ca.crt;`, 'ssl_verify_client on;'],
        });
        const proxy = await lab.proxy([grpcListener(lab, 'otlp', upstream.port)]);
        lab.say(`the exporter: ${await exportByGrpc(lab, proxy.port('otlp'), true)}`);
      },
    },
    {
      id: 'A.untrusted-ca',
      role: 'symptom',
      title: 'a collector whose certificate is of a CA that the proxy does not trust',
      async run(lab) {
        const collector = await startGrpcCollector(lab);
        const untrusting = grpcListener(lab, 'otlp', collector.port, { ca: `${lab.certs}/bad_ca.crt` });
        const proxy = await lab.proxy([untrusting]);
        lab.say(`the exporter: ${await exportByGrpc(lab, proxy.port('otlp'), true)}`);
        lab.check('what the collector received', 0, collector.received());
      },
    },
    {
      id: 'A.grpc-healthy',
      role: 'twin',
      title: 'the gRPC exporter to a collector that takes it',
      async run(lab) {
        const collector = await startGrpcCollector(lab);
        const proxy = await lab.proxy([grpcListener(lab, 'otlp', collector.port)]);
        lab.check('the exporter', 'sent', await exportByGrpc(lab, proxy.port('otlp'), true));
        lab.check('what the collector received', 1, collector.received());
      },
    },
    {
      id: 'A.http-healthy',
      role: 'twin',
      title: 'the HTTP exporter to a collector that takes it',
      async run(lab) {
        const collector = await startHttpCollector(lab);
        const proxy = await lab.proxy([plainListener('otlp', collector.port)]);
        lab.check('the exporter', 'sent', await exportByHttp(proxy.port('otlp')));
        lab.check('what the collector received', 1, collector.received());
      },
    },
    {
      id: 'A.http-refused',
      role: 'look-alike',
      title: 'the HTTP exporter to a port where no collector listens',
      async run(lab) {
        const proxy = await lab.proxy([plainListener('otlp', await lab.port())]);
        lab.say(`the exporter: ${await exportByHttp(proxy.port('otlp'))}`);
      },
    },
  ],
};
