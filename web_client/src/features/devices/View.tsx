import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { useModel, useValue } from '../../base/react'
import { Devices } from '../../media/devices'
import { useServices } from '../../services'
import { Front } from '../../ui/Front'
import { usePage } from '../../ui/page'
import { Thread, type ThreadState } from '../../ui/Thread'
import { checkLine, type LineCheck } from './model'
import { Preview } from './Preview'
import classes from './View.module.css'

/** A check of camera, microphone, loudspeaker and line; needs no log-in. */
export default function DevicesPage() {
  const { t } = useTranslation()
  const heading = usePage(t('devices.title'))
  const { api, clock, entrance } = useServices()
  const presence = useValue(entrance.presence)
  const devices = useModel((scope) => {
    const made = new Devices(scope)
    made.want({ microphone: true, camera: true })
    return made
  }, [])
  const line = useModel((scope) => checkLine(scope, clock, api), [api])
  return (
    <Front>
      <main id="main" className={classes.main} tabIndex={-1}>
        <header>
          <h1 ref={heading} tabIndex={-1}>
            {t('devices.title')}
          </h1>
          <p className="muted">{t('devices.text')}</p>
        </header>
        {devices && <Preview devices={devices} name="" />}
        {line && <Line line={line} />}
        {presence.phase === 'in' && (
          <p>
            <Link href="/connection" className="tap">
              {t('connection.title')}
            </Link>
          </p>
        )}
        <p>
          <Link href="/" className="tap">
            {t(presence.phase === 'in' ? 'common.home' : 'common.toLogIn')}
          </Link>
        </p>
      </main>
    </Front>
  )
}

const WORD: Record<LineCheck['state'], ThreadState> = { good: 'whole', slow: 'weak', none: 'cut' }

function Line({ line }: { line: ReturnType<typeof checkLine> }) {
  const { t } = useTranslation()
  const check = useValue(line)
  return (
    <p role="status">
      {check && (
        <Thread state={WORD[check.state]}>
          {t(`devices.line.${check.state}`, { delay: Math.round(check.delay) })}
        </Thread>
      )}
    </p>
  )
}
