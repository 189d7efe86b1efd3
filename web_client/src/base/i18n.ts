import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import type { Language, Names } from '../api/types'

export const LANGUAGES: readonly Language[] = ['kk', 'ru', 'en']
const KEPT = 'sabaq.language'

type Catalogues = Record<Language, () => Promise<{ default: object }>>
const ofLesson: Catalogues = {
  kk: () => import('../locales/kk.json?of=lesson'),
  ru: () => import('../locales/ru.json?of=lesson'),
  en: () => import('../locales/en.json?of=lesson'),
}
const ofOthers: Catalogues = {
  kk: () => import('../locales/kk.json?of=others'),
  ru: () => import('../locales/ru.json?of=others'),
  en: () => import('../locales/en.json?of=others'),
}
/** Languages of which all words are here, or on their way. */
const whole = new Map<Language, Promise<void>>()

/** Loads the language of this browser. Kazakh unless something says otherwise. `all`: at once the words of all
 *  pages, not only those of a lesson. */
export async function startLanguage(all: boolean): Promise<void> {
  const language = firstLanguage()
  const parts = all ? [ofLesson, ofOthers] : [ofLesson]
  const [first, ...others] = await Promise.all(parts.map(async (part) => (await part[language]()).default))
  if (all) whole.set(language, Promise.resolve())
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: { [language]: { translation: { ...first } } },
    interpolation: { escapeValue: false },
    returnNull: false,
  })
  for (const part of others) i18next.addResourceBundle(language, 'translation', part, true)
  show(language)
}

/** Changes the language of everything shown, without a reload. `keep`: a person chose it here. */
export async function setLanguage(language: Language, keep = true): Promise<void> {
  await loadAll(language)
  await i18next.changeLanguage(language)
  if (keep) localStorage.setItem(KEPT, language)
  show(language)
}

/** The words of all pages, to be waited for before one is shown that is no lesson. */
export function allWords(): Promise<void> {
  return loadAll(currentLanguage())
}

function loadAll(language: Language): Promise<void> {
  const known = whole.get(language)
  if (known) return known
  const load = async () => {
    const parts = await Promise.all([ofLesson[language](), ofOthers[language]()])
    for (const part of parts) i18next.addResourceBundle(language, 'translation', part.default, true)
  }
  const loading = load()
  whole.set(language, loading)
  loading.catch(() => whole.delete(language))
  return loading
}

export function currentLanguage(): Language {
  return asLanguage(i18next.language) ?? 'kk'
}

/** Whether a person chose the language here; otherwise the account's own applies after log-in. */
export function languageChosen(): boolean {
  return asLanguage(localStorage.getItem(KEPT)) !== undefined
}

/** The name in the present language, or in the first that has one. */
export function named(names: Names | null | undefined): string {
  if (!names) return ''
  return names[currentLanguage()] || names.kk || names.ru || names.en
}

function firstLanguage(): Language {
  const wishes = [localStorage.getItem(KEPT), ...navigator.languages]
  for (const wish of wishes) {
    const language = asLanguage(wish?.slice(0, 2))
    if (language) return language
  }
  return 'kk'
}

function asLanguage(text: string | null | undefined): Language | undefined {
  return LANGUAGES.find((language) => language === text)
}

function show(language: Language): void {
  document.documentElement.lang = language
}
