import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Doing } from '../../base/doing'
import { useValue } from '../../base/react'
import { useServices } from '../../services'
import { Dialog } from '../../ui/Dialog'
import { Problem } from '../../ui/Problem'
import classes from './Locks.module.css'
import type { OfPerson } from './PaperCode'

/** Takes away somebody's lost second factor. */
export function RemoveFactors({ person, opened, close }: OfPerson) {
  const { t } = useTranslation()
  const { api } = useServices()
  const [doing] = useState(() => new Doing())
  const { busy, error } = useValue(doing.state)
  const remove = async () => {
    if (!(await doing.run(() => api.removeFactorsOf(person.id)))) return
    notifications.show({ message: t('locks.factorsRemoved', { name: person.name }) })
    close()
  }
  return (
    <Dialog opened={opened} close={close} title={t('locks.removeFactorsTitle')}>
      <div className={classes.form}>
        <p>{t('locks.removeFactorsText', { name: person.name })}</p>
        {error !== null && <Problem error={error} />}
        <div className={classes.buttons}>
          <Button className="stop" disabled={busy} onClick={() => void remove()}>
            {t('locks.remove')}
          </Button>
          <Button variant="default" onClick={close}>
            {t('common.cancel')}
          </Button>
        </div>
      </div>
    </Dialog>
  )
}
