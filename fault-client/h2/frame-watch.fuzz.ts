import {
  encodeData,
  encodeGoaway,
  encodeHeaders,
  encodePing,
  encodeRstStream,
  encodeSettings,
} from '../../protos/h2/frames.ts';
import { atMost, type FuzzTarget, only } from '../../protos/testing/fuzz-target.ts';
import { FrameWatch } from './frame-watch.ts';

export const targets: FuzzTarget[] = [
  {
    name: 'h2-watch',
    about: 'the frames that end streams and connections, as the fault-client sees them',
    grammar: 'h2',
    sides: ['server'],
    cuts: true,
    keepsChunks: true,
    // A GOAWAY is joined for each piece of it, as far as its debug text is kept.
    copiedBytes: (bytes) => (64 + 1041) * bytes + 65_536,
    seeds: () => [
      only(
        Buffer.concat([
          encodeSettings(),
          encodePing(Buffer.alloc(8), true),
          encodeHeaders(1, Buffer.of(0x88)),
        ]),
      ),
      only(Buffer.concat([encodeHeaders(1, Buffer.of(0x88), { endStream: true }), encodeRstStream(3, 8)])),
      only(Buffer.concat([encodeData(1, 'x', { endStream: true }), encodeGoaway(1, 2, 'd'.repeat(1100))])),
    ],
    run(steps) {
      const watch = new FrameWatch();
      let bytes = 0;
      for (const { bytes: chunk } of steps) {
        bytes += chunk.length;
        watch.push(chunk);
      }
      atMost(
        'streams',
        watch.rstCodes.size + watch.headersSeen.size + watch.endedStreams.size,
        (3 * bytes) / 9,
      );
      atMost('debug text', watch.goaway?.debug.length ?? 0, 1024);
      const { goaway, settingsSeen, pingAcks, rstCodes, endedStreams, singleHeaders, headersSeen } = watch;
      return {
        goaway,
        settingsSeen,
        pingAcks,
        rstCodes: [...rstCodes],
        endedStreams: [...endedStreams],
        singleHeaders: [...singleHeaders],
        headersSeen: [...headersSeen],
      };
    },
  },
];
