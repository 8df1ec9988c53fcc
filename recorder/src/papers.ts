// Beginning, saving and sealing records on the phone.
import { db, type Enclosure, type Paper } from "./db";
import { noteDown, strike } from "./lost";
import { line, sync } from "./sync";
import type { Entry, Visit } from "./types";

const USUAL_MS = 30 * 60_000;

/** A moment of this phone's clock as the server reads it, to the minute. */
export function iso(moment: Date): string {
  const two = (n: number): string => String(Math.abs(n)).padStart(2, "0");
  const off = -moment.getTimezoneOffset();
  const day = `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
  const zone = `${off < 0 ? "-" : "+"}${two(Math.trunc(off / 60))}:${two(off % 60)}`;
  return `${day}T${two(moment.getHours())}:${two(moment.getMinutes())}${zone}`;
}

/** What a record says before anybody taps: the plan's mode, companions and children; now as its end. */
export function fresh(visit: Visit): Paper {
  const now = new Date();
  const planned = Date.parse(visit.starts_at);
  const over = visit.ends_at !== null && Date.parse(visit.ends_at) <= now.getTime();
  const begun = planned <= now.getTime() ? new Date(planned) : new Date(now.getTime() - USUAL_MS);
  return {
    id: crypto.randomUUID(),
    visit: visit.id,
    student: null,
    title: visit.children.filter((one) => one.about).map((one) => one.name).join("、"),
    entry: {
      mode: visit.mode,
      starts_at: iso(over || planned <= now.getTime() ? begun : new Date(now.getTime() - USUAL_MS)),
      ends_at: over && visit.ends_at ? visit.ends_at : iso(now.getTime() > begun.getTime() ? now : new Date(begun.getTime() + USUAL_MS)),
      students: visit.children.filter((one) => one.about).map((one) => one.id),
      companions: visit.companions.map((one) => one.id),
      met_relation: [],
      topics: [],
      purposes: [],
      content: "",
      family_words: "",
      opinion: "",
      problem_categories: [],
      problem: "",
      measures: [],
      materials: [],
      next_step: "",
      follow_up_on: null,
      reflection: "",
      fallback_reason: "",
      satisfaction: null,
      question_form: null, // until a page shows them: see asAskedNow
      answers: {},
    },
    times: over ? "plan" : "clock",
    sealedAt: null,
    base: 0,
    receipt: null,
    trouble: null,
    changedAt: iso(now),
  };
}

/** Written to the phone at every tap: a battery may end at any moment. */
export async function save(paper: Paper): Promise<void> {
  const plain = JSON.parse(JSON.stringify(paper)) as Paper; // the pages' own objects cannot be stored
  await db().papers.put({ ...plain, changedAt: iso(new Date()) });
  noteDown(plain);
}

/** From now on the record is sent by itself. */
export async function seal(paper: Paper): Promise<void> {
  await save({ ...paper, sealedAt: new Date().toISOString(), trouble: null });
  // Asked when there is first something to lose; a browser may say no.
  await navigator.storage?.persist?.().catch(() => false);
  line.changed += 1;
  void sync();
}

/** Back to writing: the server named something that cannot be. */
export async function reopen(paper: Paper): Promise<void> {
  await db().papers.update(paper.id, { sealedAt: null, trouble: null });
  line.changed += 1;
}

/** The visit was cancelled meanwhile, but somebody went: the same words as a visit nobody planned. */
export async function asUnplanned(paper: Paper): Promise<void> {
  const student = paper.entry?.students[0] ?? null;
  await db().papers.update(paper.id, { visit: null, student, trouble: null });
  void sync();
}

export async function forget(paper: Paper): Promise<void> {
  await db().transaction("rw", db().papers, db().files, async () => {
    await db().files.where({ record: paper.id }).delete();
    await db().papers.delete(paper.id);
  });
  strike(paper.id);
  line.changed += 1;
}

export async function sha256(blob: Blob): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export async function enclose(record: string, kind: Enclosure["kind"], blob: Blob): Promise<void> {
  const hash = await sha256(blob);
  await db().files.put({ key: `${record} ${hash}`, record, hash, kind, size: blob.size, type: blob.type, blob });
}

/** A draft nobody has answered a question in yet is asked what is asked today. */
export function asAskedNow(paper: Paper, visit: Visit): Paper {
  const entry = paper.entry;
  if (!entry || Object.keys(entry.answers ?? {}).length) return paper;
  return { ...paper, entry: { ...entry, question_form: visit.form?.id ?? null, answers: {} } };
}

/** The three answers; everything else may stay empty. */
export function isComplete(entry: Entry): boolean {
  return entry.met_relation.length > 0 && entry.mode !== "" && entry.topics.length > 0 && entry.students.length > 0;
}
