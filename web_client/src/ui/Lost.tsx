import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { explain } from '../base/errors'
import classes from './Lost.module.css'
import { Mark } from './Mark'
import { usePage } from './page'

/** The address leads nowhere, or to something this person may not see. */
export function NotFound() {
  const { t } = useTranslation()
  const heading = usePage(t('lost.title'))
  return (
    <main id="main" className={classes.lost} tabIndex={-1}>
      <Mark />
      <h1 ref={heading} tabIndex={-1}>
        {t('lost.title')}
      </h1>
      <p className="muted">{t('lost.text')}</p>
      <Button component={Link} href="/">
        {t('common.home')}
      </Button>
    </main>
  )
}

/** Nothing can be shown now: what happened, and the way on. */
export function Unavailable({ error, retry }: { error: unknown; retry: () => void }) {
  const { t } = useTranslation()
  const heading = usePage(t('lost.unavailable'))
  return (
    <main id="main" className={classes.lost} tabIndex={-1}>
      <span className="mark">Sabaq</span>
      <h1 ref={heading} tabIndex={-1}>
        {t('lost.unavailable')}
      </h1>
      <p className="muted" role="alert">
        {explain(error)}
      </p>
      <Button onClick={retry}>{t('common.again')}</Button>
    </main>
  )
}
