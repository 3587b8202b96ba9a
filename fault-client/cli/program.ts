import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { modes, protos } from '../control/check-spec.ts';

/** The command line as commander reads it; `clientSpec` turns it into what --control takes. */
export type CliOptions = {
  proto?: string;
  mode?: string;
  target?: string;
  proxyHost: string;
  proxyPort?: number;
  path?: string;
  method?: string;
  header: string[];
  body?: string;
  bodyBytes?: number;
  cycles?: number;
  concurrency?: number;
  interval?: number;
  idle?: number;
  sni?: string;
  alpn?: string;
  tlsMin?: string;
  tlsMax?: string;
  cert?: string;
  clientCert?: string;
  clientKey?: string;
  ca?: string;
  insecure?: boolean;
  connections?: number;
  plaintext?: boolean;
  proxyHeader?: string;
  proxySrcIp?: string;
  proxyDstIp?: string;
  proxySrcPort?: number;
  proxyDstPort?: number;
  tlv: string[];
  crc32c?: boolean;
  call?: string;
  param: string[];
  deadline?: number;
  fault?: string;
  certs: string;
  bind?: string;
  timeoutMs?: number;
  json?: boolean;
  list?: boolean;
  layer?: string;
  describe?: string;
  control?: boolean;
};

const examples = `
Examples:
  $ npx fault-client --proto h1 localhost:8443
  $ npx fault-client --proto h2 --mode chat --cycles 5 --interval 0.2 localhost:8443
  $ npx fault-client --proto h1 --mode client_rst --path /mode/hang localhost:8443
  $ npx fault-client --proto h2 --proxy-header v2 --proxy-src-ip 198.51.100.20 --tlv 2=6c6f63616c --crc32c localhost:8443
  $ npx fault-client --proto grpc --call large_unary localhost:9101
  $ npx fault-client --proto h1 --cert expired localhost:9443
  $ npx fault-client --fault h2-rapid-reset,n=500 localhost:8443
  $ npx fault-client --fault pp2-crc-bad localhost:8443
  $ npx fault-client --fault tls-garbage,nth=2 --connections 3 localhost:8443
  $ npx fault-client --list --layer tls
  $ npx fault-client --describe tls-stall

A fault accepts any server certificate unless --ca is given.
Exit codes: 0 done and answered (a fault: it reached the peer), 1 an error or a timeout, 2 wrong usage.
`;

/** Throws a CommanderError for a wrong command line; its text has then been shown. */
export function program(argv: string[]): Command {
  return new Command('fault-client')
    .description('A client that misbehaves on request: over HTTP/1.1, HTTP/2, gRPC and raw bytes.')
    .argument('[host:port]', 'where to connect')
    .addOption(new Option('--proto <proto>', 'what to speak').choices(protos))
    .addOption(new Option('--mode <mode>', 'how to behave (default: ok)').choices(modes))
    .option('--target <host:port>', 'the same as an option')
    .option('--proxy-host <host>', 'where to connect, with --proxy-port', '127.0.0.1')
    .option('--proxy-port <port>', 'where to connect', port)
    .option('--path <path>', 'request path (default: /mode/ok)')
    .option('--method <method>', 'request method')
    .option('--header <name:value>', 'a request header; may be repeated', append, [])
    .option('--body <text>', 'request body')
    .option('--body-bytes <n>', 'request body of that many deterministic bytes', wholeNumber)
    .option('--cycles <n>', 'requests one after the other (mode chat)', wholeNumber)
    .option('--concurrency <n>', 'requests at once; over h1 they are pipelined', wholeNumber)
    .option('--interval <seconds>', 'pause between two cycles', decimal)
    .option('--idle <seconds>', 'how long to stay after the answer (mode idle)', decimal)
    .option('--sni <name>', 'server name; empty sends none (default: localhost)')
    .option('--alpn <list>', 'protocols to offer, by commas; empty offers none')
    .option('--tls-min <version>', 'TLSv1, TLSv1.1, TLSv1.2 or TLSv1.3')
    .option('--tls-max <version>', 'TLSv1, TLSv1.1, TLSv1.2 or TLSv1.3')
    .option('--cert <name>', 'good, none, bad, expired, not_yet_valid, wrong_eku, or a fixture name')
    .option('--client-cert <file>', 'client certificate, PEM')
    .option('--client-key <file>', 'its key, PEM')
    .option('--ca <file>', 'CA to verify the server by, PEM; or a fixture name (default: the fixture ca)')
    .option('--insecure', 'accept any server certificate')
    .option('--plaintext', 'no TLS')
    .addOption(
      new Option('--proxy-header <version>', 'PROXY header to send').choices([
        'none',
        'v1',
        'v2',
        'malformed',
      ]),
    )
    .option('--proxy-src-ip <ip>', 'source address in the PROXY header')
    .option('--proxy-dst-ip <ip>', 'destination address in the PROXY header')
    .option('--proxy-src-port <port>', 'source port in the PROXY header', port)
    .option('--proxy-dst-port <port>', 'destination port in the PROXY header', port)
    .option('--tlv <type=hex>', 'a TLV for PROXY v2; may be repeated', append, [])
    .option('--crc32c', 'add a CRC32c TLV')
    .option('--call <name>', 'gRPC call: say_hello, status, or an interop case such as large_unary')
    .option('--param <name=value>', 'a parameter of the gRPC call; may be repeated', append, [])
    .option('--deadline <ms>', 'gRPC deadline', decimal)
    .option('--fault <id[,k=v...]>', 'a fault of --list, with its parameters and limits')
    .option('--connections <n>', 'with --fault: connections one after the other', wholeNumber)
    .option(
      '--certs <dir>',
      'folder of the fixture certificates; made when missing',
      absolute,
      resolve('certs'),
    )
    .option('--bind <ip>', 'source address')
    .option('--timeout-ms <ms>', 'give up after (default: 30000)', wholeNumber)
    .option('--json', 'print everything as JSON: results, --list, --describe')
    .option('--list', 'list the faults')
    .option('--layer <layer>', 'with --list: proxy, tcp, tls, h1, h2 or grpc')
    .option('--describe <id>', 'tell everything about one fault')
    .option('--control', 'read commands from standard input, one JSON object per line')
    .addHelpText('after', examples)
    .configureHelp({ helpWidth: 100 })
    .showHelpAfterError('(--help shows the options)')
    .exitOverride()
    .parse(argv);
}

function append(value: string, list: string[]): string[] {
  return [...list, value];
}

function absolute(value: string): string {
  return resolve(value);
}

function wholeNumber(value: string): number {
  if (!/^\d+$/.test(value)) throw new InvalidArgumentError('a whole number is needed.');
  return Number(value);
}

function decimal(value: string): number {
  if (!/^\d+(\.\d+)?$/.test(value)) throw new InvalidArgumentError('a number is needed.');
  return Number(value);
}

function port(value: string): number {
  const number = wholeNumber(value);
  if (number > 65_535) throw new InvalidArgumentError('a port is at most 65535.');
  return number;
}
