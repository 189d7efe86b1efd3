import { Button, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import { explain } from '../../base/errors'
import { useValue } from '../../base/react'
import { FieldError } from '../../ui/FieldError'
import { Icon } from '../../ui/Icon'
import type { TodayModel } from './model'
import classes from './View.module.css'

/** A lesson that stands in no timetable: one tap, and its link can be shared. */
export function StartLesson({ model }: { model: TodayModel }) {
  const { t } = useTranslation()
  const [, go] = useLocation()
  const [title, setTitle] = useState('')
  const { busy, error } = useValue(model.starting)
  const start = async (event: FormEvent) => {
    event.preventDefault()
    const id = await model.startLesson(title.trim() || t('today.unplanned'))
    if (id) go(`/lessons/${id}`)
  }
  return (
    <section className={`card ${classes.start}`}>
      <h2>{t('today.startTitle')}</h2>
      <p className="sm muted">{t('today.startText')}</p>
      <form onSubmit={(event) => void start(event)}>
        <TextInput
          label={t('today.topic')}
          placeholder={t('today.unplanned')}
          value={title}
          maxLength={120}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        {error !== null && <FieldError>{explain(error)}</FieldError>}
        <Button
          type="submit"
          variant="default"
          disabled={busy}
          leftSection={<Icon name="plus" size={18} />}
        >
          {t('today.start')}
        </Button>
      </form>
    </section>
  )
}
