// From the phone to the server and back: one sync at a time, text before photos, nothing forgotten before its receipt.
import { reactive } from "vue";

import { ask, askJson, Later, NoAnswer, setCsrf, SignedOut } from "./api";
import { look, noteAll } from "./lost";
import { become, db, type Enclosure, fact, note, type Paper } from "./db";
import { asSent, type QuestionForm } from "./questions";
import { stateOf } from "./state";
import type { Commitment, FileState, Kept, Receipt, Sync } from "./types";

const PIECE = 64 * 1024;
const SMALLEST = 8 * 1024;
const AGAIN_MS = 60_000;
const SOON_MS = 2_000;
const REMEMBERED_MS = 2 * 24 * 3600 * 1000;

interface Refusal { code: string; sentence: string; fields?: Record<string, string>; kept?: Kept; have?: number }

/** What the pages show of it. */
export const line = reactive({
  state: "idle" as "idle" | "busy" | "offline" | "signed_out" | "waiting",
  at: "",
  changed: 0, // counts up whenever something on the phone has changed
});

let misses = 0; // tries without an answer since something last arrived
// A line that always breaks off within a piece never carries a whole one: after each miss half as much is tried.
let piece = PIECE;
let timer: ReturnType<typeof setTimeout> | undefined;

let after: ReturnType<typeof setTimeout> | undefined;

/** Send what waits and fetch what is new. Safe to call at any time, from any window. */
export async function sync(): Promise<void> {
  await navigator.locks.request("koumen-sync", { ifAvailable: true }, async (lock) => {
    if (lock) return round();
    // The round under way may be past what waits now: another one follows it.
    clearTimeout(after);
    after = setTimeout(() => void sync(), SOON_MS);
    return undefined;
  });
}

async function round(): Promise<void> {
  clearTimeout(timer);
  line.state = "busy";
  let again = AGAIN_MS;
  try {
    await pull(); // first, because it brings the token the rest needs
    await look();
    line.changed += 1;
    await sendCommitment();
    const sent = await sendTexts();
    await sendFiles();
    if (sent) await pull(); // what the server made of it
    misses = 0;
    piece = PIECE;
    line.state = "idle";
    line.at = new Date().toISOString();
  } catch (error) {
    if (error instanceof SignedOut) line.state = "signed_out";
    else if (error instanceof NoAnswer) {
      line.state = navigator.onLine ? "waiting" : "offline";
      again = Math.min(AGAIN_MS, SOON_MS * 2 ** misses++);
      piece = Math.max(SMALLEST, piece / 2);
    } else if (error instanceof Later) {
      line.state = "waiting";
      again = error.seconds * 1000;
    } else throw error;
  } finally {
    await wipe();
    line.changed += 1;
    timer = setTimeout(() => void sync(), again);
  }
}

async function pull(): Promise<void> {
  const since = (await fact<string>("cursor")) ?? "";
  const words = (await fact<string>("words")) ?? "";
  const forms = (await fact<QuestionForm[]>("forms")) ?? [];
  const asked = new URLSearchParams({ since, words, forms: forms.map((one) => one.id).join(",") });
  const { status, body } = await ask<Sync>("GET", `sync?${asked.toString()}`);
  if (status !== 200) throw new Later(AGAIN_MS / 1000);
  setCsrf(body.csrf);
  const before = db();
  await become(String(body.me.id));
  // Another account has its own store. Only a whole answer fits there, and only when nothing is in it.
  if (db() !== before && (since || words || forms.length || (await fact("cursor")))) return pull();
  await db().transaction("rw", db().visits, db().papers, db().facts, async () => {
    await db().visits.bulkPut(body.visits);
    await db().visits.bulkDelete(body.gone);
    await note("cursor", body.cursor);
    await note("words", body.words);
    await note("me", body.me);
    await note("skew", Date.now() - Date.parse(body.server_time));
    if (body.choices) await note("choices", body.choices);
    await note("commitment", body.commitment);
    await note("forms", await wanted([...forms, ...(body.forms ?? [])]));
  });
  return undefined;
}

/** The campaigns' questions that a visit, or a record being written, still asks. */
async function wanted(forms: QuestionForm[]): Promise<QuestionForm[]> {
  const asked = new Set((await db().visits.toArray()).map((one) => one.form?.id));
  for (const paper of await db().papers.toArray()) asked.add(paper.entry?.question_form ?? undefined);
  return [...new Map(forms.map((one) => [one.id, one])).values()].filter((one) => asked.has(one.id));
}

/** What was accepted here; the records wait for it. A text that has changed meanwhile is asked anew. */
async function sendCommitment(): Promise<void> {
  const asked = await fact<Commitment | null>("commitment");
  const accepted = await fact<string>("committed");
  if (!accepted) return;
  if (asked) {
    const { status } = await askJson<Refusal>("POST", "commitment", { version: accepted });
    if (status === 200) await note("commitment", null);
  }
  await note("committed", "");
}

