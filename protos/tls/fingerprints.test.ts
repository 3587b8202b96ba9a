import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ClientHello } from './client-hello.ts';
import { fingerprintClientHello } from './fingerprints.ts';

const SNI = 0x0000;
const ALPN = 0x0010;

const hex = (list: string) => (list === '' ? [] : list.split(',').map((word) => Number.parseInt(word, 16)));

function hello(fields: Partial<ClientHello>): ClientHello {
  return {
    legacyVersion: 0x0303,
    supportedVersions: [],
    sessionIdLength: 0,
    ciphers: [],
    compressionMethods: [0],
    extensions: [],
    sni: null,
    alpn: [],
    groups: [],
    pointFormats: [],
    signatureAlgorithms: [],
    echLength: null,
    esniLegacy: false,
    malformedExtensions: [],
    ...fields,
  };
}

const chromeCiphers = '1301,1302,1303,c02b,c02f,c02c,c030,cca9,cca8,c013,c014,009c,009d,002f,0035';
const chromeExtensions = '001b,0000,0033,0010,4469,0017,002d,000d,0005,0023,0012,002b,ff01,000b,000a,0015';
const chromeSignatures = '0403,0804,0401,0503,0805,0501,0806,0601';

/** From FoxIO's technical_details/JA4.md and the repository's test data. */
const vectors: { name: string; hello: ClientHello; ja4: string; ja4_r?: string; ja4_o?: string }[] = [
  {
    name: 'Chrome, TLS 1.3 and h2',
    hello: hello({
      supportedVersions: [0x0304, 0x0303],
      ciphers: hex(chromeCiphers),
      extensions: hex(chromeExtensions),
      signatureAlgorithms: hex(chromeSignatures),
      alpn: ['h2', 'http/1.1'],
    }),
    ja4: 't13d1516h2_8daaf6152771_e5627efa2ab1',
    ja4_r:
      't13d1516h2_002f,0035,009c,009d,1301,1302,1303,c013,c014,c02b,c02c,c02f,c030,cca8,cca9_0005,000a,000b,000d,0012,0015,0017,001b,0023,002b,002d,0033,4469,ff01_0403,0804,0401,0503,0805,0501,0806,0601',
    ja4_o: 't13d1516h2_acb858a92679_18f69afefd3d',
  },
  {
    name: 'the same with GREASE everywhere',
    hello: hello({
      supportedVersions: [0xfafa, 0x0304, 0x0303],
      ciphers: [0x1a1a, ...hex(chromeCiphers)],
      extensions: [0x2a2a, ...hex(chromeExtensions), 0x3a3a],
      signatureAlgorithms: [0x4a4a, ...hex(chromeSignatures)],
      alpn: ['h2', 'http/1.1'],
    }),
    ja4: 't13d1516h2_8daaf6152771_e5627efa2ab1',
    ja4_o: 't13d1516h2_acb858a92679_18f69afefd3d',
  },
  {
    name: 'Chrome without signature algorithms: no underscore before the hash',
    hello: hello({
      supportedVersions: [0x0304],
      ciphers: hex(chromeCiphers),
      extensions: hex(chromeExtensions),
      alpn: ['h2'],
    }),
    ja4: 't13d1516h2_8daaf6152771_6d807ffa2a79',
  },
  {
    name: 'Firefox',
    hello: hello({
      supportedVersions: [0x0304, 0x0303],
      ciphers: hex('002f,0035,009c,009d,1301,1302,1303,c009,c00a,c013,c014,c02b,c02c,c02f,c030,cca8,cca9'),
      extensions: [SNI, ALPN, ...hex('0005,000a,000b,000d,0015,0017,001c,0022,0023,002b,002d,0033,ff01')],
      signatureAlgorithms: hex('0403,0503,0603,0804,0805,0806,0401,0501,0601,0203,0201'),
      alpn: ['h2', 'http/1.1'],
    }),
    ja4: 't13d1715h2_5b57614c22b0_3d5424432f57',
  },
  {
    name: 'TLS 1.2 without ALPN',
    hello: hello({
      ciphers: hex(
        '000a,002f,0035,003c,003d,009c,009d,c009,c00a,c013,c014,c023,c024,c027,c028,c02b,c02c,c02f,c030',
      ),
      extensions: [SNI, ...hex('000a,000b,000d,0005,0017,0023,ff01')],
      signatureAlgorithms: hex('0804,0805,0806,0401,0501,0201,0403,0503,0203,0202,0601,0603'),
    }),
    ja4: 't12d190800_d83cc789557e_7af1ed941c26',
  },
  {
    name: 'TLS 1.0 with nothing but SNI: zeros for the extensions, in both orders',
    hello: hello({
      legacyVersion: 0x0301,
      ciphers: hex(
        '0003,0004,0005,0006,0008,0009,000a,0011,0012,0013,0014,0015,0016,002f,0032,0033,0035,0038,0039,0096,0099,009a,00ff',
      ),
      extensions: [SNI],
    }),
    ja4: 't10d230100_6a57a6f57151_000000000000',
  },
  {
    name: 'Chrome with a pre-shared key and http/1.1',
    hello: hello({
      supportedVersions: [0x0304],
      ciphers: hex(chromeCiphers),
      extensions: [...hex(chromeExtensions), 0x0029],
      signatureAlgorithms: hex(chromeSignatures),
      alpn: ['http/1.1'],
    }),
    ja4: 't13d1517h1_8daaf6152771_6cdcb247c39b',
  },
  {
    name: 'Chrome without ALPN and without application settings',
    hello: hello({
      supportedVersions: [0x0304],
      ciphers: hex(chromeCiphers),
      extensions: hex(chromeExtensions).filter((id) => id !== 0x4469 && id !== ALPN),
      signatureAlgorithms: hex(chromeSignatures),
    }),
    ja4: 't13d151400_8daaf6152771_de4a06bb82e3',
  },
];

