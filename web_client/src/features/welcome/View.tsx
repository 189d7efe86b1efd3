import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { SetupState } from '../../api/types'
import { Front } from '../../ui/Front'
import { Icon } from '../../ui/Icon'
import { usePage } from '../../ui/page'
import classes from './View.module.css'

/** The first page of a server that has no organisation yet. */
export default function Welcome({ setup }: { setup: SetupState }) {
  const { t } = useTranslation()
  const heading = usePage(t('welcome.title'))
  return (
    <Front version={setup.version}>
      <main id="main" className={classes.main} tabIndex={-1}>
        <header>
          <h1 ref={heading} tabIndex={-1}>
            {t('welcome.title')}
          </h1>
          <p className="muted">{t('welcome.text')}</p>
        </header>
        <div className={classes.ways}>
          {setup.demo_offered && (
            <section className={classes.way}>
              <Icon name="door-open" size={24} />
              <h2>{t('welcome.demo')}</h2>
              <p className="muted">{t('welcome.demoText')}</p>
              <Button component={Link} href="/demo">
                {t('welcome.demoAction')}
              </Button>
            </section>
          )}
          <section className={classes.way}>
            <Icon name="graduation-cap" size={24} />
            <h2>{t('welcome.own')}</h2>
            <p className="muted">{t('welcome.ownText')}</p>
            <p className="note">
              <Icon name="key-round" />
              <span>{t('welcome.ownWhere')}</span>
            </p>
          </section>
        </div>
        {setup.state !== 'empty' && (
          <p>
            <Link href="/log-in" className="tap">
              {t('welcome.toLogIn')}
            </Link>
          </p>
        )}
      </main>
    </Front>
  )
}
