import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { Resources } from './resources.gen';

export const LANGUAGES = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof LANGUAGES;
export type Area = keyof Resources;

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'common';
    resources: Resources;
  }
}

/** One file per language and area of the console, loaded when a page needs it. */
const FILES = import.meta.glob<Record<string, unknown>>('./{en,de}/*.json', { import: 'default' });
const KEY = 'trellis-language';

/** Lists count their rows no further: the number of a long list is of no use, and takes long to find out. */
export const COUNTED_ROWS = 10_000;

/** Writes the number of rows of a list, as in `{{count, counted}}`: “7”, “10,000+”. */
const counted = (language: string | undefined) => {
  const number = new Intl.NumberFormat(language);
  return (count: number) => (count > COUNTED_ROWS ? `${number.format(COUNTED_ROWS)}+` : number.format(count));
};

const isLanguage = (value: string | null): value is Language => value !== null && value in LANGUAGES;

/** Returns the language chosen on this device, else that of the browser. */
function preferredLanguage(): Language {
  const stored = localStorage.getItem(KEY);
  return isLanguage(stored) ? stored : browserLanguage();
}

/** Returns the first of the browser's languages that the console speaks. */
function browserLanguage(): Language {
  return navigator.languages.map((tag) => tag.slice(0, 2)).find(isLanguage) ?? 'en';
}

/** Loads the texts of areas. A route names them in its loader, so that its page renders at once. */
export const loadTexts = (...areas: Area[]): Promise<void> => i18next.loadNamespaces(areas);

/** Null is the language of the browser. */
export async function setLanguage(choice: Language | null): Promise<void> {
  const language = choice ?? browserLanguage();
  if (choice) localStorage.setItem(KEY, choice);
  else localStorage.removeItem(KEY);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

export async function startLanguage(): Promise<void> {
  const lng = preferredLanguage();
  document.documentElement.lang = lng;
  await i18next
    .use(initReactI18next)
    .use({
      type: 'backend' as const,
      read: async (language: string, area: string) => {
        const load = FILES[`./${language}/${area}.json`];
        if (!load) throw new Error(`no texts: ${language}/${area}`);
        return load();
      },
    })
    .init({
      lng,
      fallbackLng: false,
      ns: ['common', 'errors'],
      defaultNS: 'common',
      interpolation: { escapeValue: false },
      returnNull: false,
    });
  i18next.services.formatter?.addCached('counted', counted);
}
