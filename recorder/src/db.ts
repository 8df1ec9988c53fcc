// Everything that must survive a closed app, an empty battery and a day without signal.
import Dexie, { type Table } from "dexie";

import type { Entry, Kept, Receipt, Visit } from "./types";
import { SITE } from "./words";

/** What stands in the way of a sealed record; a person has to act. */
export interface Trouble {
  kind: "conflict" | "gone" | "refused";
  sentence: string;
  fields?: Record<string, string>;
  kept?: Kept;
}

/** One record on this phone. Its state is never stored: see state.ts. */
export interface Paper {
  id: string;
  visit: string | null;
  student: number | null;
  title: string;
  entry: Entry | null; // null once it is safe on the server
  times: "clock" | "plan" | "hand";
  sealedAt: string | null;
  base: number;
  receipt: Receipt | null;
  trouble: Trouble | null;
  changedAt: string;
}

/** A photo, signature or voice note, by the hash of its bytes. */
export interface Enclosure {
  key: string; // record + hash
  record: string;
  hash: string;
  kind: "photo" | "signature" | "voice";
  size: number;
  type: string;
  blob: Blob | null; // null once it is safe on the server
}

class Store extends Dexie {
  visits!: Table<Visit, string>;
  papers!: Table<Paper, string>;
  files!: Table<Enclosure, string>;
  facts!: Table<{ name: string; value: unknown }, string>;

  constructor(name: string) {
    super(name);
    this.version(1).stores({ visits: "id, starts_at", papers: "id, visit", files: "key, record", facts: "name" });
  }
}

// A phone may be lent: every account has its own store, chosen by who was told us last.
const ME = `koumen-me${SITE}`;
export const whose = (): string => localStorage.getItem(ME) ?? "";
let store = new Store(`koumen${SITE}${whose()}`);
export const db = (): Store => store;

/** Go over to the store of another account. */
export function become(who: string): void {
  if (whose() === who) return;
  localStorage.setItem(ME, who);
  store = new Store(`koumen${SITE}${who}`);
}

export async function fact<T>(name: string): Promise<T | undefined> {
  return (await store.facts.get(name))?.value as T | undefined;
}

export async function note(name: string, value: unknown): Promise<void> {
  await store.facts.put({ name, value });
}
