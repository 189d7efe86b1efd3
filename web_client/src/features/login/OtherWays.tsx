import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Ways } from '../../api/types'
import { useServices } from '../../services'
import { Icon } from '../../ui/Icon'
import { passkeysHere } from '../locks/passkeys'
import classes from './View.module.css'

const ONLY_PASSWORD: Ways = { password: true, oidc: [], passkeys: false, mail: false }

/** How one may log in here; by password alone while it is not known. */
export function useWays(): Ways {
  const { api } = useServices()
  const [ways, setWays] = useState(ONLY_PASSWORD)
  useEffect(() => {
    let here = true
    void api.waysToLogIn().then(
      (found) => here && setWays(found),
      () => undefined,
    )
    return () => {
      here = false
    }
  }, [api])
  return ways
}

/** A passkey, and log-in services of others, where there are any. */
export function OtherWays({ ways, passkey }: { ways: Ways; passkey: () => void }) {
  const { t } = useTranslation()
  const passkeys = ways.passkeys && passkeysHere()
  if (ways.oidc.length === 0 && !passkeys) return null
  return (
    <div className={classes.others} role="group" aria-label={t('login.otherWays')}>
      {passkeys && (
        <Button
          variant="default"
          fullWidth
          leftSection={<Icon name="key-round" size={18} />}
          onClick={passkey}
        >
          {t('login.byPasskey')}
        </Button>
      )}
      {ways.oidc.map(({ id, name }) => (
        <Button
          key={id}
          component="a"
          href={`/api/oidc/${encodeURIComponent(id)}/start`}
          variant="default"
          fullWidth
          leftSection={<Icon name="door-open" size={18} />}
        >
          {t('login.byService', { name })}
        </Button>
      ))}
    </div>
  )
}
