import { Button, Checkbox, NativeSelect, Textarea, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { PollView } from '../../../api/types'
import { explain } from '../../../base/errors'
import { useValue } from '../../../base/react'
import { FieldError } from '../../../ui/FieldError'
import type { PollsModel } from './model'
import classes from './View.module.css'

type Kind = PollView['kind']
const KINDS: readonly Kind[] = ['single', 'multiple', 'yes_no', 'text']
const MOST = 12

/** A question in one's own words. Whoever marks a right option asks a quiz. */
export function Ask({ model, done }: { model: PollsModel; done: () => void }) {
  const { t } = useTranslation()
  const { busy, error } = useValue(model.doing.state)
  const [kind, setKind] = useState<Kind>('single')
  const [question, setQuestion] = useState('')
  const [options, setOptions] = useState(['', ''])
  const [right, setRight] = useState<readonly number[]>([])
  const [anonymous, setAnonymous] = useState(false)
  const [live, setLive] = useState(false)
  const listed = kind === 'single' || kind === 'multiple'
  const shown = kind === 'yes_no' ? [t('polls.yes'), t('polls.no')] : options
  const send = async (event: FormEvent) => {
    event.preventDefault()
    const poll = { kind, question, options: listed ? options : [], right: [...right], anonymous, live }
    if (await model.ask(poll)) done()
  }
  const mark = (place: number, on: boolean) =>
    setRight((all) => {
      const others = kind === 'multiple' ? all.filter((one) => one !== place) : []
      return on ? [...others, place] : others
    })
  const change = (place: number, text: string) =>
    setOptions((all) => all.map((one, at) => (at === place ? text : one)))
  return (
    <form className={classes.ask} onSubmit={(event) => void send(event)}>
      <Textarea
        label={t('polls.question')}
        value={question}
        autosize
        minRows={2}
        maxRows={6}
        data-autofocus
        onChange={(event) => setQuestion(event.currentTarget.value)}
      />
      <NativeSelect
        label={t('polls.kind.title')}
        value={kind}
        data={KINDS.map((value) => ({ value, label: t(`polls.kind.${value}`) }))}
        onChange={(event) => {
          setKind(event.currentTarget.value as Kind)
          setRight([])
        }}
      />
      {kind !== 'text' &&
        shown.map((option, place) => (
          <div key={place} className={classes.line}>
            {listed ? (
              <TextInput
                className="grow"
                aria-label={t('polls.option', { number: place + 1 })}
                placeholder={t('polls.option', { number: place + 1 })}
                value={option}
                onChange={(event) => change(place, event.currentTarget.value)}
              />
            ) : (
              <span className="grow">{option}</span>
            )}
            <Checkbox
              label={t('polls.right')}
              checked={right.includes(place)}
              onChange={(event) => mark(place, event.currentTarget.checked)}
            />
          </div>
        ))}
      {listed && options.length < MOST && (
        <Button variant="subtle" size="sm" onClick={() => setOptions((all) => [...all, ''])}>
          {t('polls.addOption')}
        </Button>
      )}
      <Checkbox
        label={t('polls.anonymous')}
        checked={anonymous}
        onChange={(event) => setAnonymous(event.currentTarget.checked)}
      />
      {kind !== 'text' && (
        <Checkbox
          label={t('polls.live')}
          checked={live}
          onChange={(event) => setLive(event.currentTarget.checked)}
        />
      )}
      {error !== null && <FieldError>{explain(error)}</FieldError>}
      <div className={classes.deeds}>
        <Button type="submit" size="sm" disabled={busy}>
          {t('polls.ask')}
        </Button>
        <Button variant="default" size="sm" onClick={done}>
          {t('common.cancel')}
        </Button>
      </div>
    </form>
  )
}
