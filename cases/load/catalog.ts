import { basename, dirname, relative } from 'node:path';
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { UsageError } from '../exit-codes.ts';
import { deepMerge, isObject } from '../json.ts';
import { scenarioInstance } from '../scenarios/scenario-instance.ts';
import { ScenarioFile } from '../scenarios/scenario-shape.ts';
import { wrongDirectWords } from '../transparency/words.ts';
import { checkPattern } from '../verify/match.ts';
import { CaseFile, CaseShape } from './case-schema.ts';
import { combinations, expandedTid, names, substitute, type Variables } from './matrix.ts';
import { type PositionedFile, parsePositioned } from './positions.ts';
import { wrongWords } from './record-words.ts';
import { readSources, type Source } from './sources.ts';
import { wrongClientWords, wrongObservationWords } from './witness-words.ts';

/** A case ready to run: defaults merged, matrix applied. */
export type CaseInstance = Omit<CaseShape, 'tid'> & {
  tid: string;
  /** The name as written, before the matrix. */
  base: string;
  area: string;
  tags: string[];
  variables: Variables;
  /** Relative to the working directory. */
  file: string;
  line: number;
  /** JSON pointer of the case in its file. */
  pointer: string;
  /** Real programs in place of the three of the suite, and the finding they lead to. */
  scenario?: { id: string; finding: string | null };
};

/**
 * Reads every `*.yaml` under `folder` and expands it.
 * @throws UsageError with one `file:line:col: what, and what to write instead` per mistake.
 */
export async function loadCatalog(folder: string): Promise<CaseInstance[]> {
  return expandSources(await readSources(folder));
}

export function expandSources(sources: Source[]): CaseInstance[] {
  const mistakes: string[] = [];
  const instances = sources.flatMap(({ path, text }) => {
    const name = relative(process.cwd(), path);
    return expandFile(parsePositioned(name, text), basename(dirname(path)), mistakes);
  });
  const seen = new Map<string, CaseInstance>();
  for (const instance of instances) {
    const other = seen.get(instance.tid);
    if (other && !mistakes.some((mistake) => mistake.startsWith(`${instance.file}:${instance.line}:`))) {
      mistakes.push(
        `${instance.file}:${instance.line}:1: TID ${instance.tid} is already taken by ${other.file}:${other.line}; choose another name`,
      );
    }
    seen.set(instance.tid, instance);
  }
  if (mistakes.length > 0) throw new UsageError([...new Set(mistakes)].join('\n'));
  return instances;
}

/** Without compiling JSON Schema's own schema first, which takes longer than compiling these; the test holds them against it. */
const ajv = new Ajv2020({
  allErrors: true,
  strict: false,
  allowUnionTypes: true,
  verbose: true,
  meta: false,
  validateSchema: false,
});
const validFile = ajv.compile(CaseFile);
const validCase = ajv.compile(CaseShape);
const validScenarios = ajv.compile(ScenarioFile);

function expandFile(file: PositionedFile, folder: string, mistakes: string[]): CaseInstance[] {
  if (file.errors.length > 0) {
    mistakes.push(...file.errors);
    return [];
  }
  if (isObject(file.content) && 'scenarios' in file.content) return scenariosOf(file, folder, mistakes);
  if (!validFile(file.content)) {
    for (const error of validFile.errors ?? [])
      mistakes.push(`${file.at(error.instancePath)}: ${advice(error)}`);
    return [];
  }
  const content = file.content as CaseFile;
  return content.cases.flatMap((written, index) => {
    const where = `/cases/${index}`;
    const merged = deepMerge(content.defaults ?? {}, written) as CaseShape;
    const report = (path: string, text: string) => {
      const mistake = `${file.at(where + path, `/defaults${path}`, where)}: ${text}`;
      if (!mistakes.includes(mistake)) mistakes.push(mistake);
    };
    return expandCase(merged, report).map(({ shape, tid, variables }) => ({
      ...shape,
      tid,
      base: merged.tid,
      area: content.area ?? folder,
      tags: shape.tags ?? [],
      variables,
      file: file.name,
      line: file.lineOf(where),
      pointer: where,
    }));
  });
}

