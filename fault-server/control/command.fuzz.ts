// Loaded when a first wrong parameter wants words: a cost of the program, not of one input.
import 'typebox/value';
import { EventEmitter } from 'node:events';
import type { Readable } from 'node:stream';
import { atMost, type FuzzTarget, holds, only } from '../../protos/testing/fuzz-target.ts';
import { faultLimits, faultParams } from '../faults/params.ts';
import { faults, findFault } from '../faults/registry.ts';
import { parseCommand, wrongSpec } from './command.ts';
import { readLines } from './lines.ts';

const fault = faults[0]!.id;
const lines = [
  { id: 1, cmd: 'open', endpoint: { name: 'a', kind: 'http', tls: { cert: 'server' } } },
  {
    id: 2,
    cmd: 'open',
    endpoint: { name: 'b', kind: 'raw', fault: { id: fault, params: {}, only: { first: 1 } } },
  },
  {
    id: 3,
    cmd: 'open',
    endpoint: { name: 'c', kind: 'raw', fault: { id: 'tls-alert', params: { code: 40 } } },
  },
  { id: 4, cmd: 'close', name: 'a' },
  { id: 5, cmd: 'ping' },
];

export const targets: FuzzTarget[] = [
  {
    name: 'control-lines',
    about: 'the lines that steer the fault-server, down to the fault they ask for',
    grammar: 'text',
    sides: ['suite'],
    cuts: true,
    words: [
      'null',
      'true',
      '0',
      '-1',
      '1e999',
      '""',
      '[]',
      '{}',
      '"fault":',
      '"params":',
      '"only":',
      '"__proto__":',
      '"nth":',
      '"probability":',
      '"seed":',
      '\n',
      '\r\n',
      '\xe2\x82\xac',
    ],
    seeds: () => [
      only(lines.map((line) => `${JSON.stringify(line)}\n`).join('')),
      only('\n\n{"id":1,"cmd":"ping"}\r\nnot JSON\n[]\n"\xc3\xa9"\n{"id":2'),
    ],
    run(steps) {
      const stream = new EventEmitter();
      const answers: string[] = [];
      void readLines(stream as unknown as Readable, (line) => answers.push(answer(line)));
      let bytes = 0;
      for (const { bytes: chunk } of steps) {
        bytes += chunk.length;
        stream.emit('data', chunk);
      }
      stream.emit('end');
      atMost('lines', answers.length, bytes);
      return answers;
    },
  },
];

function answer(line: string): string {
  const command = parseCommand(line);
  if (typeof command === 'string') return command;
  if (command.cmd !== 'open') return JSON.stringify(command.cmd) ?? 'no command';
  const wrong = wrongSpec(command.endpoint);
  if (wrong !== null) return wrong;
  const asked = command.endpoint.fault;
  if (!asked) return 'open';
  try {
    const found = findFault(asked.id);
    faultParams(found, asked.params);
    faultLimits(found, asked.only);
    return `open ${found.id}`;
  } catch (error) {
    // Refusing is its task; falling over the shape of what was asked is not.
    const refused = error instanceof Error && !/^(?:Type|Range|Reference|Syntax)Error$/.test(error.name);
    if (!refused) throw error;
    holds(error.message !== '', 'a refusal has words');
    return error.message;
  }
}
