import { atMost, type FuzzTarget, holds, only } from '../../../protos/testing/fuzz-target.ts';
import { LineSplitter } from './line-splitter.ts';

const maxLineBytes = 64;

export const targets: FuzzTarget[] = [
  {
    name: 'record-lines',
    about: 'the lines of a file of records, none kept beyond its limit',
    grammar: 'text',
    sides: ['file'],
    cuts: true,
    words: ['\n', '\r\n', '{"kind":"meta"}', '\xef\xbb\xbf', '\xe2\x82\xac', 'a'.repeat(maxLineBytes)],
    seeds: () => [
      only('{"kind":"meta","event":"start"}\n{"kind":"conn"}\n'),
      only(`${'x'.repeat(maxLineBytes)}\n${'y'.repeat(maxLineBytes + 1)}\nz`),
      only('\n\n\xc3\xa9\xe2\x82\xac\r\ncut'),
    ],
    run(steps) {
      const lines: [string | number, number][] = [];
      let told = 0;
      const splitter = new LineSplitter(maxLineBytes, {
        line: (text, number) => {
          atMost('characters of a line', text.length, maxLineBytes);
          lines.push([text, number]);
        },
        tooLong: (number, bytes) => {
          holds(bytes > maxLineBytes, 'a line told as too long is');
          lines.push([bytes, number]);
        },
      });
      let ends = 0;
      for (const { bytes } of steps) {
        for (const byte of bytes) if (byte === 10) ends++;
        splitter.push(bytes);
      }
      told = lines.length;
      holds(told === ends, 'as many lines as line ends');
      const rest = splitter.end();
      for (const [index, [, number]] of lines.entries())
        holds(number === index + 1, 'lines are numbered from 1');
      return { lines, rest };
    },
  },
];
