// Texts: one namespace per page, `common` for the shell and the shared parts, each loaded when it is needed.
import i18next, { type BackendModule } from 'i18next';
import { initReactI18next } from 'react-i18next';

export const languages = { en: 'English', es: 'Español' } as const;
export type Language = keyof typeof languages;

const texts = import.meta.glob<Record<string, unknown>>(['./{en,es}.json', '../pages/*/{en,es}.json'], { import: 'default' });

const files: BackendModule = {
  type: 'backend',
  init: () => {},
  read: (language, namespace, done) => {
    const path = namespace === 'common' ? `./${language}.json` : `../pages/${namespace}/${language}.json`;
    const load = texts[path];
    if (!load) return done(new Error(`no texts at ${path}`), null);
    load().then((found) => done(null, found as never), (error: unknown) => done(error as Error, null));
  },
};

/** Whether a page has texts under this name. */
export function hasTexts(namespace: string): boolean {
  return `../pages/${namespace}/en.json` in texts;
}

const STORED = 'frontdesk.language';

/** The person's own language comes with the session; before that, what was used here last, then the browser's. */
export function guessLanguage(): Language {
  const stored = read();
  const wanted = [...(stored ? [stored] : []), ...navigator.languages].map((tag) => tag.slice(0, 2).toLowerCase());
  return wanted.find(isLanguage) ?? 'en';
}

export function isLanguage(tag: string | null | undefined): tag is Language {
  return tag === 'en' || tag === 'es';
}

export async function startTexts(): Promise<void> {
  await i18next
    .use(files)
    .use(initReactI18next)
    .init({
      lng: guessLanguage(),
      supportedLngs: Object.keys(languages),
      fallbackLng: false,
      ns: ['common'],
      defaultNS: 'common',
      // React escapes.
      interpolation: { escapeValue: false },
      returnNull: false,
    });
  mark(i18next.language);
}

export async function speak(language: Language): Promise<void> {
  try {
    localStorage.setItem(STORED, language);
  } catch {
    // Storage is closed to us: the choice lasts as long as the page.
  }
  if (i18next.language !== language) await i18next.changeLanguage(language);
  mark(language);
}

function mark(language: string): void {
  document.documentElement.lang = language;
}

function read(): string | null {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null;
  }
}
