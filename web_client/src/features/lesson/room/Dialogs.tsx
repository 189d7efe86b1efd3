import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Devices } from '../../../media/devices'
import { explain } from '../../../base/errors'
import { Dialog } from '../../../ui/Dialog'
import { FieldError } from '../../../ui/FieldError'
import { DeviceChoices } from '../../devices/Preview'
import { SettingsPanel } from '../../settings/Panel'
import type { LessonVisit } from '../model'
import classes from './Dialogs.module.css'

interface Opening {
  opened: boolean
  close: () => void
}

/** For whoever leads: go out alone, or end the lesson for everybody. */
export function EndDialog({ visit, opened, close }: Opening & { visit: LessonVisit }) {
  const { t } = useTranslation()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const end = async () => {
    setBusy(true)
    setError(null)
    try {
      await visit.endForAll()
    } catch (refusal) {
      setError(refusal)
      setBusy(false)
    }
  }
  return (
    <Dialog opened={opened} close={close} title={t('room.endTitle')}>
      <div className={classes.ways}>
        <p>{t('room.leaveText')}</p>
        <Button variant="default" onClick={() => void visit.leave()} data-autofocus>
          {t('room.leaveAlone')}
        </Button>
        <hr />
        <p>{t('room.endText')}</p>
        {error !== null && <FieldError>{explain(error)}</FieldError>}
        <Button className="stop" disabled={busy} onClick={() => void end()}>
          {t('room.endForAll')}
        </Button>
      </div>
    </Dialog>
  )
}

export function SettingsDialog({ devices, opened, close }: Opening & { devices: Devices }) {
  const { t } = useTranslation()
  return (
    <Dialog opened={opened} close={close} title={t('nav.settings')}>
      <div className={classes.settings}>
        <DeviceChoices devices={devices} />
        <SettingsPanel />
      </div>
    </Dialog>
  )
}
