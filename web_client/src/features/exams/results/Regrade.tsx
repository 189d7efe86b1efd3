import { NativeSelect, Textarea } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { ExamView, Results } from '../../../api/exams'
import { dayOf, timeOf } from '../../../base/format'
import { named } from '../../../base/i18n'
import { useMe } from '../../../me'
import { useTask } from '../../school/context'
import { Ask } from '../../school/form'
import { tell } from '../../school/tell'
import { shownNumber } from '../decimal'
import exam_ from '../exams.module.css'
import { Check, More } from '../parts'
import { useExams, useLoaded } from '../use'
import type { Question } from './model'

const HOWS = ['full', 'drop', 'key'] as const

interface Props {
  exam: ExamView
  question: Question
  close: () => void
  done: () => void
}

/** A question was faulty: what becomes of its points, why, and who loses nothing by it. */
export function Regrade({ exam, question, close, done }: Props) {
  const { t } = useTranslation()
  const exams = useExams()
  const task = useTask()
  const [how, setHow] = useState<(typeof HOWS)[number]>('full')
  const [onlyUp, setOnlyUp] = useState(true)
  const [why, setWhy] = useState('')
  const [sent, setSent] = useState(false)
  const send = async () => {
    setSent(true)
    if (!why.trim()) return
    let changes = 0
    const kept = await task.run(async () => {
      const key = how === 'key' ? await exams.itemKey(question.item_id) : null
      const body = { item_id: question.item_id, how, why: why.trim(), only_up: onlyUp, key }
      changes = (await exams.regrade(exam.id, body)).changes.length
    })
    if (!kept) return
    tell(t('exams.regradeDone', { count: changes }))
    done()
    close()
  }
  return (
    <Ask
      title={t('exams.regrade')}
      close={close}
      task={task}
      submit={t('exams.regradeDo')}
      stops
      send={() => void send()}
    >
      <p>
        <b>{named(question.title)}</b>
      </p>
      <NativeSelect
        label={t('exams.regradeHow')}
        value={how}
        onChange={(event) => setHow(event.currentTarget.value as (typeof HOWS)[number])}
        data={HOWS.map((one) => ({ value: one, label: t(`exams.regradeHows.${one}`) }))}
      />
      {how === 'key' && (
        <p className="sm">
          {t('exams.regradeKeyText')} <Link href={`/items/${question.item_id}`}>{t('exams.toItem')}</Link>
        </p>
      )}
      {how === 'key' && <Check label={t('exams.onlyUp')} checked={onlyUp} change={setOnlyUp} />}
      <Textarea
        label={t('exams.why')}
        description={t('exams.regradeWhyHelp')}
        value={why}
        maxLength={1000}
        rows={3}
        error={sent && !why.trim() ? t('common.fillIn') : undefined}
        onChange={(event) => setWhy(event.currentTarget.value)}
      />
    </Ask>
  )
}

/** The record of what was marked again, by whom and why. */
export function Regrades({ exam, version }: { exam: ExamView; version: Results }) {
  const { t, i18n } = useTranslation()
  const { zone } = useMe()
  const exams = useExams()
  const list = useLoaded(() => exams.regrades(exam.id), [exam.id, version], true)
  if (list.phase !== 'ready' || list.value.items.length === 0) return null
  const language = i18n.language
  return (
    <More summary={t('exams.regrades', { count: list.value.items.length })}>
      <ul className={exam_.list}>
        {list.value.items.map(({ id, title, how, why, by, at, changes }) => (
          <li key={id} data-regrade={how}>
            <div className={exam_.main}>
              <b>{named(title)}</b>
              <span>
                {t(`exams.regradeHows.${how}`)}: {why}
              </span>
              <span className="muted sm">
                {by}, {dayOf(at, zone)} {timeOf(at, zone)}
              </span>
              {changes.length > 0 && (
                <details>
                  <summary className="tap">{t('exams.regradeChanged', { count: changes.length })}</summary>
                  <ul className="sm num">
                    {changes.map((one) => (
                      <li key={one.sitting_id}>
                        {one.name || one.number}: {shownNumber(one.before, language)} / {shownNumber(one.most_before, language)} →{' '}
                        {shownNumber(one.after, language)} / {shownNumber(one.most_after, language)}
                      </li>
                    ))}
                  </ul>
                </details>
              )}
            </div>
          </li>
        ))}
      </ul>
    </More>
  )
}
