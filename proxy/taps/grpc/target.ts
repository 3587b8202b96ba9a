/** Service and method of `/package.Service/Method`; a query, which gRPC does not have but tests add, is no part of the method. */
export function grpcTarget(path: string | null): { service: string | null; method: string | null } {
  if (path === null || !path.startsWith('/')) return { service: null, method: null };
  const query = path.indexOf('?');
  const target = query < 0 ? path : path.slice(0, query);
  const slash = target.indexOf('/', 1);
  if (slash < 0) return { service: target.slice(1) || null, method: null };
  return { service: target.slice(1, slash) || null, method: target.slice(slash + 1) || null };
}
