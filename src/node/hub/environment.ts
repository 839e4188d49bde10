// Where the Hub is, where its cache lies, and who asks: from the same variables as Python's huggingface_hub reads
// (its constants.py and utils/_auth.py), and the ids of models as the Hub allows them. Nothing is fetched here.
// An empty variable counts as unset.

import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { quoted } from '../../onnx/json.js';

/** A model on the Hub, e.g. from "facebook/musicgen-small@main". */
export interface ModelId {
  /** `org/name`. */
  readonly id: string;
  /** Branch, tag, pull request (`refs/pr/1`), or commit. */
  readonly revision: string;
}

export type Variables = Readonly<Record<string, string | undefined>>;

export interface HubEnvironment {
  /** HF_ENDPOINT, without a trailing slash. */
  readonly endpoint: string;
  /** HF_HUB_CACHE, else $HF_HOME/hub, else ~/.cache/huggingface/hub. Absolute. */
  readonly cache: string;
  readonly token?: string;
  /** Where the token comes from, for messages: a variable's name or a path. */
  readonly tokenFrom?: string;
  /** HF_HUB_OFFLINE: no request is made. */
  readonly offline: boolean;
  readonly proxies?: Proxies;
}

/** As curl reads the variables: in small letters first, ALL_PROXY where there is no other. */
export interface Proxies {
  readonly http?: string;
  readonly https?: string;
  /** NO_PROXY: hosts that are asked without. */
  readonly except?: string;
  /** The variable that names one, for messages. */
  readonly from: string;
}

const DEFAULT_ENDPOINT = 'https://huggingface.co';
const EXPECTED_ID = 'expected org/name or org/name@revision, for example facebook/musicgen-small';

/** Splits `org/name[@revision]`; the revision is `main` when absent. Throws one line on what the Hub refuses. */
export function parseModelId(text: string): ModelId {
  const at = text.indexOf('@');
  const id = at < 0 ? text : text.slice(0, at);
  const revision = at < 0 ? 'main' : text.slice(at + 1);
  const parts = id.split('/');
  if (parts.length !== 2 || !parts.every(isHubName)) {
    throw new Error(`${quoted(text)}: not a Hugging Face Hub model; ${EXPECTED_ID}`);
  }
  if (!isRevision(revision)) {
    throw new Error(`${quoted(text)}: ${quoted(revision)} is not a branch, tag or commit; ${EXPECTED_ID}`);
  }
  return { id, revision };
}

/** 1 to 96 of letters, digits, `_`, `-`, `.`; neither `-` nor `.` at an end; no `--`, no `..`, not `*.git`. */
function isHubName(name: string): boolean {
  return /^\w([\w.-]{0,94}\w)?$/.test(name) && !/--|\.\.|\.git$/.test(name);
}

/** The rules of git-check-ref-format, and nothing that a path or a shell could take for something else. */
function isRevision(revision: string): boolean {
  if (revision.length > 255 || /[^\x21-\x7e]|[~^:?*[\]\\<>|"'`$;&(){}%#]/.test(revision)) return false;
  return revision
    .split('/')
    .every((part) => part !== '' && !/^[.-]|\.$|\.\.|\.lock$/.test(part) && part !== '@');
}

/** Reads the variables and, unless a variable holds the token, the token file. `home` stands for `~`. */
export function hubEnvironment(env: Variables = process.env, { home = homedir() } = {}): HubEnvironment {
  const expand = (path: string): string =>
    path
      .replace(/^~(?=\/|$)/, home)
      .replace(/\$(?:\{(\w+)\}|(\w+))/g, (all, braced, plain) => env[braced ?? plain] ?? all);
  const hfHome = expand(env.HF_HOME || join(env.XDG_CACHE_HOME || join(home, '.cache'), 'huggingface'));
  const cache = expand(env.HF_HUB_CACHE || env.HUGGINGFACE_HUB_CACHE || join(hfHome, 'hub'));
  const proxies = readProxies(env);
  return {
    endpoint: checkEndpoint(env.HF_ENDPOINT || DEFAULT_ENDPOINT),
    cache: resolve(cache),
    ...readToken(env, expand(env.HF_TOKEN_PATH || join(hfHome, 'token'))),
    offline: isTrue(env.HF_HUB_OFFLINE || env.TRANSFORMERS_OFFLINE),
    ...(proxies && { proxies }),
  };
}

function readProxies(env: Variables): Proxies | undefined {
  const named = (...names: string[]) =>
    names.flatMap((name) => [name, name.toUpperCase()]).find((name) => env[name]);
  const [http, https, except] = [
    named('http_proxy', 'all_proxy'),
    named('https_proxy', 'all_proxy'),
    named('no_proxy'),
  ];
  const from = https ?? http;
  if (from === undefined) return undefined;
  return {
    ...(http && { http: env[http] ?? '' }),
    ...(https && { https: env[https] ?? '' }),
    ...(except && { except: env[except] ?? '' }),
    from,
  };
}

function isTrue(value: string | undefined): boolean {
  return ['1', 'ON', 'YES', 'TRUE'].includes((value ?? '').toUpperCase());
}

function checkEndpoint(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const good =
    url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash;
  if (!good) throw new Error(`HF_ENDPOINT is ${quoted(text)}; expected an address like ${DEFAULT_ENDPOINT}`);
  return url.href.replace(/\/+$/, '');
}

function readToken(env: Variables, path: string): { token?: string; tokenFrom?: string } {
  if (isTrue(env.HF_HUB_DISABLE_IMPLICIT_TOKEN)) return {};
  const variable = ['HF_TOKEN', 'HUGGING_FACE_HUB_TOKEN'].find((name) => env[name]);
  const tokenFrom = variable ?? path;
  const token = (variable === undefined ? readTokenFile(path) : (env[variable] ?? '')).trim();
  if (token === '') return {};
  // It becomes an HTTP header: a line break or a letter outside ASCII must not.
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new Error(`${tokenFrom}: holds no token; expected one word like hf_...`);
  return { token, tokenFrom };
}

function readTokenFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw new Error(`${path}: the token cannot be read (${error instanceof Error ? error.message : error})`);
  }
}