function scenariosOf(file: PositionedFile, folder: string, mistakes: string[]): CaseInstance[] {
  if (!validScenarios(file.content)) {
    for (const error of validScenarios.errors ?? [])
      mistakes.push(`${file.at(error.instancePath)}: ${advice(error)}`);
    return [];
  }
  const { area = folder, scenarios } = file.content as ScenarioFile;
  return scenarios.map((written, index) => {
    const pointer = `/scenarios/${index}`;
    return scenarioInstance(written, { area, file: file.name, line: file.lineOf(pointer), pointer });
  });
}

type Report = (path: string, text: string) => void;

function expandCase(merged: CaseShape, report: Report) {
  const expanded: { shape: CaseShape; tid: string; variables: Variables }[] = [];
  const { matrix, exclude = [], smoke: written = [], tidFormat, ...body } = merged;
  if (matrix !== undefined && (!isObject(matrix) || !Object.values(matrix).every(Array.isArray))) {
    report('/matrix', 'a matrix maps each variable to a list of values; write {proto: [h1, h2]}');
    return [];
  }
  if (!Array.isArray(exclude) || !exclude.every(isObject)) {
    report('/exclude', 'exclude is a list of combinations; write [{proto: h2}]');
    return [];
  }
  if (tidFormat !== undefined && typeof tidFormat !== 'string') {
    report(
      '/tidFormat',
      'tidFormat is text that the variables of the matrix stand in; write it so, or leave it out',
    );
    return [];
  }
  const rows = combinations(matrix, exclude);
  const smoke = written === true ? [{}] : written;
  if (!Array.isArray(smoke) || !smoke.every(isObject)) {
    report('/smoke', 'smoke is true or a list of combinations; write [{proto: h2}]');
    return [];
  }
  for (const [index, rule] of smoke.entries())
    if (!rows.some((row) => names(rule, row)))
      report(`/smoke/${index}`, 'names no combination of the matrix; write one that is there');
  for (const variables of rows) {
    try {
      const shape = substitute(body, variables) as CaseShape;
      if (!validCase(shape)) {
        for (const error of validCase.errors ?? [])
          if (!noise(error)) report(error.instancePath, advice(error));
        continue;
      }
      checkMeaning(shape, report);
      if (smoke.some((rule) => names(rule, variables))) shape.tags = [...(shape.tags ?? []), 'smoke'];
      expanded.push({ shape, tid: expandedTid(merged.tid, variables, tidFormat), variables });
    } catch (error) {
      report('', (error as Error).message);
    }
  }
  return expanded;
}

