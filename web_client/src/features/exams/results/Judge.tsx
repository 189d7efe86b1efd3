import { Button, Textarea } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ExamView } from '../../../api/exams'
import { useTask } from '../../school/context'
import { Ask } from '../../school/form'
import { tell } from '../../school/tell'
import classes from '../exams.module.css'
import { useExams } from '../use'
import type { Row } from './model'

/** Sittings that somebody stopped: whether they count is decided by a person, with a reason. */
export function Judge({ exam, rows, done }: { exam: ExamView; rows: readonly Row[]; done: () => void }) {
  const { t } = useTranslation()
  const [asks, setAsks] = useState<{ row: Row; verdict: 'accept' | 'void' }>()
  const open = rows.filter(({ state }) => state === 'terminated')
  if (open.length === 0 || exam.part !== 'chair') return null
  return (
    <section className="note attn" aria-label={t('exams.judge')}>
      <div className="grow">
        <b>{t('exams.judge')}</b>
        <ul>
          {open.map((row) => (
            <li key={row.sitting_id} className={classes.row}>
              <span className="grow">{row.name}</span>
              <Button size="sm" variant="default" onClick={() => setAsks({ row, verdict: 'accept' })}>
                {t('exams.accept')}
              </Button>
              <Button size="sm" variant="default" onClick={() => setAsks({ row, verdict: 'void' })}>
                {t('exams.void')}
              </Button>
            </li>
          ))}
        </ul>
      </div>
      {asks && <Ruling {...asks} close={() => setAsks(undefined)} done={done} />}
    </section>
  )
}

interface RulingProps {
  row: Row
  verdict: 'accept' | 'void'
  close: () => void
  done: () => void
}

function Ruling({ row, verdict, close, done }: RulingProps) {
  const { t } = useTranslation()
  const exams = useExams()
  const task = useTask()
  const [why, setWhy] = useState('')
  const [sent, setSent] = useState(false)
  const needs = verdict === 'void'
  const send = async () => {
    setSent(true)
    if ((needs && !why.trim()) || !row.sitting_id) return
    const id = row.sitting_id
    if (!(await task.run(() => exams.judge(id, { verdict, why: why.trim() })))) return
    tell(t('school.saved'))
    done()
    close()
  }
  return (
    <Ask
      title={`${t(`exams.${verdict}`)}: ${row.name}`}
      close={close}
      task={task}
      submit={t(`exams.${verdict}`)}
      stops={needs}
      send={() => void send()}
    >
      <p>{t(`exams.${verdict}Text`)}</p>
      <Textarea
        label={t(needs ? 'exams.why' : 'exams.whyOptional')}
        value={why}
        maxLength={1000}
        rows={2}
        error={sent && needs && !why.trim() ? t('common.fillIn') : undefined}
        onChange={(event) => setWhy(event.currentTarget.value)}
      />
    </Ask>
  )
}
