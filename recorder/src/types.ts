// What the server and the phone say to each other (the server's openapi.json has the same).

import type { Answers, QuestionForm } from "./questions";

export interface Child { id: number; name: string; class_name: string; about: boolean }
export interface Guardian { relation: string; relation_name: string; name: string; phone: string | null }
export interface Person { id: number; name: string }
export interface Outing { id: number; leaves_at: string; back_at: string; team: string[] }
export interface Preparation {
  tags: string[];
  last_on: string | null;
  last_next_step: string;
  measures: { kind: string; text: string; due: string }[];
  purposes?: string[];
  own_words?: string;
  remarks?: { name: string; teacher: string; text: string }[];
}

export interface Visit {
  id: string;
  state: string;
  kind: string;
  mode: string;
  starts_at: string;
  ends_at: string | null;
  order: number;
  outing: Outing | null;
  group?: { id: number; name: string } | null;
  place: string;
  address: string | null;
  point: [number, number] | null;
  children: Child[];
  guardians: Guardian[];
  companions: Person[];
  preparation: Preparation;
  form?: { id: number; version: number } | null;
  record: { id: string; version: number } | null;
}

export type Pairs = [string, string][];
export type Choices = Record<
  "modes" | "topics" | "relations" | "problems" | "measures" | "materials" | "purposes" | "fallback_reason" | "satisfaction",
  Pairs
>;

export interface Entry {
  mode: string;
  starts_at: string;
  ends_at: string;
  students: number[];
  companions: number[];
  met_relation: string[];
  topics: string[];
  purposes: string[];
  content: string;
  family_words: string;
  opinion: string;
  problem_categories: string[];
  problem: string;
  measures: string[];
  materials: string[];
  next_step: string;
  follow_up_on: string | null;
  reflection: string;
  fallback_reason: string;
  satisfaction: number | null;
  question_form?: number | null;
  answers?: Answers;
}

export interface FileState { hash: string; kept: boolean; have: number; refused: string }
export interface Receipt {
  record: string;
  visit: string;
  version: number;
  content_hash: string;
  kept_at: string;
  files: FileState[];
}
export interface Kept { record: string; version: number; by: string; at: string; entry: Record<string, unknown> }
export interface Commitment { version: string; lines: string[] }
export interface Sync {
  server_time: string;
  cursor: string;
  words: string;
  csrf: string;
  me: Person;
  visits: Visit[];
  gone: string[];
  choices: Choices | null;
  commitment: Commitment | null;
  forms?: QuestionForm[];
}
