import { TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useValue } from '../../base/react'
import { useServices } from '../../services'
import { Codes } from './Codes'
import { browserOf } from './model'
import { PasskeyModel } from './passkeys'
import { ProofForm } from './ProofForm'

/** A name for the passkey and the password; the browser asks the rest. */
export function AddPasskey({ done, cancel }: { done: () => void; cancel?: () => void }) {
  const { t } = useTranslation()
  const { api } = useServices()
  const [model] = useState(() => new PasskeyModel(api))
  const [name, setName] = useState(() => browserOf(navigator.userAgent))
  const now = useValue(model.step)
  useEffect(() => {
    if (now.step === 'ask') return
    notifications.show({ message: t('locks.passkeyAdded') })
    if (now.step === 'done') done()
  }, [now.step])
  if (now.step === 'codes') return <Codes codes={now.codes} done={done} />
  return (
    <ProofForm
      doing={model.doing}
      submit={t('locks.next')}
      send={(password) => model.add(password, name)}
      cancel={cancel}
    >
      <p className="muted">{t('locks.passkeysText')}</p>
      <TextInput
        label={t('locks.passkeyName')}
        description={t('locks.passkeyNameHelp')}
        autoComplete="off"
        maxLength={60}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
    </ProofForm>
  )
}
