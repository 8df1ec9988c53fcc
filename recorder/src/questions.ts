// A campaign's own questions: which are asked, and whether an answer can be. The same as the server decides
// (core/expressions.py and services/answers.py); both are held to one table of cases, tests/core/expressions.json.

import type { Entry } from "./types";

export type Tree = [string, ...(Tree | string | number)[]];
export type Value = string | string[];
export type Answers = Record<string, Value>;

export interface Question {
  name: string;
  type: "text" | "integer" | "decimal" | "date" | "select_one" | "select_multiple" | "note";
  label: string;
  label_en: string;
  hint: string;
  hint_en: string;
  group: number; // 0: none
  required: boolean;
  required_message: string;
  relevant: Tree | null;
  constraint: Tree | null;
  constraint_message: string;
  choices: [string, string, string][]; // name, Chinese, English
}

export interface QuestionForm {
  id: number;
  version: number;
  title: string;
  groups: { label: string; label_en: string }[];
  questions: Question[];
}

type Got = string | number | boolean;

const NUMBER = /^[ \t\r\n]*-?(?:[0-9]{1,15}(?:\.[0-9]{0,15})?|\.[0-9]{1,15})[ \t\r\n]*$/;
const DAY = /^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}$/;
const DAY_MS = 86_400_000;

const joined = (value: Value | undefined): string => (Array.isArray(value) ? value.join(" ") : (value ?? ""));
const pieces = (text: Got): string[] => String(text).split(/\s+/).filter(Boolean);
const truth = (value: Got): boolean => (typeof value === "number" ? value !== 0 && !Number.isNaN(value) : Boolean(value));

function isDay(text: string): boolean {
  const moment = DAY.test(text) ? new Date(`${text}T00:00:00Z`) : undefined;
  return moment !== undefined && !Number.isNaN(moment.getTime()) && moment.toISOString().slice(0, 10) === text;
}

function number(value: Got): number {
  if (typeof value !== "string") return Number(value);
  if (NUMBER.test(value)) return Number(value);
  return isDay(value) ? Date.parse(`${value}T00:00:00Z`) / DAY_MS : NaN;
}

function same(left: Got, right: Got): boolean {
  if (typeof left === "boolean" || typeof right === "boolean") return truth(left) === truth(right);
  if (typeof left === "number" || typeof right === "number") return number(left) === number(right);
  return left === right;
}

const SIGNS: Record<string, (a: number, b: number) => Got> = {
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  div: (a, b) => a / b,
  mod: (a, b) => a % b,
};

/** What a parsed condition comes to. */
export function evaluate(tree: Tree, values: Answers, here: Value, today: string): Got {
  const [sign, left, right] = tree;
  const of = (part: unknown): Got => evaluate(part as Tree, values, here, today);
  switch (sign) {
    case "ref": return joined(values[left as string]);
    case "here": return joined(here);
    case "text": case "num": return left as Got;
    case "today": return today;
    case "true": case "false": return sign === "true";
    case "not": return !truth(of(left));
    case "and": return truth(of(left)) && truth(of(right));
    case "or": return truth(of(left)) || truth(of(right));
    case "neg": return -number(of(left));
    case "selected": return pieces(of(left)).includes(String(of(right)));
    case "count-selected": return pieces(of(left)).length;
    case "string-length": return [...String(of(left))].length;
    case "=": return same(of(left), of(right));
    case "!=": return !same(of(left), of(right));
  }
  const make = SIGNS[sign];
  if (!make) throw new Error(sign);
  return make(number(of(left)), number(of(right)));
}

export const holds = (tree: Tree, values: Answers, here: Value, today: string): boolean => truth(evaluate(tree, values, here, today));

/** One way to write one answer: without empty ends, without idle zeros. */
export function tidy(question: Question, value: Value): Value {
  if (Array.isArray(value)) return question.choices.map(([name]) => name).filter((name) => value.includes(name)).concat(value.filter((one) => !question.choices.some(([name]) => name === one)));
  const text = value.replace(/\r\n?/g, "\n").replace(/^[ \t\n\u3000]+|[ \t\n\u3000]+$/g, "");
  const parts = question.type === "integer" || question.type === "decimal" ? /^(-?)0*([0-9]+)(?:\.([0-9]*?)0*)?$/.exec(text) : null;
  if (!parts) return text;
  const plain = parts[2] + (parts[3] ? `.${parts[3]}` : "");
  return plain === "0" ? plain : parts[1] + plain;
}

const isEmpty = (value: Value): boolean => value.length === 0;

function fits(question: Question, value: Value): boolean {
  const known = new Set(question.choices.map(([name]) => name));
  if (question.type === "select_multiple") return Array.isArray(value) && value.every((one) => known.has(one)) && new Set(value).size === value.length;
  if (Array.isArray(value)) return false;
  switch (question.type) {
    case "text": return [...value].length <= 2000 && !value.includes("\0");
    case "integer": return /^-?[0-9]{1,9}$/.test(value);
    case "decimal": return /^-?[0-9]{1,9}(\.[0-9]{1,6})?$/.test(value);
    case "date": return isDay(value);
    case "select_one": return known.has(value);
    default: return false;
  }
}

export type Fault = "type" | "constraint" | "required";

/** Which questions are asked, what was answered to them, and what cannot be. `today` is the day of the visit. */
export function review(questions: Question[], given: Answers, today: string): { shown: string[]; answers: Answers; faults: Record<string, Fault> } {
  const shown: string[] = [];
  const answers: Answers = {};
  const faults: Record<string, Fault> = {};
  for (const question of questions) {
    if (question.relevant && !holds(question.relevant, answers, "", today)) continue;
    shown.push(question.name);
    const value = tidy(question, given[question.name] ?? "");
    if (question.type === "note") continue;
    if (isEmpty(value)) {
      if (question.required) faults[question.name] = "required";
      continue;
    }
    answers[question.name] = value;
    if (!fits(question, value)) faults[question.name] = "type";
    else if (question.constraint && !holds(question.constraint, answers, value, today)) faults[question.name] = "constraint";
  }
  return { shown, answers, faults };
}

/** The questions a record answers, as this phone holds them. */
export function formOf(entry: Entry, forms: QuestionForm[]): QuestionForm | undefined {
  return forms.find((one) => one.id === entry.question_form);
}

/** What is sent: answers to questions that are not asked after all stay on the phone. */
export function asSent(entry: Entry, forms: QuestionForm[]): Entry {
  const form = formOf(entry, forms);
  return form ? { ...entry, answers: review(form.questions, entry.answers ?? {}, entry.starts_at.slice(0, 10)).answers } : entry;
}