function checkMeaning(shape: CaseShape, report: Report): void {
  if ((shape.client === undefined) === (shape.clients === undefined)) {
    report('', 'a case has one client or several; write either client: {…} or clients: [{name: a, …}]');
  }
  const names = new Set<string>();
  const { records, client, never, server, proxy } = shape.expect;
  if (proxy && !shape.isolate)
    report('/expect/proxy', 'only an isolated case has a proxy of its own; add isolate: true');
  const measured = proxy?.rss_growth_max_bytes_per_connection !== undefined || proxy?.bystander !== undefined;
  if (measured && !shape.requires?.includes('linux'))
    report('/expect/proxy', 'what a proxy costs is read from /proc; add requires: [linux]');
  if (shape.twin && !measured)
    report('/twin', 'a twin is there to be compared with; add expect: {proxy: {bystander: {…}}}');
  if (shape.proxy && typeof shape.isolate === 'string')
    report('/proxy', 'signals stop the proxy of all cases that share it; write isolate: true');
  if (shape.proxy && !shape.isolate)
    report('/proxy', 'signals stop the proxy of every case; add isolate: true');
  if (shape.direct && 'differs' in shape.direct)
    for (const wrong of wrongDirectWords(shape.direct.differs, '/direct/differs'))
      report(wrong.path, wrong.text);
  for (const [path, value] of [
    ['/expect/client', client],
    ['/expect/records', records],
    ['/expect/never', never],
    ['/expect/server/observations', server?.observations],
    ['/expect/server/never', server?.never],
    ['/expect/proxy/exit_code', proxy?.exit_code],
  ] as const) {
    if (value !== undefined) for (const wrong of checkPattern(value, path)) report(wrong.path, wrong.text);
  }
  for (const [name, rules] of [
    ['records', records],
    ['never', never ?? []],
  ] as const) {
    for (const [index, rule] of rules.entries())
      for (const wrong of wrongWords(rule, `/expect/${name}/${index}`)) report(wrong.path, wrong.text);
  }
  const clientNames = (shape.clients ?? []).map(({ name }) => name);
  for (const wrong of wrongClientWords(client, clientNames, '/expect/client')) report(wrong.path, wrong.text);
  for (const [name, rules] of [
    ['observations', server?.observations ?? []],
    ['never', server?.never ?? []],
  ] as const) {
    for (const [index, rule] of rules.entries())
      for (const wrong of wrongObservationWords(rule, `/expect/server/${name}/${index}`))
        report(wrong.path, wrong.text);
  }
  for (const [index, one] of (shape.clients ?? []).entries()) {
    if (one.after !== undefined && !clientNames.slice(0, index).includes(one.after))
      report(
        `/clients/${index}/after`,
        `no client before this one is named ${one.after}; write ${clientNames.slice(0, index).join(', ') || 'it further down'}`,
      );
  }
  for (const [index, rule] of records.entries()) {
    if (!('kind' in rule))
      report(
        `/expect/records/${index}`,
        'a record rule names its kind; write kind: conn (tls, event, h2ctl)',
      );
    for (const other of [rule.after, rule.before]) {
      if (other !== undefined && !records.some((item) => item.as === other)) {
        report(`/expect/records/${index}`, `no record rule is named ${other}; give one "as: ${other}"`);
      }
    }
    if (rule.as !== undefined && names.has(rule.as))
      report(`/expect/records/${index}/as`, `the name ${rule.as} is used twice`);
    if (rule.as !== undefined) names.add(rule.as);
  }
  for (const [index, rule] of (server?.observations ?? []).entries()) {
    if (!('observation' in rule)) {
      report(
        `/expect/server/observations/${index}`,
        'an observation rule names what was observed; write observation: request (open, proxy, tls, response, fault, peer, close)',
      );
    }
  }
}

/** A union fails once per alternative; the failing alternatives say more than "must match a schema in anyOf". */
function noise(error: ErrorObject): boolean {
  return error.keyword === 'anyOf' || error.keyword === 'oneOf';
}

function advice(error: ErrorObject): string {
  const params = error.params as Record<string, unknown>;
  const key = error.instancePath.split('/').pop() ?? '';
  switch (error.keyword) {
    case 'additionalProperties': {
      const known = Object.keys((error.parentSchema as { properties?: object }).properties ?? {});
      return `unknown key ${params.additionalProperty}; write one of ${known.join(', ')}`;
    }
    case 'required':
      return `${params.missingProperty} is missing; add "${params.missingProperty}: …"`;
    case 'enum':
      return `${key} cannot be ${JSON.stringify(error.data)}; write one of ${(params.allowedValues as unknown[]).join(', ')}`;
    case 'const':
      return `${key} cannot be ${JSON.stringify(error.data)}; write ${JSON.stringify(params.allowedValue)}`;
    case 'type':
      return `${key || 'the file'} is ${JSON.stringify(error.data)?.slice(0, 60)}; write a value of type ${params.type}`;
    case 'minItems':
      return `${key} is empty; write at least ${params.limit} ${key === 'records' ? 'record rule, also in a negative case (its conn close)' : 'entry'}`;
    case 'pattern':
      return `${key} is ${JSON.stringify(error.data)}; write text that matches ${params.pattern}`;
    default:
      return `${key} ${error.message}`;
  }
}
