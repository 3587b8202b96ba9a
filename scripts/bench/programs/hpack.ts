/**
 * Header blocks a second of CPU through the decoder: what else the machine does is not in it. Argument: how many. Prints one
 * line of JSON.
 */
import { HpackDecoder } from '../../../protos/hpack/decoder.ts';
import { variedTraffic } from '../load/header-blocks.ts';

const wanted = Number(process.argv[2]);
const connections = variedTraffic(8, 2000);

/** Every connection from its start with a decoder of its own, as often as it takes. */
function varied(count: number): number {
  const started = process.cpuUsage();
  let decoded = 0;
  while (decoded < count) {
    for (const blocks of connections) {
      const decoder = new HpackDecoder();
      for (const block of blocks) decoder.decode(block);
      if (decoder.error !== null)
        throw new Error(`the decoder refused traffic of the encoder: ${decoder.error.kind}`);
      decoded += blocks.length;
    }
  }
  return decoded / secondsSince(started);
}

/** One request's block again and again, once the table holds all its fields. */
function repeated(count: number): number {
  const decoder = new HpackDecoder();
  decoder.decode(connections[0]![0]!);
  const again = repeatable();
  const started = process.cpuUsage();
  let fields = 0;
  for (let n = 0; n < count; n++) fields += decoder.decode(again).fields.length;
  if (decoder.error !== null || fields === 0) throw new Error('the decoder refused a block of indexes');
  return count / secondsSince(started);
}

function secondsSince(started: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1e6;
}

/** Indexes alone: of the static table and of the first entries of the dynamic one. */
function repeatable(): Buffer {
  return Buffer.from([0x82, 0x87, 0xbe, 0xbf, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5]);
}

varied(wanted / 4);
repeated(wanted / 4);
console.log(JSON.stringify({ varied: varied(wanted), repeated: repeated(wanted) }));
