import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { limitNames } from '../../protos/control/fault-limits.ts';
import { faultLimits, faultParams } from './params.ts';
import { faults, findFault } from './registry.ts';

const here = dirname(fileURLToPath(import.meta.url));
const files = readdirSync(here, { recursive: true, encoding: 'utf8' });

describe('the catalogue of faults', () => {
  it('names every file of every layer, once', () => {
    const inLayers = files.filter((file) => /^(tcp|tls|h1|h2|grpc)\/[^.]+\.ts$/.test(file));
    const listed = faults.map((fault) => fault.id);
    expect(new Set(listed).size).toBe(listed.length);
    expect(listed).toEqual(expect.arrayContaining(inLayers.map((file) => basename(file, '.ts'))));
    for (const file of inLayers) expect(findFault(basename(file, '.ts')).layer).toBe(dirname(file));
  });

  it('has a test that names each fault of these folders', () => {
    const tests = files
      .filter((file) => file.endsWith('.test.ts'))
      .map((file) => readFileSync(`${here}/${file}`, 'utf8'));
    for (const file of files.filter((name) => /^(tcp|tls|h1|h2|grpc)\/[^.]+\.ts$/.test(name))) {
      const id = basename(file, '.ts');
      expect(
        tests.some((text) => text.includes(`'${id}`)),
        id,
      ).toBe(true);
    }
  });

  it('gives every parameter a default that its own schema accepts, and a description', () => {
    for (const fault of faults) {
      expect(Object.keys(faultParams(fault)).sort(), fault.id).toEqual(
        Object.keys(fault.params.properties).sort(),
      );
    }
  });

  it('refuses unknown faults and parameters in words', () => {
    expect(() => findFault('h2-srv-goawya')).toThrow(
      'unknown fault "h2-srv-goawya": did you mean "h2-srv-goaway"?',
    );
    const goaway = findFault('h2-srv-goaway');
    expect(() => faultParams(goaway, { cod: 1 })).toThrow('unknown parameter "cod", did you mean "code"?');
    expect(() => faultParams(findFault('tls-close'), { how: 'explode' })).toThrow(
      'how must be equal to one of',
    );
    expect(faultParams(goaway, { code: '11' })).toMatchObject({ code: 11, last_stream_id: 0, debug: '' });
  });

  it('refuses limits that cannot apply, and has no parameter of their name', () => {
    expect(faultLimits(findFault('h2-srv-rst'), { nth: '3' })).toEqual({ nth: 3 });
    expect(() => faultLimits(findFault('tls-alert'), { tid: 'x' })).toThrow(
      'first, nth and probability apply',
    );
    expect(() => faultLimits(findFault('h1-rst'), { after_frames: 3 })).toThrow('write after_bytes');
    expect(() => faultLimits(findFault('h1-rst'), { seed: 3 })).toThrow('seed goes with probability');
    expect(() => faultLimits(findFault('h1-rst'), { first: 0 })).toThrow('first must be >= 1');
    expect(() => faultLimits(findFault('tcp-connect-blackhole'), { first: 1 })).toThrow('listening socket');
    const limits = limitNames.filter((name) => name !== 'seed');
    for (const fault of faults)
      expect(
        Object.keys(fault.params.properties).filter((name) => limits.includes(name as never)),
        fault.id,
      ).toEqual([]);
  });
});
