import { useTranslation } from 'react-i18next'
import type { Language } from '../api/types'
import { LANGUAGES } from '../base/i18n'
import { useServices } from '../services'

const SHORT: Record<Language, string> = { kk: 'Қаз', ru: 'Рус', en: 'Eng' }
const WHOLE: Record<Language, string> = { kk: 'Қазақша', ru: 'Русский', en: 'English' }

export function LanguageSwitch({ whole = false }: { whole?: boolean }) {
  const { i18n } = useTranslation()
  const { entrance } = useServices()
  const words = whole ? WHOLE : SHORT
  return (
    <div className="seg" role="group" aria-label="Тіл / Язык / Language">
      {LANGUAGES.map((language) => (
        <button
          key={language}
          type="button"
          lang={language}
          aria-pressed={i18n.language === language}
          title={whole ? undefined : WHOLE[language]}
          onClick={() => void entrance.speak(language)}
        >
          {words[language]}
        </button>
      ))}
    </div>
  )
}
