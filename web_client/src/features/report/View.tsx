import { Button, NativeSelect } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { LessonReport } from '../../api/types'
import { dayOf, timeOf } from '../../base/format'
import { useModel, useValue } from '../../base/react'
import { useMe } from '../../me'
import { useServices } from '../../services'
import { Icon } from '../../ui/Icon'
import { lessonName } from '../../ui/lessonName'
import { usePage } from '../../ui/page'
import { Problem } from '../../ui/Problem'
import { Waiting } from '../../ui/Waiting'
import { Loaded } from '../school/loaded'
import { asCsv, minutesAndSeconds, type Order, ordered } from './model'
import classes from './View.module.css'

/** Who was in a lesson, for how long, spoke and wrote: for its teacher, never for learners. */
export default function Report({ lessonId }: { lessonId: string }) {
  const { t } = useTranslation()
  const { api } = useServices()
  const heading = usePage(t('report.title'))
  const loaded = useModel((scope) => new Loaded(scope, () => api.lessonReport(lessonId)), [lessonId])
  return (
    <main id="main" className={classes.page} tabIndex={-1}>
      <h1 ref={heading} tabIndex={-1}>
        {t('report.title')}
      </h1>
      {loaded && <Body loaded={loaded} />}
    </main>
  )
}

function Body({ loaded }: { loaded: Loaded<LessonReport> }) {
  const { t } = useTranslation()
  const read = useValue(loaded.state)
  if (read.phase === 'loading') return <Waiting>{t('app.loading')}</Waiting>
  if (read.phase === 'failed') return <Problem error={read.error} retry={() => loaded.again()} />
  return <Read report={read.value} />
}

function Read({ report }: { report: LessonReport }) {
  const { t } = useTranslation()
  const { zone } = useMe()
  const [by, setBy] = useState<Order>('name')
  const { lesson } = report
  const { first, second } = lessonName(lesson)
  const head = ['name', 'minutes', 'came', 'went', 'times', 'spoke', 'messages', 'polls'] as const
  const save = () => {
    const rows = report.lines.map((one) => [
      one.name,
      one.minutes,
      one.came ? timeOf(one.came, zone) : '',
      one.went ? timeOf(one.went, zone) : '',
      one.times,
      one.spoke,
      one.messages,
      one.polls,
    ])
    const file = new Blob([asCsv(head.map((key) => t(`report.${key}`)), rows)], { type: 'text/csv' })
    const link = document.createElement('a')
    link.href = URL.createObjectURL(file)
    link.download = `${t('report.title')} ${lesson.group}.csv`
    link.click()
    URL.revokeObjectURL(link.href)
  }
  return (
    <>
      <p>
        <b>{first}</b>
        {second && ` · ${second}`} · {dayOf(lesson.starts_at, zone)},{' '}
        <span className="num">{timeOf(lesson.starts_at, zone)}</span>
      </p>
      <p className={classes.sum} role="status">
        {t('report.present', { present: report.present, expected: report.expected })}
      </p>
      <p className="muted sm">{t('report.text')}</p>
      <div className={classes.acts}>
        <NativeSelect
          label={t('report.order')}
          value={by}
          onChange={(event) => setBy(event.currentTarget.value as Order)}
          data={(['name', 'minutes', 'spoke', 'messages'] as const).map((value) => ({
            value,
            label: t(`report.${value}`),
          }))}
        />
        <Button variant="default" leftSection={<Icon name="download" size={18} />} onClick={save}>
          {t('report.save')}
        </Button>
        <Button component={Link} href="/" variant="subtle">
          {t('common.home')}
        </Button>
      </div>
      {report.lines.length === 0 ? (
        <p className="muted">{t('report.nobody')}</p>
      ) : (
        <div className={classes.wide}>
          <table className={classes.table} aria-label={t('report.title')}>
            <thead>
              <tr>
                {head.map((key) => (
                  <th key={key} scope="col" className={key === 'name' ? undefined : classes.number}>
                    {t(`report.${key}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {ordered(report.lines, by).map((one) => (
                <tr key={one.person_id} data-absent={one.expected && one.times === 0}>
                  <th scope="row">
                    {one.name}
                    {!one.expected && <span className="muted sm"> · {t('report.guest')}</span>}
                    {one.expected && one.times === 0 && lesson.state === 'ended' && (
                      <span className="muted sm"> · {t('report.absent')}</span>
                    )}
                  </th>
                  <td>{one.minutes || '–'}</td>
                  <td>{one.came ? timeOf(one.came, zone) : '–'}</td>
                  <td>{one.went ? timeOf(one.went, zone) : '–'}</td>
                  <td>{one.times || '–'}</td>
                  <td>{one.spoke ? minutesAndSeconds(one.spoke) : '–'}</td>
                  <td>{one.messages || '–'}</td>
                  <td>{one.polls ? `${one.polls} / ${report.polls}` : '–'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  )
}
