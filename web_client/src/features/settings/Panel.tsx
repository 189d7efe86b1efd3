import { Switch, useMantineColorScheme } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useValue } from '../../base/react'
import { useServices } from '../../services'
import { LanguageSwitch } from '../../ui/LanguageSwitch'
import classes from './View.module.css'

const SCHEMES = ['auto', 'light', 'dark'] as const

/** Language, appearance and keys: also shown inside a lesson. */
export function SettingsPanel() {
  const { t } = useTranslation()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const { preferences } = useServices()
  const letterKeys = useValue(preferences.letterKeys)
  return (
    <>
      <section className={classes.part}>
        <h2>{t('settings.language')}</h2>
        <LanguageSwitch whole />
      </section>
      <section className={classes.part}>
        <h2>{t('settings.appearance')}</h2>
        <div className="seg" role="group" aria-label={t('settings.appearance')}>
          {SCHEMES.map((scheme) => (
            <button
              key={scheme}
              type="button"
              aria-pressed={colorScheme === scheme}
              onClick={() => setColorScheme(scheme)}
            >
              {t(`settings.scheme.${scheme}`)}
            </button>
          ))}
        </div>
      </section>
      <section className={classes.part}>
        <h2>{t('settings.keys')}</h2>
        <Switch
          checked={letterKeys}
          onChange={(event) => preferences.setLetterKeys(event.currentTarget.checked)}
          label={t('settings.keysLabel')}
          description={t('settings.keysText')}
        />
      </section>
    </>
  )
}
