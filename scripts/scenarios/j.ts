/** J: a release of the proxy with a defect in it: does the suite say which cases, and no others? */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runChild } from '../bench/children.ts';
import type { Lab } from './lab.ts';
import type { Scenario } from './types.ts';

const suite = fileURLToPath(new URL('../../cases/bin.mjs', import.meta.url));
const double = fileURLToPath(new URL('../../cases/doubles/lying-proxy.ts', import.meta.url));
const smokeCases = fileURLToPath(new URL('../../cases/catalog/smoke/smoke.yaml', import.meta.url));
const panel = ['smoke_h1_plain', 'smoke_tls.h1', 'proxy_none_h1', 'proxy_v1_h1', 'proxy_v2_h2'];
const withHeader = ['proxy_v1_h1', 'proxy_v2_h2'];

export const scenario: Scenario = {
  letter: 'J',
  title: 'a release of the proxy may have a defect',
  variants: [
    {
      id: 'J.defect',
      role: 'twin',
      title:
        'a proxy that swallows the PROXY header: the suite names the two cases, and --last-failed takes them up',
      async run(lab) {
        const command = `${process.execPath} ${double} --double proxy-header-dropped --config {config}`;
        const flags = ['--proxy-cmd', command, '--time-scale', '0.5'];
        lab.check('red', withHeader, await red(lab, [...panel, ...flags]));
        lab.check('red again, and nothing else ran', withHeader, await red(lab, ['--last-failed', ...flags]));
      },
    },
    {
      id: 'J.sound',
      role: 'twin',
      title: 'the proxy as it is: the same cases, and none is named',
      async run(lab) {
        lab.check('red', [], await red(lab, panel));
      },
    },
    {
      id: 'J.wrong-case',
      role: 'look-alike',
      title: 'a case that expects the wrong thing is red on the sound proxy too',
      async run(lab) {
        const sound = readFileSync(smokeCases, 'utf8');
        lab.file('smoke.yaml', sound.replace('cause: connection_refused', 'cause: dns_error'));
        lab.check('red', ['smoke_refused'], await red(lab, ['smoke_refused', '--cases', lab.folder]));
      },
    },
  ],
};

async function red(lab: Lab, args: string[]): Promise<string[]> {
  const out = `${lab.folder}/reports`;
  await runChild(
    process.execPath,
    [suite, ...args, '--out', out],
    { env: { ...process.env, CI: '1' } },
    [0, 1],
  );
  const { cases } = JSON.parse(readFileSync(`${out}/summary.json`, 'utf8')) as {
    cases: { tid: string; status: string }[];
  };
  return cases
    .filter(({ status }) => status !== 'passed')
    .map(({ tid }) => tid)
    .toSorted();
}
