import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { PollAnswers, PollView } from '../../../api/types'
import { explain } from '../../../base/errors'
import { currentLanguage } from '../../../base/i18n'
import { useValue } from '../../../base/react'
import { FieldError } from '../../../ui/FieldError'
import { Problem } from '../../../ui/Problem'
import { Waiting } from '../../../ui/Waiting'
import { bytesOf } from '../../import/model'
import { attempt } from '../room/attempt'
import { Ask } from './Ask'
import { Bars, useOptions } from './Bars'
import type { PollsModel } from './model'
import type { Polls as State } from './reducer'
import { Vote } from './Vote'
import classes from './View.module.css'

/** The polls of a lesson: who leads asks, all others answer. */
export default function Polls({ model }: { model: PollsModel }) {
  const { t } = useTranslation()
  const synced = useValue(model.polls)
  return (
    <div className={classes.panel}>
      {synced.phase === 'loading' && <Waiting>{t('polls.loading')}</Waiting>}
      {synced.phase === 'failed' && <Problem error={synced.error} retry={() => model.retry()} />}
      {synced.phase === 'ready' && <Ready model={model} state={synced.state} />}
    </div>
  )
}

function Ready({ model, state }: { model: PollsModel; state: State }) {
  const { t } = useTranslation()
  const { error } = useValue(model.doing.state)
  const [own, setOwn] = useState(false)
  return (
    <>
      {state.leads && !own && (
        <div className={classes.templates} role="group" aria-label={t('polls.start')}>
          <Button size="sm" onClick={() => void model.ask({ kind: 'yes_no' })}>
            {t('polls.yesNo')}
          </Button>
          <Button
            size="sm"
            onClick={() => void model.ask({ kind: 'single', options: ['A', 'B', 'C', 'D'] })}
          >
            {t('polls.abcd')}
          </Button>
          <Button size="sm" variant="default" onClick={() => setOwn(true)}>
            {t('polls.own')}
          </Button>
        </div>
      )}
      {state.leads && !own && error !== null && <FieldError>{explain(error)}</FieldError>}
      {own && <Ask model={model} done={() => setOwn(false)} />}
      {state.items.length === 0 && !own && (
        <p className="sm muted">{t(state.leads ? 'polls.emptyLeads' : 'polls.empty')}</p>
      )}
      <ol className={classes.list}>
        {state.items.toReversed().map((poll) => (
          <li key={poll.id}>
            <One model={model} poll={poll} leads={state.leads} />
          </li>
        ))}
      </ol>
    </>
  )
}

function One({ model, poll, leads }: { model: PollsModel; poll: PollView; leads: boolean }) {
  const { t } = useTranslation()
  const open = poll.closed_at === null
  return (
    <article className={classes.one} data-poll-state={open ? 'open' : 'closed'}>
      <h2>{poll.question || t('polls.asked')}</h2>
      <p className="sm muted">
        {t(open ? 'polls.isOpen' : poll.published ? 'polls.isPublished' : 'polls.isClosed')}
      </p>
      {open && !leads && <Vote model={model} poll={poll} />}
      {!open && !leads && poll.right && poll.right.length > 0 && <Right poll={poll} />}
      <Bars poll={poll} />
      {leads && <Deeds model={model} poll={poll} />}
    </article>
  )
}

/** The right answers, and whether one's own was. */
function Right({ poll }: { poll: PollView }) {
  const { t } = useTranslation()
  const options = useOptions(poll)
  const right = poll.right!.map((place) => options[place]).join(', ')
  const mine = poll.mine && String(poll.mine.choices) === String(poll.right)
  return (
    <p data-right={mine ?? undefined}>
      {t('polls.right')}: <b>{right}</b>
      {poll.mine && <> · {t(mine ? 'polls.youWereRight' : 'polls.youWereWrong')}</>}
    </p>
  )
}

function Deeds({ model, poll }: { model: PollsModel; poll: PollView }) {
  const { t } = useTranslation()
  const [answers, setAnswers] = useState<PollAnswers | null>(null)
  const show = () => void attempt(model.answers(poll).then(setAnswers))
  const take = (format: 'csv' | 'xlsx') =>
    void attempt(model.table(poll, format, currentLanguage()).then(save))
  return (
    <>
      <div className={classes.deeds}>
        {poll.closed_at === null && (
          <Button size="xs" variant="default" onClick={() => void model.close(poll)}>
            {t('polls.close')}
          </Button>
        )}
        {!poll.published && (
          <Button size="xs" variant="default" onClick={() => void model.publish(poll)}>
            {t(poll.closed_at === null ? 'polls.closeAndShow' : 'polls.publish')}
          </Button>
        )}
        <Button
          size="xs"
          variant="default"
          aria-expanded={answers !== null}
          onClick={() => (answers ? setAnswers(null) : show())}
        >
          {t('polls.answers')}
        </Button>
        <Button size="xs" variant="default" onClick={() => take('xlsx')}>
          Excel
        </Button>
        <Button size="xs" variant="default" onClick={() => take('csv')}>
          CSV
        </Button>
      </div>
      {answers && <Given answers={answers} />}
    </>
  )
}

function Given({ answers }: { answers: PollAnswers }) {
  const { t } = useTranslation()
  const options = useOptions(answers.poll)
  if (answers.items.length === 0) return <p className="sm muted">{t('polls.nobody')}</p>
  return (
    <ul className={classes.given}>
      {answers.items.map(({ voter, choices, text }, place) => (
        <li key={voter?.id ?? place}>
          {voter && <b>{voter.name}: </b>}
          {text || choices.map((one) => options[one]).join(', ')}
        </li>
      ))}
    </ul>
  )
}

function save(file: { name: string; type: string; content: string }): void {
  const url = URL.createObjectURL(new Blob([bytesOf(file.content)], { type: file.type }))
  const link = document.createElement('a')
  link.href = url
  link.download = file.name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
