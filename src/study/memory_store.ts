// A store in memory: for studies of a page or a test. It forgets at the end.

import { cellName, planDifference, rowDifference } from './cell.js';
import { documentDigest, rowDigest } from './key.js';
import type { CellRow } from './row.js';
import type { DocumentKind, DocumentResult, Plan, Store, StoredResult } from './store.js';

/** An empty store. */
export function memoryStore(): Store {
  const rows = new Map<string, CellRow>();
  const documents = new Map<string, DocumentResult<DocumentKind>>();
  let kept: Plan | undefined;
  const place = (kind: DocumentKind, key: string): string => `${kind} ${key}`;
  return {
    async plan() {
      return kept;
    },
    async writePlan(plan) {
      if (kept && kept.hash !== plan.hash) {
        throw new Error(`the store holds another plan (${planDifference(plan, kept)}); use another one`);
      }
      kept = plan;
    },
    async results() {
      const found = new Map<string, StoredResult>();
      for (const [key, row] of rows) found.set(key, { status: row.status, digest: rowDigest(row) });
      for (const [where, result] of documents) {
        found.set(where.slice(where.indexOf(' ') + 1), {
          status: result.status,
          digest: documentDigest(result),
        });
      }
      return found;
    },
    async append(added) {
      for (const row of added) {
        const there = rows.get(row.key);
        if (there?.status === 'ok' && row.status === 'ok' && rowDigest(there) !== rowDigest(row)) {
          throw new Error(
            `${cellName(row)} came out differently from what is stored: ${rowDifference(row, there)}`,
          );
        }
      }
      for (const row of added) if (rows.get(row.key)?.status !== 'ok') rows.set(row.key, row);
    },
    async *rows({ roles, keys, withoutArrays = false } = {}) {
      if (!kept) throw new Error('the store has no plan; write one');
      for (const facts of kept.cells) {
        const row = rows.get(facts.key);
        if (!row || (roles && !roles.includes(row.role)) || (keys && !keys.includes(row.key))) continue;
        yield {
          ...row,
          ...facts,
          ...(withoutArrays ? { loss: null, entropy: null, spread: null, codes: null } : {}),
        };
      }
    },
    // One process has one instruction set.
    async *twice() {},
    async put(kind, key, result) {
      const there = documents.get(place(kind, key));
      if (
        there?.status === 'ok' &&
        result.status === 'ok' &&
        documentDigest(there) !== documentDigest(result)
      ) {
        throw new Error(`${kind} ${key} came out differently from what is stored`);
      }
      if (there?.status !== 'ok') documents.set(place(kind, key), result);
    },
    async get<K extends DocumentKind>(kind: K, key: string) {
      // What `put` of the same kind kept.
      return documents.get(place(kind, key)) as DocumentResult<K> | undefined;
    },
    async close() {},
  };
}
