// Several records begun at once: families of one group visit, and siblings each with a record of their own. Each is a
// paper of this phone like any other, sent and kept by itself.
import { db, type Paper } from "./db";
import { noteDown } from "./lost";
import { fresh, iso, save } from "./papers";
import type { State } from "./state";
import { line, sync } from "./sync";
import type { Entry, Visit } from "./types";

/** 小组/社区集中家访. */
const GROUP = "06";
const RECENT_DAYS = 14;
const DAY_MS = 86_400_000;
/** What all families of a group visit have in common. */
const COMMON = ["topics", "content", "starts_at", "ends_at"] as const;
/** What a home says is counted once, whatever the number of its children. */
const ONCE: Partial<Entry> = { opinion: "", satisfaction: null };
const LEAST_SAFE: State[] = ["stuck", "draft", "sealed", "sent", "kept"];

export type Common = Pick<Entry, (typeof COMMON)[number]>;

/** The day somebody was with this family lately: the day alone, not who. */
export function lately(visit: Visit): string | null {
  const day = visit.preparation.last_on;
  if (!day || visit.record) return null;
  return Date.now() - Date.parse(`${day}T00:00`) <= (RECENT_DAYS + 1) * DAY_MS ? day : null;
}

/** How safe a visit's records on this phone are, all taken together. */
export function stateOfVisits(rows: { paper: Paper; state: State }[]): Map<string, State> {
  const found = new Map<string, State>();
  for (const { paper, state } of rows) {
    const before = paper.visit ? found.get(paper.visit) : undefined;
    if (paper.visit && (!before || LEAST_SAFE.indexOf(state) < LEAST_SAFE.indexOf(before))) found.set(paper.visit, state);
  }
  return found;
}

export function commonOf(entry: Entry): Common {
  return { topics: [...entry.topics], content: entry.content, starts_at: entry.starts_at, ends_at: entry.ends_at };
}

/** A family that came gets its paper, with what is common written in. */
export async function came(visit: Visit, common: Common, times: Paper["times"]): Promise<Paper> {
  const paper = fresh(visit);
  const made = { ...paper, times, entry: { ...(paper.entry as Entry), ...common, topics: [...common.topics], mode: GROUP } };
  await save(made);
  return made;
}

/** All of them or none: from now on they are sent by themselves. */
export async function sealAll(papers: Paper[]): Promise<void> {
  const plain = JSON.parse(JSON.stringify(papers)) as Paper[];
  const sealed = plain.map((one) => ({ ...one, sealedAt: new Date().toISOString(), trouble: null, changedAt: iso(new Date()) }));
  await db().transaction("rw", db().papers, async () => {
    await db().papers.bulkPut(sealed);
  });
  sealed.forEach(noteDown);
  await navigator.storage?.persist?.().catch(() => false);
  line.changed += 1;
  void sync();
}

/** One paper for each child of the record: the first goes on with this one, the others begin with the same words. */
export async function splitUp(paper: Paper, visit: Visit): Promise<Paper> {
  const entry = paper.entry as Entry;
  const name = (id: number): string => visit.children.find((one) => one.id === id)?.name ?? paper.title;
  const [first, ...others] = entry.students;
  if (first === undefined || !others.length) return paper;
  const own = { ...paper, title: name(first), entry: { ...entry, students: [first] } };
  const rest = others.map((id) => ({
    ...paper, id: crypto.randomUUID(), student: id, title: name(id), entry: { ...entry, ...ONCE, students: [id] },
  }));
  const plain = JSON.parse(JSON.stringify([own, ...rest])) as Paper[];
  await db().transaction("rw", db().papers, async () => {
    await db().papers.bulkPut(plain.map((one) => ({ ...one, changedAt: iso(new Date()) })));
  });
  plain.forEach(noteDown);
  line.changed += 1;
  return plain[0] as Paper;
}
