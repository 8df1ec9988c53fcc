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

// Written through to the disk before a tap is taken for done: the battery may be gone in the next second.
const STRICT = { chromeTransactionDurability: "strict" } as const;

class Store extends Dexie {
  visits!: Table<Visit, string>;
  papers!: Table<Paper, string>;
  files!: Table<Enclosure, string>;
  facts!: Table<{ name: string; value: unknown }, string>;

  constructor(name: string) {
    super(name, STRICT);
    this.version(1).stores({ visits: "id, starts_at", papers: "id, visit", files: "key, record", facts: "name" });
    // Who was met was one answer once, and is a list now.
    this.version(2).upgrade((all) =>
      all.table<Paper>("papers").toCollection().modify((paper) => {
        if (paper.entry) paper.entry.met_relation = [paper.entry.met_relation].flat().filter(Boolean);
      }),
    );
  }
}

class Lock extends Dexie {
  who!: Table<{ site: string; who: string }, string>;

  constructor() {
    super("koumen-who", STRICT);
    this.version(1).stores({ who: "site" });
  }
}

// A phone may be lent: every account has its own store. Whose it is lies in a database too: what the browser keeps
// beside it (localStorage) is written late, and lost with the battery.
const lock = new Lock();
let mine = "";
let store = new Store(`koumen${SITE}`);
export const db = (): Store => store;

/** The account this store belongs to; empty before the first sync. */
export const whose = (): string => mine;

/** Find the store of whoever used this phone last. */
export async function open(): Promise<void> {
  mine = (await lock.who.get(SITE))?.who ?? "";
  store = new Store(`koumen${SITE}${mine}`);
}

/** Go over to the store of another account. */
export async function become(who: string): Promise<void> {
  if (mine === who) return;
  await lock.who.put({ site: SITE, who });
  mine = who;
  store = new Store(`koumen${SITE}${who}`);
}

export async function fact<T>(name: string): Promise<T | undefined> {
  return (await store.facts.get(name))?.value as T | undefined;
}

export async function note(name: string, value: unknown): Promise<void> {
  await store.facts.put({ name, value });
}
