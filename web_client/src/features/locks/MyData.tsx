import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Doing } from '../../base/doing'
import { useValue } from '../../base/react'
import { useMe } from '../../me'
import { useServices } from '../../services'
import { Problem } from '../../ui/Problem'
import classes from './Locks.module.css'

/** Everything that is kept about oneself, as a file. */
export function MyData() {
  const { t } = useTranslation()
  const { api } = useServices()
  const { login } = useMe()
  const [doing] = useState(() => new Doing())
  const { busy, error } = useValue(doing.state)
  const take = async () => {
    const data = await doing.run(() => api.myData())
    if (data) keepAsFile(`sabaq-${login}.json`, JSON.stringify(data, null, 2))
  }
  return (
    <section className={classes.part} aria-labelledby="locks-data">
      <h2 id="locks-data">{t('locks.data')}</h2>
      {error !== null && <Problem error={error} />}
      <div className={classes.rows}>
        <div className={classes.row}>
          <p className="muted sm">{t('locks.dataText')}</p>
          <Button variant="default" size="sm" disabled={busy} onClick={() => void take()}>
            {t('locks.dataGet')}
          </Button>
        </div>
      </div>
    </section>
  )
}

/** The browser keeps a text as a file of that name. */
export function keepAsFile(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  URL.revokeObjectURL(address)
}
