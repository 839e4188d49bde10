// What the Hub says about a model: the commit that a revision stands for with the names of its files, and a file's
// hash and length. As huggingface_hub asks (hf_api.py model_info, file_download.py get_hf_file_metadata).

import { parseJson, quoted } from '../../onnx/json.js';
import type { HubFile } from './blob.js';
import { isCommit } from './cache.js';
import { type Access, ask, bytesOf, persist } from './client.js';
import type { ModelId } from './environment.js';
import { fail, type HubAnswer, type HubSubject, header, subjectName } from './failure.js';

/** A model at one commit. */
export interface Listing {
  /** 40 hex digits. */
  readonly commit: string;
  readonly files: ReadonlyMap<string, ListedFile>;
}

export interface ListedFile {
  /** Bytes, where the server gives them. */
  readonly size?: number;
  /** Of an LFS file, where the server gives it. */
  readonly sha256?: string;
}

/** Longest answer about a model that is read, bytes. */
const MAX_ANSWER = 50_000_000;

/** Resolves a model's revision. */
export async function listModel(model: ModelId, access: Access): Promise<Listing> {
  const subject = { model };
  const path = `/api/models/${model.id}/revision/${encodeURIComponent(model.revision)}?blobs=true`;
  const bytes = await persist(access, () =>
    ask({ method: 'GET', path, subject }, access, (response, fed) =>
      readAnswer(response, fed, subject, access),
    ),
  );
  let answer: unknown;
  try {
    answer = parseJson(bytes, subjectName(subject));
  } catch (error) {
    throw notAHub(
      subject,
      access,
      `a page that is not JSON (${error instanceof Error ? error.message : error})`,
    );
  }
  if (!isRecord(answer) || typeof answer.sha !== 'string' || !isCommit(answer.sha)) {
    throw notAHub(subject, access, 'no commit');
  }
  if (!Array.isArray(answer.siblings)) throw notAHub(subject, access, 'no list of files');
  const entries: unknown[] = answer.siblings;
  return { commit: answer.sha, files: new Map(entries.flatMap(readEntry)) };
}

async function readAnswer(
  response: HubAnswer,
  fed: (bytes: number) => void,
  subject: HubSubject,
  access: Access,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of bytesOf(response)) {
    chunks.push(chunk);
    fed(chunk.length);
    length += chunk.length;
    if (length > MAX_ANSWER) throw notAHub(subject, access, `more than ${MAX_ANSWER} bytes`);
  }
  return Buffer.concat(chunks);
}

function readEntry(entry: unknown): [string, ListedFile][] {
  if (!isRecord(entry) || typeof entry.rfilename !== 'string') return [];
  const { rfilename, size, lfs } = entry;
  const sha256 = isRecord(lfs) && typeof lfs.sha256 === 'string' ? lfs.sha256 : undefined;
  const known = typeof size === 'number' && Number.isSafeInteger(size) && size >= 0;
  return [[rfilename, { ...(known && { size }), ...(sha256 !== undefined && { sha256 }) }]];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A file's hash and length. The Hub redirects LFS files to a storage host, and describes them in that answer. */
export async function describeFile(
  model: ModelId,
  file: string,
  { commit, files }: Listing,
  access: Access,
): Promise<HubFile> {
  const subject = { model, file };
  const path = `/${model.id}/resolve/${commit}/${encodeURIComponent(file)}`;
  return persist(access, () =>
    ask({ method: 'HEAD', path, subject, stayOnHost: true }, access, async (response) => {
      const listed = files.get(file);
      const found = header(response, 'x-repo-commit');
      if (found !== commit) {
        const what = found === undefined ? 'no X-Repo-Commit' : `commit ${quoted(found)} for ${commit}`;
        throw notAHub(subject, access, what);
      }
      const etag = plainEtag(header(response, 'x-linked-etag') ?? header(response, 'etag'));
      if (etag === undefined)
        throw notAHub(subject, access, 'no ETag that is a hash, so that nothing can be verified');
      if (etag.length === 64 && listed?.sha256 !== undefined && listed.sha256 !== etag) {
        throw notAHub(subject, access, `two hashes: ${etag} and ${quoted(listed.sha256)}`);
      }
      const own = response.statusCode === 200 ? header(response, 'content-length') : undefined;
      const length = header(response, 'x-linked-size') ?? own;
      const size = length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : listed?.size;
      if (size === undefined) throw notAHub(subject, access, 'no length');
      return { subject, file, path, etag, size };
    }),
  );
}

/** `W/"<hash>"` as the hash: SHA-256 or SHA-1 in hex. It names a file, so nothing else will do. */
function plainEtag(text: string | undefined): string | undefined {
  return /^(?:W\/)?"?([0-9a-f]{64}|[0-9a-f]{40})"?$/.exec(text ?? '')?.[1];
}

function notAHub(subject: HubSubject, { environment }: Access, what: string): Error {
  const line = `${subjectName(subject)}: ${environment.endpoint} answers with ${what}; expected a Hugging Face Hub: check HF_ENDPOINT, and whether the network wants a login`;
  return fail(line, { kind: 'wrong', again: false });
}
