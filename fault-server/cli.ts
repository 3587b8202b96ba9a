import { Command, CommanderError, Option } from 'commander';
import { writtenTogether } from '../protos/control/written-together.ts';
import { ensureCertificates } from './certificates.ts';
import { describeFault, listFaults } from './cli/catalogue.ts';
import { endpointsOf, faultCollector, portOption } from './cli/endpoint-options.ts';
import { serve } from './cli/serve.ts';
import { control } from './control/control.ts';
import { identitiesIn } from './endpoints/identities.ts';

const program = new Command('fault-server')
  .description('An upstream that misbehaves on request, and reports what reached it.')
  .configureHelp({ sortOptions: false })
  .exitOverride()
  .optionsGroup('Endpoints (PORT 0 takes a free one; each may be given more than once):')
  .addOption(portOption('--plain <port>', 'HTTP/1.1 and HTTP/2 (prior knowledge) without TLS'))
  .addOption(portOption('--h2c <port>', 'the same as --plain, under the name h2c'))
  .addOption(portOption('--tls <port>', 'HTTP/1.1 and HTTP/2 by ALPN over TLS'))
  .addOption(portOption('--mtls <port>', 'as --tls, and a client certificate of the fixture CA is required'))
  .addOption(
    portOption('--grpc <port>', 'native gRPC without TLS: helloworld.Greeter, grpc.testing.TestService'),
  )
  .addOption(portOption('--grpc-tls <port>', 'native gRPC over TLS'))
  .optionsGroup('Faults:')
  .addOption(
    new Option(
      '--fault <id[,name=value...]>',
      'an endpoint whose connections meet this fault; parameters and limits by commas',
    ).argParser(faultCollector),
  )
  .addOption(portOption('--port <port>', 'port of the --fault at the same place, default 0'))
  .option(
    '--with-tls',
    'the endpoints of --fault take TLS alone (default: TLS or plaintext, by the first byte)',
  )
  .option('--without-tls', 'the endpoints of --fault take plaintext alone')
  .option('--list', 'list the faults, grouped by layer')
  .option('--layer <layer>', 'only the faults of this layer: tcp, tls, h1, h2, grpc')
  .option('--describe <id>', 'what a fault does, its parameters and limits, what a peer must see')
  .optionsGroup('General:')
  .option('--host <address>', 'address to listen on', '127.0.0.1')
  .option('--cert <name>', 'certificate of the TLS endpoints, such as server_expired', 'server')
  .option('--certs <dir>', 'directory of certificates, made with fixtures when missing', './certs')
  .option('--verbose', 'a line for everything that --fault endpoints observe, not one for each connection')
  .option('--json', 'print JSON: the catalogue as an array, observations and outcomes as lines')
  .option('--control', 'serve the line protocol of protos/control/fault-server.ts on stdin and stdout')
  .addHelpText('after', examples());

process.exitCode = await main();

async function main(): Promise<number> {
  try {
    program.parse();
    return await run(program.opts());
  } catch (error) {
    // Commander has said its piece already; --help and --version end in code 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    process.stderr.write(`fault-server: ${(error as Error).message}\n`);
    return 2;
  }
}

type Options = Parameters<typeof endpointsOf>[0] & {
  list?: boolean;
  layer?: string;
  describe?: string;
  certs: string;
  json?: boolean;
  verbose?: boolean;
  control?: boolean;
};

async function run(options: Options): Promise<number> {
  const print = (text: string) => process.stdout.write(text);
  if (options.describe !== undefined) {
    print(describeFault(options.describe, options.json ?? false));
    return 0;
  }
  if (options.list || options.layer !== undefined) {
    print(listFaults(options.layer, options.json ?? false));
    return 0;
  }
  if (options.control) {
    await ensureCertificates(options.certs);
    process.on('exit', () => process.stdout.uncork());
    await control(process.stdin, writtenTogether(process.stdout, setImmediate), identitiesIn(options.certs));
    // Endpoints are closed; what is left are sockets of peers that do not read.
    process.exit(0);
  }
  const endpoints = endpointsOf(options);
  if (endpoints.length === 0) {
    program.outputHelp({ error: true });
    return 2;
  }
  if (await ensureCertificates(options.certs)) {
    process.stderr.write(`fault-server: made fixture certificates in ${options.certs}\n`);
  }
  const style = options.json ? 'json' : options.verbose ? 'verbose' : 'short';
  await serve(endpoints, identitiesIn(options.certs), print, style);
  return 0;
}

function examples(): string {
  return `
Examples:
  fault-server --plain 18480 --mtls 29443 --grpc-tls 50052
  fault-server --fault h2-srv-goaway,code=11,debug=too_many_pings --port 8443
  fault-server --fault h1-rst,nth=3 --port 8080          only the third connection; --describe shows the limits
  fault-server --tls 8443 --cert server_expired
  curl 'http://127.0.0.1:18480/mode/ok?expect_proxy=none'
  fault-server --list --layer h2

Paths of the HTTP endpoints:
  /mode/ok  /mode/hang?t=  /mode/close_early  /mode/truncate  /mode/rst  /mode/sleep_headers?t=
  /bytes/N?seed=S&chunked=1&trailers=1  /echo  /sink  /status/N  /trailers  /informational/103
  /no-content  /not-modified  /eof-delimited  /upgrade  /close  /cookies  /headers  /push
  each with expect_proxy=none|v1|v2: 500 when another PROXY header came
`;
}
