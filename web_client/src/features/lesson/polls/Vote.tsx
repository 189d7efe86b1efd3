import { Button, Textarea } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { PollView } from '../../../api/types'
import { explain } from '../../../base/errors'
import { useValue } from '../../../base/react'
import { useServices } from '../../../services'
import { FieldError } from '../../../ui/FieldError'
import { isCommand } from '../room/model'
import { useOptions } from './Bars'
import type { PollsModel } from './model'
import classes from './View.module.css'

/** Answering by one tap, or by the keys 1 to 6. */
export function Vote({ model, poll }: { model: PollsModel; poll: PollView }) {
  const { t } = useTranslation()
  const { busy, error } = useValue(model.doing.state)
  const locked = busy || (poll.mine !== null && !poll.may_change)
  return (
    <div className={classes.vote}>
      {poll.kind === 'text' ? (
        <Words key={poll.id} model={model} poll={poll} locked={locked} />
      ) : (
        <Options key={poll.id} model={model} poll={poll} locked={locked} />
      )}
      {error !== null && <FieldError>{explain(error)}</FieldError>}
      {poll.mine && (
        <p className="sm" role="status" data-voted={poll.id}>
          {t(poll.may_change ? 'polls.takenMayChange' : 'polls.taken')}
        </p>
      )}
      {poll.anonymous && <p className="sm muted">{t('polls.anonymousNote')}</p>}
    </div>
  )
}

function Options(props: { model: PollsModel; poll: PollView; locked: boolean }) {
  const { t } = useTranslation()
  const { model, poll, locked } = props
  const letterKeys = useValue(useServices().preferences.letterKeys)
  const options = useOptions(poll)
  const many = poll.kind === 'multiple'
  const [chosen, setChosen] = useState<readonly number[]>(poll.mine?.choices ?? [])
  const press = (place: number) => {
    if (locked) return
    if (!many) return void model.vote(poll, [place])
    setChosen((all) =>
      all.includes(place) ? all.filter((one) => one !== place) : [...all, place].sort(),
    )
  }
  useEffect(() => {
    if (!letterKeys) return
    const key = (event: KeyboardEvent) => {
      const place = Number(event.key) - 1
      if (!isCommand(event) || !(place >= 0 && place < Math.min(6, options.length))) return
      event.preventDefault()
      press(place)
    }
    document.addEventListener('keydown', key)
    return () => document.removeEventListener('keydown', key)
  })
  const on = many ? chosen : (poll.mine?.choices ?? [])
  return (
    <>
      <div
        className={classes.options}
        role="group"
        aria-label={poll.question || t('polls.question')}
      >
        {options.map((option, place) => (
          <button
            key={place}
            type="button"
            aria-pressed={on.includes(place)}
            aria-disabled={locked || undefined}
            data-option={place}
            onClick={() => press(place)}
          >
            {letterKeys && place < 6 && (
              <kbd className="kbd" aria-hidden="true">
                {place + 1}
              </kbd>
            )}
            <span>{option}</span>
          </button>
        ))}
      </div>
      {many && (
        <Button
          disabled={locked || chosen.length === 0}
          onClick={() => void model.vote(poll, [...chosen])}
        >
          {t('polls.answer')}
        </Button>
      )}
    </>
  )
}

function Words(props: { model: PollsModel; poll: PollView; locked: boolean }) {
  const { t } = useTranslation()
  const { model, poll, locked } = props
  const [text, setText] = useState(poll.mine?.text ?? '')
  return (
    <>
      <Textarea
        label={t('polls.yourAnswer')}
        value={text}
        autosize
        minRows={2}
        maxRows={5}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Button disabled={locked || !text.trim()} onClick={() => void model.vote(poll, [], text)}>
        {t('polls.answer')}
      </Button>
    </>
  )
}
