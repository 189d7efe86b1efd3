import { Button, Textarea } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { explain } from '../../base/errors'
import { dayOf, timeOf } from '../../base/format'
import { useMe } from '../../me'
import { FieldError } from '../../ui/FieldError'
import { Icon } from '../../ui/Icon'
import { type Task, useTask } from '../school/context'
import { Ask } from '../school/form'
import { tell } from '../school/tell'
import type { Api } from './api'
import { easeOf, type State, tellingOf } from './list'
import { StateSign } from './Rows'
import type { ItemView } from './shapes'
import { actsOf, type Act } from './review'
import classes from './bank.module.css'

interface Props {
  kept: ItemView
  /** Something is written that is not kept: first keep it. */
  changed: boolean
  show: (view: ItemView) => void
  api: Pick<Api, 'setState'>
  bank: string
}

/** Where the question stands on its way, what others said of it, its versions, and how it did in exams. */
export function About({ kept, changed, show, api }: Props) {
  const { t } = useTranslation()
  const task = useTask()
  const [returning, setReturning] = useState<Act | null>(null)
  const { row, may, shown_version } = kept
  const isOld = shown_version !== row.version
  const acts = isOld ? [] : actsOf(kept)
  const go = (state: State, comment = '') =>
    task.run(async () => {
      show(await api.setState(row.id, row.version, state, comment))
      tell(t(`bank.stateNow.${state}`))
    })
  return (
    <section className={`card ${classes.aboutItem}`} aria-label={t('bank.way')} data-item-state={row.state}>
      <div className={classes.row}>
        <StateSign state={row.state} sound={row.sound} />
        <span className="muted sm">
          {t('bank.versionBy', { version: row.version, author: row.author || t('bank.nobody') })}
        </span>
        {isOld && (
          <span className="st attn">
            {t('bank.oldVersion', { version: shown_version })}{' '}
            <Link href={`/items/${row.id}`}>{t('bank.toNewest')}</Link>
          </span>
        )}
      </div>
      {row.state === 'review' && !may.includes('review') && <p className="muted sm">{t('bank.waitsForOther')}</p>}
      {acts.length > 0 && (
        <div className={classes.row}>
          {acts.map((act) => (
            <Button
              key={act.name}
              size="sm"
              variant="default"
              disabled={task.busy || changed || (act.needsSound && !row.sound)}
              onClick={() => (act.asks ? setReturning(act) : void go(act.to))}
            >
              {t(`bank.act.${act.name}`)}
            </Button>
          ))}
          {changed && <span className="muted sm">{t('bank.keepFirst')}</span>}
        </div>
      )}
      {task.error !== null && returning === null && <FieldError>{explain(task.error)}</FieldError>}
      <Reviews kept={kept} />
      <Versions kept={kept} />
      <Uses kept={kept} />
      {returning && <Return act={returning} task={task} close={() => setReturning(null)} send={(comment) => go(returning.to, comment)} />}
    </section>
  )
}

interface ReturnProps {
  act: Act
  task: Task
  close: () => void
  send: (comment: string) => Promise<boolean>
}

/** A verdict with its comment. */
function Return({ act, task, close, send }: ReturnProps) {
  const { t } = useTranslation()
  const [comment, setComment] = useState('')
  const [tried, setTried] = useState(false)
  const needed = act.name === 'return'
  const submit = async () => {
    setTried(true)
    if (needed && !comment.trim()) return
    if (await send(comment.trim())) close()
  }
  return (
    <Ask title={t(`bank.act.${act.name}`)} close={close} task={task} submit={t(`bank.act.${act.name}`)} send={() => void submit()}>
      <Textarea
        label={t('bank.comment')}
        description={t(needed ? 'bank.commentNeeded' : 'bank.commentFree')}
        value={comment}
        rows={4}
        maxLength={2000}
        data-autofocus
        error={tried && needed && !comment.trim() && t('common.fillIn')}
        onChange={(event) => setComment(event.currentTarget.value)}
      />
    </Ask>
  )
}

function Reviews({ kept }: { kept: ItemView }) {
  const { t } = useTranslation()
  const { zone } = useMe()
  if (kept.reviews.length === 0) return null
  return (
    <ul className={classes.reviews} aria-label={t('bank.reviews')}>
      {[...kept.reviews].reverse().map((one) => (
        <li key={`${one.at} ${one.reviewer_id}`} data-verdict={one.verdict}>
          <span className={`st ${one.verdict === 'approve' ? 'ok' : 'attn'}`}>{t(`bank.verdict.${one.verdict}`)}</span>
          <span className="muted sm">
            {one.reviewer} · {dayOf(one.at, zone)}, {timeOf(one.at, zone)} · {t('bank.version', { version: one.version })}
          </span>
          {one.comment && <p>{one.comment}</p>}
        </li>
      ))}
    </ul>
  )
}

function Versions({ kept }: { kept: ItemView }) {
  const { t } = useTranslation()
  const { zone } = useMe()
  if (kept.versions.length < 2) return null
  return (
    <details className={classes.folded}>
      <summary>
        <Icon name="chevron-right" size={18} />
        {t('bank.versions', { count: kept.versions.length })}
      </summary>
      <ul className={classes.inside}>
        {[...kept.versions]
          .sort((a, b) => b.version - a.version)
          .map((one) => (
            <li key={one.version}>
              <Link
                href={one.version === kept.row.version ? `/items/${kept.row.id}` : `/items/${kept.row.id}?version=${one.version}`}
                aria-current={one.version === kept.shown_version ? 'page' : undefined}
              >
                {t('bank.version', { version: one.version })}
              </Link>{' '}
              <span className="muted sm">
                {one.author || t('bank.nobody')} · {dayOf(one.at, zone)}, {timeOf(one.at, zone)}
              </span>
            </li>
          ))}
      </ul>
    </details>
  )
}

function Uses({ kept }: { kept: ItemView }) {
  const { t } = useTranslation()
  if (kept.uses.length === 0) return null
  return (
    <details className={classes.folded}>
      <summary>
        <Icon name="chevron-right" size={18} />
        {t('bank.uses', { count: kept.uses.length })}
      </summary>
      <ul className={`${classes.inside} ${classes.uses}`}>
        {kept.uses.map((one) => (
          <li key={`${one.exam_id} ${one.version}`} data-use={one.exam_id}>
            <b>{one.title || t('bank.anExam')}</b>
            <span className="muted sm">{t('bank.asked', { count: one.asked })}</span>
            {one.facility !== null && (
              <span className="sm">
                {t('bank.facility', { percent: Math.round(one.facility * 100) })}: {t(`bank.ease.${easeOf(one.facility)}`)}
              </span>
            )}
            {one.discrimination !== null && (
              <span className="sm">
                {t('bank.discrimination', { number: one.discrimination.toFixed(2) })}: {t(`bank.telling.${tellingOf(one.discrimination)}`)}
              </span>
            )}
          </li>
        ))}
      </ul>
    </details>
  )
}
