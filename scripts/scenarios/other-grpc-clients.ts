/** The same call by grpcio of Python and by grpcurl, where they are installed. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runChild } from '../bench/children.ts';
import { helloProto } from './grpc-calls.ts';
import type { Lab } from './lab.ts';
import { grpcurlPath, pythonGrpc } from './peers.ts';

const pythonClient = fileURLToPath(new URL('./d-client.py', import.meta.url));
const anyExit = Array.from({ length: 256 }, (_, code) => code);

/** One line for each client that is here: its name and what it says. */
export async function greetByOthers(lab: Lab, port: number, deadlineMs: number): Promise<string[]> {
  const seconds = String(deadlineMs / 1000);
  const ca = `${lab.certs}/ca.crt`;
  const runs: Promise<string>[] = [];
  if (pythonGrpc.present())
    runs.push(
      runChild('/usr/bin/python3', [pythonClient, String(port), ca, seconds]).then(
        (code) => `grpcio: ${code}`,
      ),
    );
  const grpcurl = grpcurlPath();
  if (grpcurl !== null) {
    const proto = ['-import-path', dirname(helloProto), '-proto', 'helloworld.proto'];
    const call = ['-d', '{"name":"story"}', `localhost:${port}`, 'helloworld.Greeter/SayHello'];
    const args = ['-cacert', ca, '-max-time', seconds, '-connect-timeout', seconds, ...proto, ...call];
    // It says what went wrong on standard error, which runChild gives of a failed program alone.
    runs.push(runChild(grpcurl, args, {}, anyExit).then((said) => `grpcurl: ${said.trim() || 'failed'}`));
  }
  return (await Promise.all(runs)).map((line) => line.trim().split('\n')[0]!);
}
