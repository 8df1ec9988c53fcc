// What is true of a record, computed from receipts and never from hope.
import type { Enclosure, Paper } from "./db";

export type State = "draft" | "sealed" | "sent" | "kept" | "stuck";

/** draft: being written · sealed: waits for a signal · sent: the text is safe, files are not · kept: all is safe ·
 * stuck: a person has to decide. */
export function stateOf(paper: Paper, files: Enclosure[]): State {
  if (paper.trouble) return "stuck";
  if (!paper.receipt) return paper.sealedAt ? "sealed" : "draft";
  const told = new Map(paper.receipt.files.map((one) => [one.hash, one]));
  const safe = files.every((one) => {
    const file = told.get(one.hash);
    return file !== undefined && (file.kept || file.refused !== "");
  });
  return safe ? "kept" : "sent";
}

/** Whether signing out, or losing the phone, would lose something. */
export function isUnsent(state: State): boolean {
  return state !== "kept";
}