describe('JA4', () => {
  it.each(vectors)('$name: $ja4', (vector) => {
    const prints = fingerprintClientHello(vector.hello);
    expect(prints.ja4).toBe(vector.ja4);
    if (vector.ja4_o !== undefined) expect(prints.ja4_o).toBe(vector.ja4_o);
    if (vector.ja4_r !== undefined) {
      expect(prints.ja4_r).toBe(vector.ja4_r);
      expect(prints.ja4_raw).toBe(vector.ja4_r);
    }
  });

  it('gives zeros to the original order too when only SNI is there', () => {
    expect(fingerprintClientHello(vectors[5]!.hello).ja4_o).toMatch(/^t10d230100_[0-9a-f]{12}_000000000000$/);
  });

  it('keeps the wire order, SNI and ALPN in the original forms', () => {
    expect(fingerprintClientHello(vectors[0]!.hello).ja4_ro).toBe(
      `t13d1516h2_${chromeCiphers}_${chromeExtensions}_${chromeSignatures}`,
    );
  });

  it.each([
    ['h2', 'h2'],
    ['http/1.1', 'h1'],
    ['x', 'xx'],
    ['', '00'],
    ['\xab', 'ab'],
    [' a', '21'],
    ['a ', '60'],
    ['01\xab\xcd', '3d'],
    ['\xba\xad', 'bd'],
    ['Ab9', 'A9'],
  ])('ALPN %j gives %s', (protocol, token) => {
    const prints = fingerprintClientHello(hello({ extensions: [ALPN], alpn: [protocol] }));
    expect(prints.ja4!.slice(0, 10)).toBe(`t12i0001${token}`);
  });

  it.each([
    [0x0304, '13'],
    [0x0303, '12'],
    [0x0302, '11'],
    [0x0301, '10'],
    [0x0300, 's3'],
    [0x0002, 's2'],
    [0xfeff, 'd1'],
    [0xfefd, 'd2'],
    [0xfefc, 'd3'],
    [0x0305, '00'],
  ])('version %i gives %s', (version, token) => {
    expect(fingerprintClientHello(hello({ legacyVersion: version })).ja4!.slice(1, 3)).toBe(token);
  });

  it('counts at most 99', () => {
    const many = Array.from({ length: 120 }, (_, index) => 0x4000 + index);
    expect(fingerprintClientHello(hello({ ciphers: many, extensions: many })).ja4).toMatch(/^t12i999900_/);
  });
});

describe('JA3', () => {
  it.each([
    {
      raw: '769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0',
      md5: 'ada70206e40642a3e4461f35503241d5',
      fields: {
        ciphers: [47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4],
        extensions: [0, 10, 11],
        groups: [23, 24, 25],
        pointFormats: [0],
      },
    },
    {
      raw: '769,4-5-10-9-100-98-3-6-19-18-99,,,',
      md5: 'de350869b8c85de67a350c8d186f11e6',
      fields: { ciphers: [4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99] },
    },
  ])('$md5', ({ raw, md5, fields }) => {
    const prints = fingerprintClientHello(hello({ legacyVersion: 0x0301, ...fields }));
    expect(prints.ja3_raw).toBe(raw);
    expect(prints.ja3).toBe(md5);
    expect(createHash('md5').update(raw).digest('hex')).toBe(md5);
  });

  it('leaves GREASE out of ciphers, extensions and groups', () => {
    const prints = fingerprintClientHello(
      hello({ ciphers: [0x0a0a, 47], extensions: [0xfafa, 0], groups: [0x5a5a, 23] }),
    );
    expect(prints.ja3_raw).toBe('771,47,0,23,');
  });
});

describe('fingerprints of a tls record', () => {
  const keys = (fields: Partial<ClientHello>) => Object.keys(fingerprintClientHello(hello(fields)));

  it('has the keys of 1.50 in their order, then the appended ones', () => {
    expect(keys({})).toEqual([
      'ja3',
      'ja3_raw',
      'ja4',
      'ja4_raw',
      'ech_present',
      'esni_legacy_present',
      'sni_ch',
      'alpn_ch',
      'ja4_r',
      'ja4_o',
      'ja4_ro',
      'alpn_offered',
    ]);
    expect(keys({ echLength: 250 })[5]).toBe('ech_len');
  });

  it('tells ECH, ESNI, SNI and the ALPN offers', () => {
    const prints = fingerprintClientHello(
      hello({ echLength: 250, esniLegacy: true, sni: 'a.test', alpn: ['h2', 'http/1.1'] }),
    );
    expect(prints).toMatchObject({
      ech_present: '1',
      ech_len: '250',
      esni_legacy_present: '1',
      sni_ch: 'a.test',
      alpn_ch: 'h2',
      alpn_offered: 'h2,http/1.1',
    });
  });
});
