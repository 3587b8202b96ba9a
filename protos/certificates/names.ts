/** Every fixture by name; `fixtures.ts` issues them. `ca` has a CRL beside it, `ca.crl`. */
export const fixtureNames = [
  'ca',
  'bad_ca',
  'server',
  'server_expired',
  'server_not_yet_valid',
  'server_wrong_host',
  'server_wrong_eku',
  'server_untrusted',
  'server_self_signed',
  'server_self_signed_chain',
  'server_chain',
  'server_reversed_chain',
  'server_missing_intermediate',
  'server_expired_intermediate',
  'server_revoked',
  'server_bad_signature',
  'server_sha1',
  'server_rsa',
  'server_rsa_1024',
  'server_p384',
  'server_no_subject',
  'server_no_cn',
  'server_1000_names',
  'client',
  'bad_client',
  'client_expired',
  'client_not_yet_valid',
  'client_wrong_eku',
  'client_self_signed',
  'client_missing_intermediate',
  'client_revoked',
  'client_bad_signature',
] as const;

export type FixtureName = (typeof fixtureNames)[number];
/** PEM text; `cert` may be a chain, leaf first. `crl` is what `ca` has revoked. */
export type Fixture = { cert: string; key: string; crl?: string };
