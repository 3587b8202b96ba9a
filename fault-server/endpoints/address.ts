/** `ip:port`, IPv6 in brackets, an IPv4-mapped address as the IPv4 one it is. */
export function hostPort(address: string, port: number): string {
  const plain = address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
  return plain.includes(':') ? `[${plain}]:${port}` : `${plain}:${port}`;
}
