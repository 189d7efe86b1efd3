import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { explain } from '../../base/errors'
import { useServices } from '../../services'
import { Dialog } from '../../ui/Dialog'
import { FieldError } from '../../ui/FieldError'
import { useFocus } from '../../ui/focus'
import { Icon } from '../../ui/Icon'
import { useTask } from '../school/context'
import { bankApi } from './api'
import { Notes } from './Notes'
import { type Format, FORMATS } from './reporting'
import type { Exported } from './shapes'
import classes from './bank.module.css'

/** A bank as a file: in which format, and what that format has no word for. */
export function ExportDialog({ bankId, close }: { bankId: string; close: () => void }) {
  const { t } = useTranslation()
  const { api } = useServices()
  const task = useTask()
  const [format, setFormat] = useState<Format>('qti30')
  const [made, setMade] = useState<Exported | null>(null)
  const make = () =>
    void task.run(async () => setMade(await bankApi(api.http).exportQuestions(bankId, format)))
  return (
    <Dialog opened close={close} title={t('bank.exportTitle')} wide>
      {made ? (
        <Made made={made} back={() => setMade(null)} />
      ) : (
        <div className={classes.stack}>
          <fieldset className={classes.formats}>
            <legend className="sb-label">{t('bank.formatOf')}</legend>
            {FORMATS.map((one) => (
              <label key={one} className={classes.radio}>
                <input type="radio" name="format" checked={format === one} onChange={() => setFormat(one)} />
                <span>
                  <b>{t(`bank.format.${one}`)}</b>
                  <span className="muted sm"> {t(`bank.losses.${one}`)}</span>
                </span>
              </label>
            ))}
          </fieldset>
          {task.error !== null && <FieldError>{explain(task.error)}</FieldError>}
          <div className={classes.row}>
            <Button disabled={task.busy} onClick={make}>
              {t(task.busy ? 'bank.exporting' : 'bank.makeFile')}
            </Button>
            <Button variant="default" onClick={close}>
              {t('common.cancel')}
            </Button>
          </div>
        </div>
      )}
    </Dialog>
  )
}

function Made({ made, back }: { made: Exported; back: () => void }) {
  const { t } = useTranslation()
  const heading = useFocus<HTMLHeadingElement>()
  return (
    <div className={classes.stack} data-exported={made.name}>
      <h3 ref={heading} tabIndex={-1}>
        {t(made.noted.length ? 'bank.exportedNoted' : 'bank.exportedWhole')}
      </h3>
      <Notes title={t('bank.exportLost')} notes={made.noted} sign="attn" place={(where) => t('bank.nthQuestion', { number: where })} />
      <div className={classes.row}>
        <Button component="a" href={made.url} download={made.name} leftSection={<Icon name="download" size={18} />}>
          {t('bank.downloadFile', { name: made.name })}
        </Button>
        <Button variant="default" onClick={back}>
          {t('bank.otherFormat')}
        </Button>
      </div>
    </div>
  )
}
