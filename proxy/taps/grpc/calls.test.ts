import { expect, test } from 'vitest';
import { encodeData, encodeRstStream } from '../../../protos/h2/frames.ts';
import { answer, ask, grpcOk, grpcRequest, ok, opened } from '../h2/raw-frames.fixture.ts';

const message = Buffer.from('0000000003616263', 'hex');
const cases: [what: string, frames: Buffer[], expected: object][] = [
  [
    'no grpc-status',
    [answer(1, grpcOk, false), encodeData(1, message, { endStream: true })],
    { grpc_status: null, anomalies: ['grpc_status_missing'] },
  ],
  [
    'a status that is no number',
    [answer(1, [...grpcOk, ['grpc-status', 'abc']])],
    { grpc_status: null, trailers_only: true, anomalies: ['grpc_status_invalid'] },
  ],
  [
    'a status out of range',
    [answer(1, [...grpcOk, ['grpc-status', '99']])],
    { grpc_status: 99, anomalies: ['grpc_status_invalid'] },
  ],
  [
    'a broken percent-encoding',
    [answer(1, [...grpcOk, ['grpc-status', '2'], ['grpc-message', 'a%ZZ%20']])],
    { grpc_message: 'a%ZZ ', anomalies: [] },
  ],
  [
    'a bad flag',
    [
      answer(1, grpcOk, false),
      encodeData(1, Buffer.from('0200000000', 'hex')),
      answer(1, [['grpc-status', '0']]),
    ],
    { grpc_response_messages: 1, anomalies: ['grpc_bad_flag'] },
  ],
  [
    'a cut message',
    [
      answer(1, grpcOk, false),
      encodeData(1, Buffer.from('000000006461', 'hex')),
      answer(1, [['grpc-status', '0']]),
    ],
    { grpc_response_messages: 0, anomalies: ['grpc_truncated_message'] },
  ],
  [
    'a compressed message without encoding',
    [
      answer(1, grpcOk, false),
      encodeData(1, Buffer.from('0100000000', 'hex')),
      answer(1, [['grpc-status', '0']]),
    ],
    { anomalies: ['grpc_compressed_without_encoding'] },
  ],
  [
    'HTML',
    [answer(1, [...ok, ['content-type', 'text/html']], false), encodeData(1, '<html>', { endStream: true })],
    { grpc_response_messages: 0, anomalies: ['grpc_status_missing', 'grpc_bad_content_type'] },
  ],
];
test.each(cases)('an answer with %s', (_what, frames, expected) => {
  const { client, server, events } = opened();
  client(ask(1, grpcRequest, false), encodeData(1, message, { endStream: true }));
  server(...frames);
  expect(events).toHaveLength(1);
  const { anomalies, ...rest } = events[0]!;
  expect({ ...rest, anomalies: [...anomalies].sort() }).toMatchObject(
    'anomalies' in expected
      ? { ...expected, anomalies: [...(expected.anomalies as string[])].sort() }
      : expected,
  );
  expect(events[0]).toMatchObject({ protocol: 'grpc', grpc_request_messages: 1, error: null });
});

test('messages of a grpc-web answer cannot be told, whatever the request was', () => {
  const { client, server, events } = opened();
  client(ask(1, grpcRequest, false), encodeData(1, message, { endStream: true }));
  server(
    answer(1, [...ok, ['content-type', 'application/grpc-web']], false),
    encodeData(1, message, { endStream: true }),
  );
  expect(events[0]).toMatchObject({ grpc_request_messages: 1, grpc_response_messages: null });
});

test('a message cut by END_STREAM of the client', () => {
  const { client, server, events } = opened();
  client(ask(1, grpcRequest, false), encodeData(1, message.subarray(0, 6), { endStream: true }));
  server(answer(1, [...grpcOk, ['grpc-status', '13']]));
  expect(events[0]).toMatchObject({
    grpc_request_messages: 0,
    grpc_status: 13,
    anomalies: ['grpc_truncated_message'],
  });
});

test('early trailers and then RST_STREAM NO_ERROR are a success', () => {
  const { client, server, events, tap } = opened();
  client(ask(1, grpcRequest, false), encodeData(1, message));
  server(answer(1, [...grpcOk, ['grpc-status', '7']]));
  expect(tap.state()).toMatchObject({ openExchanges: 0, phase: 'idle' });
  server(encodeRstStream(1, 0));
  expect(events[0]).toMatchObject({
    grpc_status: 7,
    error: null,
    cause: null,
    error_code: 0,
    anomalies: ['request_unfinished'],
  });
});
