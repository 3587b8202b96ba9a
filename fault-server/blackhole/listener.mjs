// Plain JavaScript with nothing to load: this process only listens, tells its port and then blocks its own loop, so
// that the kernel's backlog stays full.
import { createServer } from 'node:net';

const [host, port] = process.argv.slice(2);
const server = createServer();
server.on('error', (error) => process.send(error.message, () => process.exit(1)));
server.listen({ host, port: Number(port), backlog: 1 }, () => {
  const parent = process.ppid;
  const cell = new Int32Array(new SharedArrayBuffer(4));
  // The moment the port is told: another turn of the loop might accept somebody, and leave room in the backlog.
  process.send(server.address().port, () => {
    // Wakes now and then only to end with its parent.
    while (process.ppid === parent) Atomics.wait(cell, 0, 0, 500);
    process.exit(0);
  });
});
