import { Button, NativeSelect } from '@mantine/core'
import { type DragEvent, useState } from 'react'
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
import { ENDINGS, MOST_BYTES, READABLE, type Readable, tableOf } from './reporting'
import type { Imported } from './shapes'
import classes from './bank.module.css'

interface Props {
  bankId: string
  close: () => void
  /** Something new is in the bank. */
  done: () => void
}

/** A file of questions is dropped or chosen; then the report: what came in, what did not, where and why. */
export function ImportDialog({ bankId, close, done }: Props) {
  const { t } = useTranslation()
  const { api } = useServices()
  const task = useTask()
  const [format, setFormat] = useState<Readable>('auto')
  const [read, setRead] = useState<{ name: string; report: Imported } | null>(null)
  const [tooLarge, setTooLarge] = useState(false)
  const take = (file: File) => {
    setTooLarge(file.size > MOST_BYTES)
    if (file.size > MOST_BYTES) return
    void task.run(async () => {
      const report = await bankApi(api.http).importQuestions(bankId, file, format)
      setRead({ name: file.name, report: { noted: [], ...report } })
      if (report.taken > 0) done()
    })
  }
  return (
    <Dialog opened close={close} title={t('bank.importTitle')} wide>
      {read ? (
        <Report {...read} again={() => setRead(null)} close={close} />
      ) : (
        <div className={classes.stack}>
          <p className="muted sm">{t('bank.importText')}</p>
          <Drop busy={task.busy} take={take} />
          <NativeSelect
            label={t('bank.formatOf')}
            value={format}
            onChange={(event) => setFormat(event.currentTarget.value as Readable)}
            data={READABLE.map((value) => ({ value, label: t(`bank.format.${value}`) }))}
          />
          {tooLarge && <FieldError>{t('bank.exchange.tooLarge')}</FieldError>}
          {task.error !== null && <FieldError>{explain(task.error)}</FieldError>}
        </div>
      )}
    </Dialog>
  )
}

function Drop({ busy, take }: { busy: boolean; take: (file: File) => void }) {
  const { t } = useTranslation()
  const [over, setOver] = useState(false)
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    const [file] = event.dataTransfer.files
    if (file && !busy) take(file)
  }
  return (
    <label
      className={classes.drop}
      data-over={over}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Icon name="upload" size={28} />
      <b>{t(busy ? 'bank.importing' : 'bank.dropHere')}</b>
      <span className="muted sm">{t('bank.dropFormats')}</span>
      <input
        type="file"
        className="vh"
        accept={ENDINGS}
        disabled={busy}
        data-import-file=""
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? []
          event.currentTarget.value = ''
          if (file) take(file)
        }}
      />
      {busy && (
        <span role="status" className="vh">
          {t('bank.importing')}
        </span>
      )}
    </label>
  )
}

interface ReportProps {
  name: string
  report: Imported
  again: () => void
  close: () => void
}

function Report({ name, report, again, close }: ReportProps) {
  const { t } = useTranslation()
  const heading = useFocus<HTMLHeadingElement>()
  const { taken, refused, noted } = report
  const download = () => save(`${name}.csv`, tableOf(report, t))
  return (
    <div className={classes.stack} data-report={taken}>
      <h3 ref={heading} tabIndex={-1}>
        {t('bank.report.of', { name })}
      </h3>
      <ul className={classes.counts}>
        <li className={taken ? 'st ok' : 'st'}>{t('bank.report.takenCount', { count: taken })}</li>
        <li className={refused.length ? 'st bad' : 'st'}>{t('bank.report.refusedCount', { count: refused.length })}</li>
        <li className={noted.length ? 'st attn' : 'st'}>{t('bank.report.notedCount', { count: noted.length })}</li>
      </ul>
      <Notes title={t('bank.report.refusedTitle')} notes={refused} sign="bad" />
      <Notes title={t('bank.report.notedTitle')} notes={noted} sign="attn" />
      <div className={classes.row}>
        <Button onClick={close}>{t('bank.report.done')}</Button>
        <Button variant="default" onClick={again}>
          {t('bank.report.again')}
        </Button>
        {refused.length + noted.length > 0 && (
          <Button variant="default" leftSection={<Icon name="download" size={18} />} onClick={download}>
            {t('bank.report.download')}
          </Button>
        )}
      </div>
    </div>
  )
}

function save(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
