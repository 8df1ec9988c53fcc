// What was on this phone and is there no more: a browser may clear its storage when space runs out, or when asked to.
// The ids of what is unsent stand in a cookie as well, which browsers keep when they clear the rest. Ids alone.
import { ref } from "vue";

import { ask } from "./api";
import { db, type Paper, whose } from "./db";
import { SITE } from "./words";

const MOST = 40; // of 74 letters, below what a browser takes for one cookie
const SECONDS = 30 * 24 * 3600;

export interface Lost { record: string; visit: string }

/** Records that were here unsent, that the server does not have either: they have to be written again. */
export const lost = ref<Lost[]>([]);

const name = (): string => `koumen-unsent-${whose()}`;

function noted(): Lost[] {
  const found = document.cookie.split("; ").find((one) => one.startsWith(`${name()}=`));
  const words = found?.slice(name().length + 1).split("~") ?? [];
  return words.filter(Boolean).map((one) => ({ record: one.slice(0, 36), visit: one.slice(37) }));
}

function write(rows: Lost[]): void {
  const said = rows.slice(-MOST).map((one) => `${one.record}.${one.visit}`).join("~");
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name()}=${said}; Path=${SITE}recorder/; Max-Age=${said ? SECONDS : 0}; SameSite=Strict${secure}`;
}

/** One more record that is not sent yet. */
export function noteDown(paper: Paper): void {
  const others = noted().filter((one) => one.record !== paper.id);
  write([...others, { record: paper.id, visit: paper.visit ?? "" }]);
}

/** Only these are unsent; what is noted and not on the phone at all stays noted, until somebody has been told. */
export function noteAll(unsent: Paper[], all: Paper[]): void {
  const here = new Set(all.map((one) => one.id));
  write([...noted().filter((one) => !here.has(one.record)), ...unsent.map((one) => ({ record: one.id, visit: one.visit ?? "" }))]);
}

export function strike(record: string): void {
  write(noted().filter((one) => one.record !== record));
}

/** Compare the note with the phone, and what is missing with the server. */
export async function look(): Promise<void> {
  const missing: Lost[] = [];
  for (const one of noted()) {
    if (await db().papers.get(one.record)) continue;
    const { status } = await ask("GET", `visits/${one.record}/receipt`);
    if (status === 200) strike(one.record); // it had arrived; only its receipt was lost
    else missing.push(one);
  }
  lost.value = missing;
}

/** The person has been told. */
export function dismiss(): void {
  for (const one of lost.value) strike(one.record);
  lost.value = [];
}
