import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMe } from '../../me'
import { useServices } from '../../services'
import { Front } from '../../ui/Front'
import { usePage } from '../../ui/page'
import type { HeldUp } from '../entrance/model'
import { useWays } from '../login/OtherWays'
import { AddPasskey } from './AddPasskey'
import { AddTotp } from './AddTotp'
import classes from './Locks.module.css'
import { passkeysHere } from './passkeys'
import { PasswordForm } from './PasswordForm'

/** Stands where the wanted page will stand, until what the server asks for is done. */
export default function HeldUpPage({ what }: { what: HeldUp }) {
  const { t } = useTranslation()
  const { entrance } = useServices()
  return (
    <Front>
      <main id="main" className={classes.held} tabIndex={-1}>
        {what === 'password_change_needed' ? <Password key={what} /> : <Second key={what} />}
        <Button
          variant="subtle"
          className={classes.quiet}
          onClick={() => void entrance.logOut().catch(() => entrance.look())}
        >
          {t('settings.logOut')}
        </Button>
      </main>
    </Front>
  )
}

function Password() {
  const { t } = useTranslation()
  const me = useMe()
  const { entrance } = useServices()
  const heading = usePage(t('locks.heldPassword'))
  return (
    <>
      <h1 ref={heading} tabIndex={-1}>
        {t('locks.heldPassword')}
      </h1>
      <p className="muted">{t('locks.heldPasswordText')}</p>
      <PasswordForm
        login={me.login}
        oldLabel={t('locks.givenPassword')}
        done={() => void entrance.goOn()}
      />
    </>
  )
}

function Second() {
  const { t } = useTranslation()
  const { entrance } = useServices()
  const ways = useWays()
  const [passkey, setPasskey] = useState(false)
  const done = () => void entrance.goOn()
  const heading = usePage(t('locks.heldSecond'))
  return (
    <>
      <h1 ref={heading} tabIndex={-1}>
        {t('locks.heldSecond')}
      </h1>
      <p className="muted">{t('locks.heldSecondText')}</p>
      {passkey ? <AddPasskey done={done} /> : <AddTotp done={done} />}
      {ways.passkeys && passkeysHere() && (
        <Button variant="subtle" className={classes.quiet} onClick={() => setPasskey(!passkey)}>
          {t(passkey ? 'locks.heldByApp' : 'locks.heldByPasskey')}
        </Button>
      )}
    </>
  )
}
