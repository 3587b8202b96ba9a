import type {
  ServerDuplexStream,
  ServerReadableStream,
  ServerUnaryCall,
  ServerWritableStream,
  sendUnaryData,
  status,
} from '@grpc/grpc-js';

type Request = { name: string };
type Reply = { message: string };

/**
 * helloworld.Greeter. A name `status:<code>[:<message>]` ends the call with that status instead of a greeting.
 */
export const greeter = {
  SayHello: (call: ServerUnaryCall<Request, Reply>, reply: sendUnaryData<Reply>) =>
    reply(asked(call.request.name), { message: `Hello ${call.request.name}` }),
  SayHelloStreamReply: (call: ServerWritableStream<Request, Reply>) => {
    const error = asked(call.request.name);
    if (error) return void call.emit('error', error);
    for (let i = 1; i <= 3; i++) call.write({ message: `Hello ${call.request.name} ${i}` });
    call.end();
  },
  SayHelloClientStream: (call: ServerReadableStream<Request, Reply>, reply: sendUnaryData<Reply>) => {
    const names: string[] = [];
    call.on('data', ({ name }: Request) => names.push(name));
    call.on('end', () => reply(asked(names[0] ?? ''), { message: `Hello ${names.join(', ')}` }));
  },
  SayHelloBidiStream: (call: ServerDuplexStream<Request, Reply>) => {
    call.on('data', ({ name }: Request) => {
      const error = asked(name);
      if (error) call.emit('error', error);
      else call.write({ message: `Hello ${name}` });
    });
    call.on('end', () => call.end());
  },
};

function asked(name: string): { code: status; details: string } | null {
  const [, code, details = ''] = /^status:(\d{1,2})(?::(.*))?$/s.exec(name) ?? [];
  return code === undefined || code === '0' ? null : { code: Number(code), details };
}
