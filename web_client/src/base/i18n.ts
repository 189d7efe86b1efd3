import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import type { Language, Names } from '../api/types'

export const LANGUAGES: readonly Language[] = ['kk', 'ru', 'en']
const KEPT = 'sabaq.language'

const catalogues: Record<Language, () => Promise<{ default: object }>> = {
  kk: () => import('../locales/kk.json'),
  ru: () => import('../locales/ru.json'),
  en: () => import('../locales/en.json'),
}

/** Loads the language of this browser. Kazakh unless something says otherwise. */
export async function startLanguage(): Promise<void> {
  const language = firstLanguage()
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: { [language]: { translation: (await catalogues[language]()).default } },
    interpolation: { escapeValue: false },
    returnNull: false,
  })
  show(language)
}

/** Changes the language of everything shown, without a reload. `keep`: a person chose it here. */
export async function setLanguage(language: Language, keep = true): Promise<void> {
  if (!i18next.hasResourceBundle(language, 'translation')) {
    i18next.addResourceBundle(language, 'translation', (await catalogues[language]()).default)
  }
  await i18next.changeLanguage(language)
  if (keep) localStorage.setItem(KEPT, language)
  show(language)
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
