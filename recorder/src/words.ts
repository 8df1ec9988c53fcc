// The words of the pages: Chinese here, other languages from the page the server made.
const told = JSON.parse(document.getElementById("words")?.textContent ?? "{}") as Record<string, string>;

/** A sentence in the page's language; `{name}` is replaced. */
export function t(text: string, values: Record<string, string | number> = {}): string {
  return (told[text] ?? text).replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

const isEnglish = document.documentElement.lang.startsWith("en");

/** A label of a campaign's question: Chinese, or English where the page is English and the campaign gave it. */
export const inLanguage = (label: string, other: string): string => (isEnglish && other ? other : label);

const root = document.getElementById("recorder");

/** Where the interface lies, such as `/s/hill/api/`. */
export const API = root?.dataset["api"] ?? "";
/** Where the site's own pages lie, such as `/s/hill/`. */
export const SITE = root?.dataset["site"] ?? "";
