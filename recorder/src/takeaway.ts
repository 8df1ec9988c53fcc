// What is still on the phone, as one encrypted file: for a phone that must be handed back today.
import { db } from "./db";
import { stateOf } from "./state";

const ROUNDS = 600_000;

async function keyOf(word: string, salt: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  const raw = await crypto.subtle.importKey("raw", new TextEncoder().encode(word), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", salt, iterations: ROUNDS, hash: "SHA-256" };
  return crypto.subtle.deriveKey(how, raw, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
}

async function text(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let found = "";
  for (const byte of bytes) found += String.fromCharCode(byte);
  return btoa(found);
}

/** PBKDF2-SHA-256 (600,000 rounds) and AES-256-GCM: salt 16 bytes, nonce 12 bytes, then the sealed JSON. */
export async function takeAway(word: string): Promise<Blob> {
  const out = [];
  for (const paper of await db().papers.toArray()) {
    const files = await db().files.where({ record: paper.id }).toArray();
    if (stateOf(paper, files) === "kept") continue;
    const with_files = await Promise.all(files.map(async (one) => ({ ...one, blob: one.blob ? await text(one.blob) : null })));
    out.push({ paper, files: with_files });
  }
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  const clear = new TextEncoder().encode(JSON.stringify({ version: 1, records: out }));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, await keyOf(word, salt), clear);
  return new Blob([salt, nonce, sealed], { type: "application/octet-stream" });
}
