import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { MyLink } from '../../api/types'
import { Doing } from '../../base/doing'
import { useServices } from '../../services'
import { Dialog } from '../../ui/Dialog'
import classes from './Locks.module.css'
import type { Mine } from './model'
import { ProofForm } from './ProofForm'

/** Log-in services of others, where the server knows any: linked to this account or not. */
export function LinkedServices({ mine, changed }: { mine: Mine; changed: () => void }) {
  const { t } = useTranslation()
  const [open, setOpen] = useState<MyLink | null>(null)
  const close = () => setOpen(null)
  if (mine.services.length === 0) return null
  return (
    <section className={classes.part} aria-labelledby="locks-services">
      <h2 id="locks-services">{t('locks.services')}</h2>
      <ul className={classes.rows}>
        {mine.services.map((service) => (
          <li key={service.id} className={classes.row}>
            <div>
              <p>
                <b>{service.name}</b>
              </p>
              <p className="muted sm">{t(service.linked ? 'locks.linked' : 'locks.notLinked')}</p>
            </div>
            <Button
              variant={service.linked ? 'subtle' : 'default'}
              size="sm"
              aria-label={`${t(service.linked ? 'locks.unlink' : 'locks.link')}: ${service.name}`}
              onClick={() => setOpen(service)}
            >
              {t(service.linked ? 'locks.unlink' : 'locks.link')}
            </Button>
          </li>
        ))}
      </ul>
      <Dialog opened={open !== null} close={close} title={open?.name ?? ''}>
        {open && (
          <Change
            service={open}
            cancel={close}
            done={() => {
              close()
              changed()
            }}
          />
        )}
      </Dialog>
    </section>
  )
}

function Change(props: { service: MyLink; done: () => void; cancel: () => void }) {
  const { t } = useTranslation()
  const { api } = useServices()
  const [doing] = useState(() => new Doing())
  const { id, linked } = props.service
  const send = async (password: string) => {
    if (linked) {
      if (await doing.run(() => api.unlinkService(id, password))) props.done()
      return
    }
    const leave = await doing.run(() => api.linkService(id, password))
    if (leave) location.assign(leave.address)
  }
  return (
    <>
      <p className="muted">{t(linked ? 'locks.unlinkText' : 'locks.linkText')}</p>
      <ProofForm
        doing={doing}
        submit={t(linked ? 'locks.unlink' : 'locks.next')}
        send={send}
        cancel={props.cancel}
      />
    </>
  )
}
