import { fileURLToPath } from 'node:url';
import { loadSync } from '@grpc/proto-loader';
import { expect, test } from 'vitest';

test('the service definitions load from the protos folder', () => {
  const includeDirs = [fileURLToPath(new URL('..', import.meta.url))];
  const loaded = loadSync(['helloworld.proto', 'grpc/testing/test.proto'], { includeDirs });
  const methods = (name: string) => Object.keys(loaded[name]!);
  expect(methods('helloworld.Greeter')).toContain('SayHello');
  expect(methods('grpc.testing.TestService')).toEqual([
    'EmptyCall',
    'UnaryCall',
    'CacheableUnaryCall',
    'StreamingOutputCall',
    'StreamingInputCall',
    'FullDuplexCall',
    'HalfDuplexCall',
    'UnimplementedCall',
  ]);
  expect(methods('grpc.testing.UnimplementedService')).toEqual(['UnimplementedCall']);
});