/** Whether there was anything to send. */
async function sendTexts(): Promise<boolean> {
  const waiting = await db().papers.filter((one) => one.sealedAt !== null && !one.receipt && !one.trouble).toArray();
  waiting.sort((one, other) => (one.sealedAt ?? "").localeCompare(other.sealedAt ?? ""));
  for (const paper of waiting) await sendText(paper);
  return waiting.length > 0;
}

async function sendText(paper: Paper): Promise<void> {
  const files = await db().files.where({ record: paper.id }).toArray();
  const forms = (await fact<QuestionForm[]>("forms")) ?? [];
  const { status, body } = await askJson<Receipt & Refusal>("PUT", `visits/${paper.id}`, {
    visit: paper.visit,
    student: paper.student,
    base_version: paper.base,
    device: await device(),
    client_time: new Date().toISOString(),
    times_from: paper.times,
    entry: paper.entry && asSent(paper.entry, forms),
    files: files.map(({ hash, kind, size }) => ({ hash, kind, size })),
  });
  if (status === 200) await db().papers.update(paper.id, { receipt: body, base: body.version, trouble: null });
  else if (body.code !== "commitment_needed") {
    const kind = status === 409 && body.kept ? "conflict" : status === 410 ? "gone" : "refused";
    const trouble = { kind, sentence: body.sentence, ...(body.fields && { fields: body.fields }), ...(body.kept && { kept: body.kept }) };
    await db().papers.update(paper.id, { trouble } as Partial<Paper>);
  }
  line.changed += 1;
}

async function device(): Promise<string> {
  const known = await fact<string>("device");
  if (known) return known;
  const made = crypto.randomUUID().slice(0, 18);
  await note("device", made);
  return made;
}

async function sendFiles(): Promise<void> {
  for (const paper of await db().papers.filter((one) => one.receipt !== null).toArray()) {
    for (const file of await db().files.where({ record: paper.id }).toArray()) {
      const told = paper.receipt?.files.find((one) => one.hash === file.hash);
      if (file.blob && told && !told.kept && !told.refused) await sendFile(paper, file, file.blob, told.have);
    }
  }
}

async function sendFile(paper: Paper, file: Enclosure, blob: Blob, have: number): Promise<void> {
  let broken = 0;
  while (true) {
    const end = Math.min(file.size, have + piece);
    const { status, body } = await ask<FileState & Refusal>(
      "PUT",
      `visits/${paper.id}/files/${file.hash}`,
      await blob.slice(have, end).arrayBuffer(),
      { "Content-Type": "application/octet-stream", "Content-Range": `bytes ${have}-${end - 1}/${file.size}` },
    );
    if (status === 200 || status === 202) {
      have = body.have;
      await heard(paper.id, body);
      if (status === 200) return;
    } else if (status === 416) have = body.have ?? 0;
    else if (status === 409 && ++broken < 3) have = 0;
    else {
      await heard(paper.id, { hash: file.hash, kept: false, have, refused: body.sentence });
      return;
    }
  }
}

/** The receipt of a file goes into the record's, at once: a killed app goes on from here. */
async function heard(record: string, file: FileState): Promise<void> {
  misses = 0;
  await db().transaction("rw", db().papers, async () => {
    const paper = await db().papers.get(record);
    if (!paper?.receipt) return;
    const files = paper.receipt.files.map((one) => (one.hash === file.hash ? file : one));
    await db().papers.update(record, { receipt: { ...paper.receipt, files } });
  });
  line.changed += 1;
}

/** What is safe on the server leaves the phone; that it was kept is remembered for two days. */
async function wipe(): Promise<void> {
  const all = await db().papers.toArray();
  const unsent: Paper[] = [];
  for (const paper of all) {
    const files = await db().files.where({ record: paper.id }).toArray();
    if (stateOf(paper, files) !== "kept") {
      unsent.push(paper);
      continue;
    }
    const old = Date.now() - Date.parse(paper.receipt?.kept_at ?? "") > REMEMBERED_MS;
    await db().transaction("rw", db().papers, db().files, async () => {
      await db().files.where({ record: paper.id }).modify({ blob: null });
      if (old) {
        await db().files.where({ record: paper.id }).delete();
        await db().papers.delete(paper.id);
      } else await db().papers.update(paper.id, { entry: null });
    });
  }
  // The site's own pages look here before they let anybody sign out.
  localStorage.setItem("koumen-unsent", String(unsent.length));
  noteAll(unsent, all);
}

/** Begin, and go on by itself: when the signal is back, when the page is looked at again, every minute. */
export function start(): Promise<void> {
  window.addEventListener("online", () => void sync());
  window.addEventListener("offline", () => (line.state = "offline"));
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && void sync());
  return sync();
}
