import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { DeviceView, LoginView } from '../../api/types'
import { dayOf, timeOf } from '../../base/format'
import { useMe } from '../../me'
import classes from './Locks.module.css'
import { browserOf, type LocksModel, type Mine } from './model'

/** Where I am logged in now. */
export function Logins({ mine, model }: { mine: Mine; model: LocksModel }) {
  const { t } = useTranslation()
  const { logins } = mine.locks
  return (
    <section className={classes.part} aria-labelledby="locks-logins">
      <h2 id="locks-logins">{t('locks.logins')}</h2>
      <ul className={classes.rows}>
        {logins.map((login) => (
          <OneLogin key={login.id} login={login} end={() => void model.endLogin(login.id)} />
        ))}
      </ul>
      {logins.length > 1 && (
        <div className={classes.buttons}>
          <Button variant="default" size="sm" onClick={() => void model.endOthers()}>
            {t('locks.endOthers')}
          </Button>
        </div>
      )}
    </section>
  )
}

function OneLogin({ login, end }: { login: LoginView; end: () => void }) {
  const { t } = useTranslation()
  const { zone } = useMe()
  const name = browserOf(login.browser) || t('locks.unknownBrowser')
  const moment = `${dayOf(login.last_seen, zone)}, ${timeOf(login.last_seen, zone)}`
  const how = t([`locks.by.${login.kind}`, 'locks.by.password'])
  return (
    <li className={classes.row} data-login={login.id}>
      <div>
        <p>
          <b>{name}</b>
        </p>
        <p className="muted sm">{[how, login.mine ? '' : moment].filter(Boolean).join(' · ')}</p>
      </div>
      {login.mine ? (
        <span className="st ok">{t('locks.here')}</span>
      ) : (
        <Button
          variant="subtle"
          size="sm"
          aria-label={`${t('locks.end')}: ${name}, ${moment}`}
          onClick={end}
        >
          {t('locks.end')}
        </Button>
      )}
    </li>
  )
}

/** Browsers that are asked for no second factor, until their time is over. */
export function Trusted({ mine, model }: { mine: Mine; model: LocksModel }) {
  const { t } = useTranslation()
  const devices = mine.locks.devices.filter(({ trusted_until }) => trusted_until)
  if (devices.length === 0) return null
  return (
    <section className={classes.part} aria-labelledby="locks-trusted">
      <h2 id="locks-trusted">{t('locks.trusted')}</h2>
      <ul className={classes.rows}>
        {devices.map((device) => (
          <OneDevice
            key={device.id}
            device={device}
            forget={() => void model.forgetDevice(device.id)}
          />
        ))}
      </ul>
    </section>
  )
}

function OneDevice({ device, forget }: { device: DeviceView; forget: () => void }) {
  const { t } = useTranslation()
  const { zone } = useMe()
  const name = browserOf(device.browser) || t('locks.unknownBrowser')
  const until = t('locks.trustedUntil', { day: dayOf(device.trusted_until ?? '', zone) })
  return (
    <li className={classes.row} data-device={device.id}>
      <div>
        <p>
          <b>{name}</b>
        </p>
        <p className="muted sm">{until}</p>
      </div>
      <Button
        variant="subtle"
        size="sm"
        aria-label={`${t('locks.forget')}: ${name}`}
        onClick={forget}
      >
        {t('locks.forget')}
      </Button>
    </li>
  )
}
