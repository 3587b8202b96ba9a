export const smallBytes = 1024;
export const largeBytes = 10 * 1024 * 1024;
/** Of a gRPC message in `latency` and `stream`, without its prefix. */
export const messageBytes = 100;
